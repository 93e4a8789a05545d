package clusterauth

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
)

// lintPlane is a control plane that a template gave.
type lintPlane struct {
	lintDocument
	object string
	hosted bool
	// version is that of k0s, empty when it is not said.
	version string
	// flags are the arguments of the API server, in their order; a name may be there twice.
	flags []lintFlag
	// args are the arguments of k0s itself.
	args []string
	// files are those that Secrets are put into.
	files []lintFile
}

type lintFlag struct {
	name, value string
	node        *yaml.Node
}

// lintFile is a file of a control plane that comes from a Secret.
type lintFile struct {
	secret, key, path string
	// mode is the permissions as they are written, "420" or "0644"; empty when they are not. Octal says that it is a
	// text to be read so.
	mode  string
	octal bool
	// number says that they are no text.
	number bool
	node   *yaml.Node
}

// readPlanes returns the control planes among documents.
func readPlanes(documents []lintDocument) []lintPlane {
	var planes []lintPlane
	for _, d := range documents {
		if !strings.HasPrefix(word(d.root, "apiVersion"), "controlplane.cluster.x-k8s.io/") {
			continue
		}
		p := lintPlane{lintDocument: d, object: strings.ToLower(word(d.root, "kind")), version: word(d.root, "spec", "version")}
		if name := word(d.root, "metadata", "name"); name != "" {
			p.object += " " + name
		}
		switch word(d.root, "kind") {
		case "K0smotronControlPlane":
			p.hosted = true
			p.readFlags(under(d.root, "spec", "k0sConfig", "spec", "api", "extraArgs"))
			p.args = lintWords(under(d.root, "spec", "controlPlaneFlags"))
			for _, mount := range elements(under(d.root, "spec", "mounts")) {
				p.readMount(mount)
			}
		case "K0sControlPlane":
			p.readFlags(under(d.root, "spec", "k0sConfigSpec", "k0s", "spec", "api", "extraArgs"))
			p.args = lintWords(under(d.root, "spec", "k0sConfigSpec", "args"))
			for _, file := range elements(under(d.root, "spec", "k0sConfigSpec", "files")) {
				p.readFile(file)
			}
		default:
			continue
		}
		planes = append(planes, p)
	}
	return planes
}

func (p *lintPlane) readFlags(flags *yaml.Node) {
	if flags == nil || flags.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(flags.Content); i += 2 {
		key, value := flags.Content[i], document.Target(flags.Content[i+1])
		p.flags = append(p.flags, lintFlag{key.Value, value.Value, key})
	}
}

// readMount reads an element of spec.mounts: a directory, in which the keys of a Secret are files.
func (p *lintPlane) readMount(mount *yaml.Node) {
	secret := under(mount, "secret")
	if secret == nil {
		return
	}
	dir, name, mode := word(mount, "path"), word(secret, "secretName"), word(secret, "defaultMode")
	items := elements(under(secret, "items"))
	for _, item := range items {
		f := lintFile{secret: name, key: word(item, "key"), path: path.Join(dir, word(item, "path")), mode: word(item, "mode"), node: item}
		if f.mode == "" {
			f.mode = mode
		}
		p.files = append(p.files, f)
	}
	if len(items) == 0 {
		p.files = append(p.files, lintFile{secret: name, path: dir, mode: mode, node: mount})
	}
}

// readFile reads an element of k0sConfigSpec.files: a file that is a key of a Secret.
func (p *lintPlane) readFile(file *yaml.Node) {
	reference := under(file, "contentFrom", "secretRef")
	if reference == nil {
		return
	}
	mode := under(file, "permissions")
	p.files = append(p.files, lintFile{
		secret: word(reference, "name"), key: word(reference, "key"), path: path.Clean(word(file, "path")),
		mode: word(file, "permissions"), octal: true, number: mode != nil && mode.ShortTag() == "!!int", node: file,
	})
}

// flag returns the value of an argument of the API server, that of the last one when it is there twice.
func (p *lintPlane) flag(name string) (lintFlag, bool) {
	for _, flag := range slices.Backward(p.flags) {
		if strings.TrimLeft(flag.name, "-") == name {
			return flag, true
		}
	}
	return lintFlag{}, false
}

// under returns what is at a path of keys, nil when there is nothing.
func under(node *yaml.Node, keys ...string) *yaml.Node {
	if node == nil {
		return nil
	}
	node = document.Target(node)
	for _, key := range keys {
		var found *yaml.Node
		if node.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == key {
					found = node.Content[i+1]
				}
			}
		}
		if found == nil {
			return nil
		}
		node = document.Target(found)
	}
	return node
}

// word returns the scalar at a path of keys, empty when there is none.
func word(node *yaml.Node, keys ...string) string {
	if found := under(node, keys...); found != nil && found.Kind == yaml.ScalarNode && !document.IsNull(found) {
		return found.Value
	}
	return ""
}

func elements(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	return node.Content
}

func lintWords(node *yaml.Node) []string {
	var out []string
	for _, element := range elements(node) {
		out = append(out, document.Target(element).Value)
	}
	return out
}

// findText returns where a text is part of a scalar, as a path such as "spec.mounts[0].secret.secretName".
func findText(node *yaml.Node, text, at string) (found *yaml.Node, path string) {
	switch node.Kind {
	case yaml.ScalarNode:
		if strings.Contains(node.Value, text) {
			return node, at
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			below := strings.TrimPrefix(at+"."+node.Content[i].Value, ".")
			if strings.Contains(node.Content[i].Value, text) {
				return node.Content[i], below
			}
			if found, path := findText(node.Content[i+1], text, below); found != nil {
				return found, path
			}
		}
	case yaml.AliasNode:
		// It was looked at where it is an anchor.
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, element := range node.Content {
			if found, path := findText(element, text, at+"[]"); found != nil {
				return found, path
			}
		}
	}
	return nil, ""
}
