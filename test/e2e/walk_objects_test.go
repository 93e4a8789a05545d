package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/dynamic"
)

// walkKinds are the kinds that workspaces are made of.
var walkKinds = []schema.GroupVersionResource{
	{Group: "kubeflow.org", Version: "v1", Resource: "profiles"},
	{Version: "v1", Resource: "namespaces"},
	{Version: "v1", Resource: "serviceaccounts"},
	{Version: "v1", Resource: "resourcequotas"},
	{Version: "v1", Resource: "limitranges"},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	{Group: "security.istio.io", Version: "v1beta1", Resource: "authorizationpolicies"},
	{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"},
}

// stock is all objects of a few namespaces, field by field, by kind, namespace and name.
type stock map[string]map[string]any

// stored returns what a server stores of the workspaces, without what only a server writes, and without what Kubernetes
// makes in every namespace.
func stored(t *testing.T, client dynamic.Interface, namespaces ...string) stock {
	t.Helper()
	out := stock{}
	uids := map[string]string{}
	for _, kind := range walkKinds {
		list, err := client.Resource(kind).List(t.Context(), metav1.ListOptions{})
		if apierrors.IsNotFound(err) {
			continue // a cluster without Kubeflow
		}
		if err != nil {
			t.Fatalf("list %s: %v", kind.Resource, err)
		}
		for i := range list.Items {
			o := &list.Items[i]
			place := o.GetNamespace() + o.GetName()
			if o.GetNamespace() != "" {
				place = o.GetNamespace()
			}
			if !slices.Contains(namespaces, place) || o.GetKind() == "ServiceAccount" && o.GetName() == "default" {
				continue
			}
			if o.GetKind() == "Profile" {
				uids[string(o.GetUID())] = "UID of " + o.GetName()
			}
			out[objectKey(o)] = plain(o, uids)
		}
	}
	return out
}

func objectKey(o *unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s/%s", o.GetKind(), o.GetNamespace(), o.GetName())
}

// plain takes out what only a server writes. The UID of a profile becomes a word, as nobody knows it beforehand.
func plain(o *unstructured.Unstructured, uids map[string]string) map[string]any {
	o = o.DeepCopy()
	for _, field := range []string{"uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
		unstructured.RemoveNestedField(o.Object, "metadata", field)
	}
	unstructured.RemoveNestedField(o.Object, "status")
	if o.GetKind() == "Namespace" {
		unstructured.RemoveNestedField(o.Object, "spec")
		unstructured.RemoveNestedField(o.Object, "metadata", "labels", "kubernetes.io/metadata.name")
	}
	references := o.GetOwnerReferences()
	for i := range references {
		if word, known := uids[string(references[i].UID)]; known {
			references[i].UID = types.UID(word)
		}
	}
	if len(references) > 0 {
		o.SetOwnerReferences(references)
	}
	return o.Object
}

// goldenObjects reads the objects of a file in testdata/walk.
func goldenObjects(t *testing.T, names ...string) stock {
	t.Helper()
	out := stock{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join("testdata", "walk", name+".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), 4096)
		for {
			o := &unstructured.Unstructured{}
			if err := decoder.Decode(o); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[objectKey(o)] = o.Object
		}
	}
	return out
}

// with returns the objects with one field changed.
func (o stock) with(t *testing.T, key string, value any, path ...string) stock {
	t.Helper()
	out := maps.Clone(o)
	u := (&unstructured.Unstructured{Object: o[key]}).DeepCopy()
	if err := unstructured.SetNestedField(u.Object, value, path...); err != nil {
		t.Fatalf("%s: set %s: %v", key, strings.Join(path, "."), err)
	}
	out[key] = u.Object
	return out
}

// eventually waits until the server stores exactly these objects.
func (o stock) eventually(t *testing.T, client dynamic.Interface, when string, namespaces ...string) {
	t.Helper()
	const patience = 20 * time.Second
	diff := ""
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(100 * time.Millisecond) {
		if diff = cmp.Diff(o, stored(t, client, namespaces...)); diff == "" {
			return
		}
	}
	t.Errorf("%s: what is stored differs (-want +got):\n%s", when, diff)
}

// plus returns both.
func (o stock) plus(more stock) stock {
	out := maps.Clone(o)
	maps.Copy(out, more)
	return out
}
