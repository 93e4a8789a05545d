package controlplane

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/json" // whole numbers stay whole
	"k8s.io/apimachinery/pkg/util/yaml"
	sigsyaml "sigs.k8s.io/yaml"
)

// manifest is one object to apply and where it comes from.
type manifest struct {
	object *unstructured.Unstructured
	file   string // "" = made in code
}

// kind returns the object's group and kind; empty for a document that is no Kubernetes object.
func (m manifest) kind() schema.GroupKind { return m.object.GroupVersionKind().GroupKind() }

// wrap says which object of which file an error is about.
func (m manifest) wrap(err error) error {
	name := strings.TrimPrefix(m.object.GetNamespace()+"/"+m.object.GetName(), "/")
	if m.file == "" {
		return fmt.Errorf("apply %s %s: %w", m.object.GetKind(), name, err)
	}
	return fmt.Errorf("apply %s: %s %s: %w", m.file, m.object.GetKind(), name, err)
}

// readManifests returns the objects of files, and of all YAML and JSON files below directories (but kustomizations, which are no objects), in
// the order of their names. Lists are taken apart.
func readManifests(paths []string) ([]manifest, error) {
	var all []manifest
	for _, path := range paths {
		files, err := manifestFiles(path)
		if err != nil {
			return nil, fmt.Errorf("find manifests: %w", err)
		}
		for _, file := range files {
			objects, err := readManifest(file)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", file, err)
			}
			all = append(all, objects...)
		}
	}
	return all, nil
}

func manifestFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	var files []string
	err = filepath.WalkDir(path, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		isManifest := slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file))
		if !entry.IsDir() && isManifest && !strings.HasPrefix(entry.Name(), "kustomization.") {
			files = append(files, file)
		}
		return nil
	})
	return files, err
}

// readManifest returns the objects of one file: YAML documents or JSON.
func readManifest(file string) ([]manifest, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var all []manifest
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, err
		}
		text, err := sigsyaml.YAMLToJSON(document)
		if err != nil {
			return nil, err
		}
		var fields any
		if err := json.Unmarshal(text, &fields); err != nil {
			return nil, err
		}
		switch fields := fields.(type) {
		case nil: // only comments
		case map[string]any:
			all = append(all, takeApart(&unstructured.Unstructured{Object: fields}, file)...)
		default:
			all = append(all, manifest{&unstructured.Unstructured{Object: map[string]any{}}, file}) // no object at all
		}
	}
}

// takeApart returns the object, or the items of a List.
func takeApart(object *unstructured.Unstructured, file string) []manifest {
	items, isList := object.Object["items"].([]any)
	if !isList || !strings.HasSuffix(object.GetKind(), "List") {
		return []manifest{{object, file}}
	}
	var all []manifest
	for _, item := range items {
		if fields, ok := item.(map[string]any); ok {
			all = append(all, takeApart(&unstructured.Unstructured{Object: fields}, file)...)
		}
	}
	return all
}

// clean returns a copy without what a dump of a cluster has and an apply must not send.
func clean(object *unstructured.Unstructured) *unstructured.Unstructured {
	object = object.DeepCopy()
	for _, field := range []string{"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"} {
		unstructured.RemoveNestedField(object.Object, "metadata", field)
	}
	return object
}
