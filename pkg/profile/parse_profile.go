package profile

import (
	"encoding/json"
	"maps"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// lastApplied is where kubectl apply keeps what it applied. It is nobody's to set.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// profile reads a Profile as its definition has it. Source: the CustomResourceDefinition profiles.kubeflow.org of
// profile-controller 2.0, whose two versions have one schema.
func (f *file) profile(n *yaml.Node) {
	spec := Spec{Line: n.Line}
	f.mapping(n, "Profile",
		field{"apiVersion", nil}, field{"kind", nil}, field{"status", nil},
		field{"metadata", func(n *yaml.Node) { f.metadata(n, &spec) }},
		field{"spec", func(n *yaml.Node) {
			f.mapping(n, "spec",
				field{"owner", func(n *yaml.Node) { spec.Owner = f.owner(n) }},
				field{"resourceQuotaSpec", f.quotaSpec("resourceQuotaSpec", &spec.Quota)},
				field{"plugins", func(n *yaml.Node) { spec.Plugins = f.plugins(n) }},
			)
		}},
	)
	if len(spec.Quota.Hard) == 0 && len(spec.Quota.Scopes) > 0 {
		f.fail(spec.Line, "resourceQuotaSpec: scopes without hard limit nothing, and Kubeflow takes them for no quota at all")
	}
	f.add("profile", spec)
}

// metadata reads the metadata of a Profile. What only a server writes is ignored.
func (f *file) metadata(n *yaml.Node, spec *Spec) {
	fields := []field{
		{"name", func(n *yaml.Node) {
			spec.Line = n.Line
			f.text("name", &spec.Name)(n)
		}},
		{"labels", f.texts("labels", &spec.ProfileLabels)},
		{"annotations", f.texts("annotations", &spec.ProfileAnnotations)},
	}
	f.mapping(n, "metadata", append(fields, serverFields()...)...)
	maps.DeleteFunc(spec.ProfileAnnotations, func(key, _ string) bool { return key == lastApplied })
}

// owner reads an owner: an RBAC subject, or a word as [rbac.ParseSubject] takes it.
func (f *file) owner(n *yaml.Node) rbac.Subject {
	n = follow(n)
	if n.Kind == yaml.ScalarNode {
		return f.subject(n, "owner")
	}
	subject := rbacv1.Subject{Kind: rbacv1.UserKind}
	given := f.mapping(n, "owner",
		field{"apiGroup", f.text("apiGroup", &subject.APIGroup)},
		field{"kind", f.text("kind", &subject.Kind)},
		field{"name", f.text("name", &subject.Name)},
		field{"namespace", f.text("namespace", &subject.Namespace)},
	)
	if !given["name"] {
		return rbac.Subject{}
	}
	who, ok := rbac.NewSubject(subject, "")
	if !ok {
		f.fail(n.Line, "owner: kind %q is nobody: want User, Group, or ServiceAccount with a namespace", subject.Kind)
		return rbac.User(subject.Name)
	}
	return who
}

// subject reads a word as [rbac.ParseSubject] takes it.
func (f *file) subject(n *yaml.Node, what string) rbac.Subject {
	word, ok := f.word(n, what)
	if !ok {
		return rbac.Subject{}
	}
	who, err := rbac.ParseSubject(word)
	if err != nil {
		f.fail(follow(n).Line, "%s: %s", what, err)
	}
	return who
}

// plugins reads spec.plugins. An empty list says that there are none.
func (f *file) plugins(n *yaml.Node) []kubeflow.Plugin {
	out := []kubeflow.Plugin{}
	for _, item := range f.list(n, "plugins") {
		var p kubeflow.Plugin
		before := len(f.errs)
		f.mapping(item, "plugin",
			field{"apiVersion", f.text("apiVersion", &p.APIVersion)},
			field{"kind", f.text("kind", &p.Kind)},
			field{"spec", func(n *yaml.Node) { p.Spec = f.free(n, "spec of the plugin") }},
		)
		if p.Kind == "" && len(f.errs) == before {
			f.fail(follow(item).Line, "plugin: field \"kind\" is missing")
		}
		if err := checkPlugin(p); err != nil && len(f.errs) == before {
			f.fail(follow(item).Line, "%s", err)
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
		f.fail(n.Line, "%s: %s", what, err)
		return nil
	}
	data, err := json.Marshal(raw)
	if err == nil {
		err = utiljson.Unmarshal(data, &out)
	}
	if err != nil {
		f.fail(n.Line, "%s: want a mapping, not %s", what, describe(follow(n)))
		return nil
	}
	return out
}
