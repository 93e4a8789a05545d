package queueaccess

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
)

// locate says of each finding that does not say it where in the manifests its object is; what is about an object that is not
// there is about the KaiwoQueueConfig, which wants it. Stdin, and what can't be read as YAML, has no places.
func locate(found []finding.Finding, paths []string) {
	if len(paths) == 0 || !slices.ContainsFunc(found, func(f finding.Finding) bool { return f.Location.File == "" }) {
		return
	}
	places := map[string]finding.Location{}
	for _, path := range paths {
		// What can't be read was told when the objects were read.
		_ = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || name != path && !isManifest(name) {
				return err
			}
			content, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			placesIn(name, content, places)
			return nil
		})
	}
	for i, f := range found {
		if f.Location.File != "" {
			continue
		}
		place, there := places[f.Object]
		if !there {
			place = places["kaiwoqueueconfig "+kaiwo.ConfigName]
		}
		found[i].Location = place
	}
}

func isManifest(name string) bool {
	return slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(filepath.Ext(name)))
}

// placesIn adds the objects of a file, by their names as findings write them. Of several of a name, the last counts.
func placesIn(name string, content []byte, places map[string]finding.Location) {
	if !bytes.Contains(content, []byte("kind")) {
		return
	}
	reader := &document.Reader{File: name}
	_ = reader.Documents(content, func(n *yaml.Node) { placeOf(name, document.Target(n), places) })
}

func placeOf(file string, n *yaml.Node, places map[string]finding.Location) {
	kind, metadata := field(n, "kind"), field(n, "metadata")
	if kind == nil {
		return
	}
	if items := field(n, "items"); items != nil && strings.HasSuffix(kind.Value, "List") {
		for _, item := range items.Content {
			placeOf(file, document.Target(item), places)
		}
		return
	}
	name, namespace := field(metadata, "name"), field(metadata, "namespace")
	if name == nil {
		return
	}
	object := strings.ToLower(kind.Value) + " "
	if namespace != nil {
		object += namespace.Value + "/"
	}
	places[object+name.Value] = finding.Location{File: file, Line: n.Line}
}

// field returns the value of a field of a mapping; nil when there is none.
func field(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return document.Target(n.Content[i+1])
		}
	}
	return nil
}
