package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/fault"
)

// spoiled is a command that is run through a proxy, in a workspace of its own for each fault.
type spoiled struct {
	// prepare are commands that make the old state; args is the command. NS stands for the workspace.
	prepare [][]string
	args    []string
	// keeps returns whether the one whose role changes has one of his roles, in each state that may be seen.
	keeps func(names map[string]string) bool
}

func fillIn(args []string, namespace string) []string {
	out := make([]string, 0, len(args))
	for _, arg := range args {
		out = append(out, strings.ReplaceAll(arg, "NS", namespace))
	}
	return out
}

// lane is one proxy with a home of its own, whose caches are warm. Lanes run beside each other.
type lane struct {
	proxy  *fault.Proxy
	home   home
	client dynamic.Interface
}

func newLane(t *testing.T, cp *controlplane.ControlPlane) *lane {
	t.Helper()
	config := rest.CopyConfig(cp.AdminConfig())
	config.WarningHandler = rest.NoWarnings{}
	proxy, err := fault.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Down)
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "config")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: %q}}],
		users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, proxy.URL())
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l := &lane{proxy: proxy, home: home{dir: dir, kubeconfig: kubeconfig}, client: client}
	l.run(t, "contrib", "list", "-A").want(t, 0)
	l.run(t, "profile", "list").want(t, 0)
	return l
}

// run runs a plugin's command with a short patience for answers that don't come.
func (l *lane) run(t *testing.T, args ...string) outcome {
	t.Helper()
	plugin := filepath.Join(shared.bin, "kubectl-"+args[0])
	return l.home.run(t, nil, plugin, append(args[1:], "--request-timeout=3s")...)
}

var faultKinds = []schema.GroupVersionResource{
	pairKinds[0], pairKinds[1],
	{Group: "kubeflow.org", Version: "v1", Resource: "profiles"},
	{Version: "v1", Resource: "namespaces"},
}

// state returns the objects of a workspace by kind and name, as a person would have written them, with the workspace's
// name left out, so that workspaces can be compared.
func (l *lane) state(t *testing.T, namespace string) map[string]string {
	t.Helper()
	out := map[string]string{}
	add := func(o *unstructured.Unstructured) {
		o = o.DeepCopy()
		for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
			unstructured.RemoveNestedField(o.Object, "metadata", field)
		}
		delete(o.Object, "status")
		data, err := json.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(strings.ToLower(o.GetKind())+"/"+o.GetName(), namespace, "NS")
		out[name] = strings.ReplaceAll(string(data), namespace, "NS")
	}
	for i, kind := range faultKinds {
		if i < len(pairKinds) {
			list, err := l.client.Resource(kind).Namespace(namespace).List(t.Context(), metav1.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			for j := range list.Items {
				add(&list.Items[j])
			}
			continue
		}
		o, err := l.client.Resource(kind).Get(t.Context(), namespace, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		add(o)
	}
	return out
}

// has reports whether one of the bindings is for the subject.
func has(state map[string]string, subject string) bool {
	for name, object := range state {
		if strings.HasPrefix(name, "rolebinding/") && strings.Contains(object, `"name":"`+subject+`"`) {
			return true
		}
	}
	return false
}
