package profile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
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
	f := &file{reader: reader{file: name}}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, workspace.Refuse("", "%w", syntaxError(name, err))
		}
		if len(doc.Content) > 0 && !isNull(doc.Content[0]) {
			f.document(doc.Content[0])
		}
	}
	f.join()
	f.checkTwice()
	if err := f.err(); err != nil {
		return nil, workspace.Refuse("", "%w", err)
	}
	if len(f.specs) == 0 {
		return nil, workspace.Refuse("a file holds Profile objects, or a list under \"profiles\"", "%s: it describes no workspace", name)
	}
	return f.specs, nil
}

// syntaxError puts the line of a YAML error where those of other errors are.
func syntaxError(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := finding.Location{File: file}
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		at.Line, _ = strconv.Atoi(m[1]) // digits
		text = strings.TrimPrefix(text, m[0])
	}
	return fmt.Errorf("%s: %s", at, text)
}

// file is what was read of a file so far.
type file struct {
	reader
	specs []Spec
	parts []part
	// documents counts those of lists too; lists is how deep in lists the reader is.
	documents, lists int
}

// document reads one document, whatever its form.
func (f *file) document(n *yaml.Node) {
	n = follow(n)
	switch f.documents++; {
	case n.Kind != yaml.MappingNode:
		f.fail(n.Line, "want a mapping, not %s", describe(n))
		return
	case f.documents == maxDocuments:
		f.fail(n.Line, "more than %d objects", maxDocuments)
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
			f.fail(n.Line, "apiVersion %q is not known: want %s", apiVersion, kubeflow.ProfileKind.GroupVersion())
			return
		}
		f.profile(n)
	case kind == kubeflow.ProfileKind.Kind:
		f.fail(n.Line, "Profile: apiVersion is %q: want %s", apiVersion, kubeflow.ProfileKind.GroupVersion())
	case kind == "Namespace" && apiVersion == "v1":
		f.namespace(n)
	case isPart(apiVersion, kind):
		f.part(n, kind)
	case kind == Kind || kind == "" && (apiVersion == "" || apiVersion == APIVersion):
		f.short(n)
	default:
		f.fail(n.Line, "kind %q (%s) describes no workspace: want Profile (%s), or a list under \"profiles\"",
			kind, apiVersion, kubeflow.ProfileKind.GroupVersion())
	}
}

// items reads a list as kubectl prints it.
func (f *file) items(n *yaml.Node) {
	if f.lists == maxLists {
		f.fail(n.Line, "lists nested deeper than %d", maxLists)
		return
	}
	f.lists++
	defer func() { f.lists-- }()
	f.mapping(n, "List",
		field{"apiVersion", nil}, field{"kind", nil}, field{"metadata", nil},
		field{"items", func(n *yaml.Node) {
			for _, item := range f.list(n, "items") {
				f.document(item)
			}
		}},
	)
}

// peek returns a field of a mapping when it is a string.
func peek(n *yaml.Node, key string) string {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key && n.Content[i+1].Kind == yaml.ScalarNode && !isNull(n.Content[i+1]) {
			return n.Content[i+1].Value
		}
	}
	return ""
}

// add keeps a spec if it has what every workspace needs.
func (f *file) add(what string, spec Spec) {
	switch err := CheckName(spec.Name); {
	case spec.Name == "":
		f.fail(spec.Line, "%s: the name is missing", what)
	case err != nil:
		f.fail(spec.Line, "%s: %s", what, withHint(err))
	}
	if spec.Owner.Name == "" {
		f.fail(spec.Line, "%s %q: the owner is missing", what, spec.Name)
	}
	f.specs = append(f.specs, spec)
}

// checkTwice refuses two descriptions of one workspace.
func (f *file) checkTwice() {
	for i, spec := range f.specs {
		first := slices.IndexFunc(f.specs, func(other Spec) bool { return other.Name == spec.Name })
		if first < i && spec.Name != "" {
			f.fail(spec.Line, "profile %q: it is there twice, first on line %d", spec.Name, f.specs[first].Line)
		}
	}
}
