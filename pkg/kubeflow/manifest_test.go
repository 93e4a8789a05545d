package kubeflow_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// manifest writes objects as documents of YAML, without what every typed object has when it is empty.
func manifest(t *testing.T, list ...runtime.Object) string {
	t.Helper()
	documents := make([]string, 0, len(list))
	for _, object := range list {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			t.Fatal(err)
		}
		unstructured.RemoveNestedField(fields, "metadata", "creationTimestamp")
		for _, empty := range []string{"spec", "status"} {
			if m, ok := fields[empty].(map[string]any); ok && len(m) == 0 {
				delete(fields, empty)
			}
		}
		document, err := yaml.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(document))
	}
	return strings.Join(documents, "---\n")
}

// object reads an object from YAML.
func object(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	out := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &out.Object); err != nil {
		t.Fatal(err)
	}
	return out
}
