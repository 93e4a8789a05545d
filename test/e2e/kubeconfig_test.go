package e2e

import (
	"path/filepath"
	"testing"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// addContext adds to a kubeconfig a context of that name, with a server and no credentials.
func addContext(path, name, server string) error {
	config, err := clientcmd.LoadFromFile(path)
	if err != nil {
		return err
	}
	config.Clusters[name] = &api.Cluster{Server: server}
	config.Contexts[name] = &api.Context{Cluster: name}
	return clientcmd.WriteToFile(*config, path)
}

// homeAt makes a home whose only context, named "test", is a server without credentials.
func homeAt(t *testing.T, server string) home {
	t.Helper()
	path := filepath.Join(t.TempDir(), "kubeconfig")
	config := api.NewConfig()
	config.CurrentContext = "test"
	if err := clientcmd.WriteToFile(*config, path); err != nil {
		t.Fatal(err)
	}
	if err := addContext(path, "test", server); err != nil {
		t.Fatal(err)
	}
	return home{dir: t.TempDir(), kubeconfig: path}
}
