package profile

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// short reads a document in the short form, or in that of the GitHub Profiles Automator.
func (f *file) short(n *yaml.Node) {
	given := f.mapping(n, "document",
		field{"apiVersion", func(n *yaml.Node) {
			if n.Value != APIVersion {
				f.fail(n.Line, "apiVersion is %q: want %s", n.Value, APIVersion)
			}
		}},
		field{"kind", nil},
		field{"profiles", func(n *yaml.Node) {
			for _, item := range f.list(n, "profiles") {
				f.entry(item)
			}
		}},
	)
	if !given["profiles"] {
		f.fail(n.Line, "document: field \"profiles\" is missing")
	}
}

// entry reads one workspace.
func (f *file) entry(n *yaml.Node) {
	n = follow(n)
	spec := Spec{Line: n.Line}
	members := func(n *yaml.Node) {
		for _, item := range f.list(n, "members") {
			if m, ok := f.member(item); ok {
				spec.Members = append(spec.Members, m)
			}
		}
	}
	given := f.mapping(n, "profile",
		field{"name", f.text("name", &spec.Name)},
		field{"owner", func(n *yaml.Node) { spec.Owner = f.owner(n) }},
		field{"quota", f.hard("quota", &spec.Quota.Hard)},
		field{"resources", f.quotaSpec("resources", &spec.Quota)},
		field{"labels", f.texts("labels", &spec.Labels)},
		field{"annotations", f.texts("annotations", &spec.Annotations)},
		field{"profileLabels", f.texts("profileLabels", &spec.ProfileLabels)},
		field{"profileAnnotations", f.texts("profileAnnotations", &spec.ProfileAnnotations)},
		field{"plugins", func(n *yaml.Node) { spec.Plugins = f.plugins(n) }},
		field{"members", members},
		field{"contributors", members},
		field{"limitRange", f.boolean("limitRange", &spec.LimitRange)},
		field{"defaultDeny", f.boolean("defaultDeny", &spec.DefaultDeny)},
		field{"serviceAccounts", f.boolean("serviceAccounts", &spec.ServiceAccounts)},
	)
	for _, pair := range [][2]string{{"quota", "resources"}, {"members", "contributors"}} {
		if given[pair[0]] && given[pair[1]] {
			f.fail(n.Line, "profile %q: want either %s or %s", spec.Name, pair[0], pair[1])
		}
	}
	if len(spec.Quota.Hard) == 0 && len(spec.Quota.Scopes) > 0 {
		f.fail(n.Line, "resources: scopes without hard limit nothing")
	}
	if err := checkMetadata(spec.Labels, spec.Annotations); err != nil {
		f.fail(n.Line, "profile %q: %s", spec.Name, withHint(err))
	}
	f.add("profile", spec)
}

// member reads one member.
func (f *file) member(n *yaml.Node) (MemberSpec, bool) {
	n = follow(n)
	m := MemberSpec{Line: n.Line}
	before := len(f.errs)
	http := true
	named := rbacv1.Subject{Kind: rbacv1.UserKind}
	given := f.mapping(n, "member",
		field{"name", f.text("name", &named.Name)},
		field{"subject", func(n *yaml.Node) { m.Subject = f.subject(n, "subject") }},
		field{"kind", f.text("kind", &named.Kind)},
		field{"namespace", f.text("namespace", &named.Namespace)},
		field{"role", func(n *yaml.Node) {
			if word, ok := f.word(n, "role"); ok {
				role, err := workspace.ParseRole(word)
				if err != nil {
					f.fail(n.Line, "%s", err)
				}
				m.Role = role
			}
		}},
		field{"roleRef", func(n *yaml.Node) { m.RoleRef = f.roleRef(n) }},
		field{"expires", func(n *yaml.Node) { m.Expires = f.date(n) }},
		field{"http", f.boolean("http", &http)},
	)
	m.NoHTTP = !http
	switch {
	case len(f.errs) > before:
	case given["name"] == given["subject"]:
		f.fail(n.Line, "member: want either subject or name")
	case given["role"] == given["roleRef"]:
		f.fail(n.Line, "member: want either role or roleRef")
	case given["subject"] && (given["kind"] || given["namespace"]):
		f.fail(n.Line, "member: kind and namespace go with name, not with subject")
	case given["name"] && (given["kind"] || given["namespace"]):
		who, ok := rbac.NewSubject(named, "")
		if !ok {
			f.fail(n.Line, "member: kind %q is nobody: want User, Group, or ServiceAccount with a namespace", named.Kind)
		}
		m.Subject = who
	case given["name"]:
		who, err := rbac.ParseSubject(named.Name)
		if err != nil {
			f.fail(n.Line, "member: %s", err)
		}
		m.Subject = who
	}
	return m, len(f.errs) == before
}

// roleRef reads a role of one's own: "clusterrole/NAME", "role/NAME", or a mapping of kind and name.
func (f *file) roleRef(n *yaml.Node) *rbacv1.RoleRef {
	n = follow(n)
	ref := &rbacv1.RoleRef{APIGroup: rbacv1.GroupName}
	if n.Kind == yaml.ScalarNode {
		word, _ := f.word(n, "roleRef")
		ref.Kind, ref.Name, _ = strings.Cut(word, "/")
	} else {
		f.mapping(n, "roleRef",
			field{"apiGroup", f.text("apiGroup", &ref.APIGroup)},
			field{"kind", f.text("kind", &ref.Kind)},
			field{"name", f.text("name", &ref.Name)},
		)
	}
	switch {
	case strings.EqualFold(ref.Kind, "ClusterRole"):
		ref.Kind = "ClusterRole"
	case strings.EqualFold(ref.Kind, "Role"):
		ref.Kind = "Role"
	default:
		ref.Name = ""
	}
	if ref.Name == "" {
		f.fail(n.Line, "roleRef: want clusterrole/NAME or role/NAME")
	}
	return ref
}

// date reads a time of RFC 3339, or a day, which stands for its beginning in UTC.
func (f *file) date(n *yaml.Node) time.Time {
	word, ok := f.word(n, "expires")
	if !ok {
		return time.Time{}
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, word); err == nil {
			return t.UTC()
		}
	}
	f.fail(follow(n).Line, "expires: %q is no time: want 2026-12-31 or 2026-12-31T18:00:00Z", word)
	return time.Time{}
}
