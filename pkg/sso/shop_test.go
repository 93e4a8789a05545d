package sso_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// "kubectl apply -f examples/kalm" takes the files by their names: a namespace has to come before what is in it.
func TestExampleApplies(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/kalm/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("the example has no manifests: %v", err)
	}
	there, objects := map[string]bool{"": true}, 0
	for _, file := range files { // Glob sorts
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for text := range strings.SplitSeq(string(data), "\n---\n") {
			u := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
				t.Fatalf("read %s: %v", file, err)
			}
			if u.Object == nil {
				continue // a comment
			}
			objects++
			if u.GetKind() == "Namespace" {
				there[u.GetName()] = true
			}
			if !there[u.GetNamespace()] {
				t.Errorf("%s: %s %s is made before its namespace %s", filepath.Base(file), u.GetKind(), u.GetName(), u.GetNamespace())
			}
		}
	}
	if objects < 20 {
		t.Errorf("%d objects were looked at: there are more", objects)
	}
}
