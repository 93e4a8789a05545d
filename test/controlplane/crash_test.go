package controlplane_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// TestCrash kills the API server and starts it again: what it had answered is still there, at the same address.
func TestCrash(t *testing.T) {
	t.Parallel()
	cp := controlplane.ForTest(t, controlplane.Options{WithoutControllers: true})
	client, err := kubernetes.NewForConfig(cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	namespaces := client.CoreV1().Namespaces()
	if err := cp.Restart(t.Context()); err == nil || err.Error() != "restart kube-apiserver: it has not ended" {
		t.Errorf("restart of a server that runs: %v", err)
	}
	kept := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kept"}}
	if _, err := namespaces.Create(t.Context(), kept, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	cp.Crash()
	if err := cp.Failure(); err == nil || !strings.Contains(err.Error(), "kube-apiserver ended (signal: killed)") {
		t.Errorf("failure: %v", err)
	}
	if _, err := namespaces.Get(t.Context(), "kept", metav1.GetOptions{}); err == nil {
		t.Error("a server that is gone answers")
	}
	if err := cp.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := namespaces.Get(t.Context(), "kept", metav1.GetOptions{}); err != nil {
		t.Errorf("after the restart: %v", err)
	}
	if err := cp.Failure(); err != nil {
		t.Errorf("after the restart: %v", err)
	}
}
