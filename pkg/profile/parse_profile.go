package profile

import (
	"encoding/json"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// profile reads a Profile as its definition has it. Source: the CustomResourceDefinition profiles.kubeflow.org of
// profile-controller 2.0, whose two versions have one schema.
func (f *file) profile(n *yaml.Node) {
	spec := Spec{Line: n.Line}
	f.Mapping(n, "Profile", append(document.Ignored("apiVersion", "kind", "status"),
		document.Key("metadata", func(n *yaml.Node) { f.metadata(n, &spec) }),
		document.Key("spec", func(n *yaml.Node) {
			f.Mapping(n, "spec",
				document.Key("owner", func(n *yaml.Node) { spec.Owner = f.owner(n) }),
				document.Key("resourceQuotaSpec", f.quotaSpec("resourceQuotaSpec", &spec.Quota)),
				document.Key("plugins", func(n *yaml.Node) { spec.Plugins = f.plugins(n) }),
			)
		}),
	)...)
	if len(spec.Quota.Hard) == 0 && len(spec.Quota.Scopes) > 0 {
		f.Fail(spec.Line, "resourceQuotaSpec: scopes without hard limit nothing, and Kubeflow takes them for no quota at all")
	}
	f.add("profile", spec)
}

// metadata reads the metadata of a Profile. What only a server writes is ignored.
func (f *file) metadata(n *yaml.Node, spec *Spec) {
	fields := []document.Field{
		document.Key("name", func(n *yaml.Node) {
			spec.Line = n.Line
			f.Text("name", &spec.Name)(n)
		}),
		document.Key("labels", f.Texts("labels", &spec.ProfileLabels)),
		document.Key("annotations", f.Texts("annotations", &spec.ProfileAnnotations)),
	}
	f.Mapping(n, "metadata", append(fields, serverFields()...)...)
	delete(spec.ProfileAnnotations, corev1.LastAppliedConfigAnnotation)
}

// owner reads an owner: an RBAC subject, or a word as [rbac.ParseSubject] takes it.
func (f *file) owner(n *yaml.Node) rbac.Subject {
	n = document.Target(n)
	if n.Kind == yaml.ScalarNode {
		return f.subject(n, "owner")
	}
	subject := rbacv1.Subject{Kind: rbacv1.UserKind}
	given := f.Mapping(n, "owner",
		document.Key("apiGroup", f.Text("apiGroup", &subject.APIGroup)),
		document.Key("kind", f.Text("kind", &subject.Kind)),
		document.Key("name", f.Text("name", &subject.Name)),
		document.Key("namespace", f.Text("namespace", &subject.Namespace)),
	)
	if !given["name"] {
		return rbac.Subject{}
	}
	who, ok := rbac.NewSubject(subject, "")
	if !ok {
		f.Fail(n.Line, "owner: kind %q is nobody: want User, Group, or ServiceAccount with a namespace", subject.Kind)
		return rbac.User(subject.Name)
	}
	return who
}

// subject reads a word as [rbac.ParseSubject] takes it.
func (f *file) subject(n *yaml.Node, what string) rbac.Subject {
	word, ok := f.Word(n, what)
	if !ok {
		return rbac.Subject{}
	}
	who, err := rbac.ParseSubject(word)
	if err != nil {
		f.Fail(document.Target(n).Line, "%s: %s", what, err)
	}
	return who
}

// plugins reads spec.plugins. An empty list says that there are none.
func (f *file) plugins(n *yaml.Node) []kubeflow.Plugin {
	out := []kubeflow.Plugin{}
	for _, item := range f.List(n, "plugins") {
		var p kubeflow.Plugin
		before := f.Mistakes()
		f.Mapping(item, "plugin",
			document.Key("apiVersion", f.Text("apiVersion", &p.APIVersion)),
			document.Key("kind", f.Text("kind", &p.Kind)),
			document.Key("spec", func(n *yaml.Node) { p.Spec = f.free(n, "spec of the plugin") }),
		)
		if p.Kind == "" && f.Mistakes() == before {
			f.Fail(document.Target(item).Line, "plugin: field \"kind\" is missing")
		}
		if err := checkPlugin(p); err != nil && f.Mistakes() == before {
			f.Fail(document.Target(item).Line, "%s", err)
		}
		out = append(out, p)
	}
	return out
}

// free reads a mapping whose fields are not ours to know, as it would come out of JSON.
func (f *file) free(n *yaml.Node, what string) map[string]any {
	var (
		raw any
		out map[string]any
	)
	if err := n.Decode(&raw); err != nil {
		f.Fail(n.Line, "%s: %s", what, err)
		return nil
	}
	data, err := json.Marshal(raw)
	if err == nil {
		err = utiljson.Unmarshal(data, &out)
	}
	if err != nil {
		f.Fail(n.Line, "%s: want a mapping, not %s", what, document.Describe(document.Target(n)))
		return nil
	}
	return out
}
