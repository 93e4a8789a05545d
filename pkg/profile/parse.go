package profile

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// APIVersion and Kind head files in the short form. Both may be left out.
const (
	APIVersion = "gatehouse.dev/v1alpha1"
	Kind       = "Profiles"
)

// ParseSpecs reads workspaces from a file, in any of these forms, one or several documents of YAML or JSON:
//
//   - Profiles of Kubeflow (kubeflow.org/v1 and v1beta1), also in a List, as kubectl prints them: what a server writes is
//     ignored, everything else that is not known is an error;
//   - the short form: "profiles", a list of names, owners, quotas, labels and members (see [SpecsFile]);
//   - the form of Canonical's GitHub Profiles Automator, which is the same list with "resources" and "contributors";
//   - the namespaces of native workspaces, with the objects that [ExportManifests] writes beside them.
//
// The name is that of the file, for messages. The error is a [workspace.Refusal]; it joins one for each mistake, each
// with its line. Specs come in the order of the file.
func ParseSpecs(r io.Reader, name string) ([]Spec, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	f := &file{Reader: &document.Reader{File: name, Lenient: true}}
	if err := f.Documents(data, f.document); err != nil {
		return nil, workspace.Refuse("", "%w", err)
	}
	f.join()
	f.checkTwice()
	if err := f.Err(); err != nil {
		return nil, workspace.Refuse("", "%w", err)
	}
	if len(f.specs) == 0 {
		return nil, workspace.Refuse("a file holds Profile objects, or a list under \"profiles\"", "%s: it describes no workspace", name)
	}
	return f.specs, nil
}

// Limits of what a file may make of a few lines, by aliases that name each other.
const (
	maxDocuments = 100_000
	maxLists     = 8 // in lists
)

// file is what was read of a file so far.
type file struct {
	*document.Reader
	specs []Spec
	parts []part
	// documents counts those of lists too; lists is how deep in lists the reader is.
	documents, lists int
}

// document reads one document, whatever its form.
func (f *file) document(n *yaml.Node) {
	n = document.Target(n)
	switch f.documents++; {
	case n.Kind != yaml.MappingNode:
		f.Fail(n.Line, "want a mapping, not %s", document.Describe(n))
		return
	case f.documents == maxDocuments:
		f.Fail(n.Line, "more than %d objects", maxDocuments)
		return
	case f.documents > maxDocuments:
		return
	}
	kind, apiVersion := peek(n, "kind"), peek(n, "apiVersion")
	group, version, _ := strings.Cut(apiVersion, "/")
	switch {
	case kind == "List" && apiVersion == "v1", kind == kubeflow.ProfileKind.Kind+"List" && group == kubeflow.ProfileKind.Group:
		f.items(n)
	case kind == kubeflow.ProfileKind.Kind && group == kubeflow.ProfileKind.Group:
		if version != "v1" && version != "v1beta1" {
			f.Fail(n.Line, "apiVersion %q is not known: want %s", apiVersion, kubeflow.ProfileKind.GroupVersion())
			return
		}
		f.profile(n)
	case kind == kubeflow.ProfileKind.Kind:
		f.Fail(n.Line, "Profile: apiVersion is %q: want %s", apiVersion, kubeflow.ProfileKind.GroupVersion())
	case kind == "Namespace" && apiVersion == "v1":
		f.namespace(n)
	case isPart(apiVersion, kind):
		f.part(n, kind)
	case kind == Kind || kind == "" && (apiVersion == "" || apiVersion == APIVersion):
		f.short(n)
	default:
		f.Fail(n.Line, "kind %q (%s) describes no workspace: want Profile (%s), or a list under \"profiles\"",
			kind, apiVersion, kubeflow.ProfileKind.GroupVersion())
	}
}

// items reads a list as kubectl prints it.
func (f *file) items(n *yaml.Node) {
	if f.lists == maxLists {
		f.Fail(n.Line, "lists nested deeper than %d", maxLists)
		return
	}
	f.lists++
	defer func() { f.lists-- }()
	f.Mapping(n, "List",
		append(document.Ignored("apiVersion", "kind", "metadata"), document.Key("items", func(n *yaml.Node) {
			for _, item := range f.List(n, "items") {
				f.document(item)
			}
		}))...,
	)
}

// peek returns a field of a mapping when it is a string.
func peek(n *yaml.Node, key string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i+1].Kind == yaml.ScalarNode && !document.IsNull(n.Content[i+1]) {
			return n.Content[i+1].Value
		}
	}
	return ""
}

// add keeps a spec if it has what every workspace needs.
func (f *file) add(what string, spec Spec) {
	switch err := checkName(spec.Name); {
	case spec.Name == "":
		f.Fail(spec.Line, "%s: the name is missing", what)
	case err != nil:
		f.Fail(spec.Line, "%s: %s", what, withHint(err))
	}
	if spec.Owner.Name == "" {
		f.Fail(spec.Line, "%s %q: the owner is missing", what, spec.Name)
	}
	f.specs = append(f.specs, spec)
}

// checkTwice refuses two descriptions of one workspace.
func (f *file) checkTwice() {
	for i, spec := range f.specs {
		first := slices.IndexFunc(f.specs, func(other Spec) bool { return other.Name == spec.Name })
		if first < i && spec.Name != "" {
			f.Fail(spec.Line, "profile %q: it is there twice, first on line %d", spec.Name, f.specs[first].Line)
		}
	}
}
