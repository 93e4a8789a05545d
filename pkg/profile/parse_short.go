package profile

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// short reads a document in the short form, or in that of the GitHub Profiles Automator.
func (f *file) short(n *yaml.Node) {
	given := f.Mapping(n, "document",
		document.Key("apiVersion", func(n *yaml.Node) {
			if n.Value != APIVersion {
				f.Fail(n.Line, "apiVersion is %q: want %s", n.Value, APIVersion)
			}
		}),
		document.Key("kind", nil),
		document.Key("profiles", func(n *yaml.Node) {
			for _, item := range f.List(n, "profiles") {
				f.entry(item)
			}
		}),
	)
	if !given["profiles"] {
		f.Fail(n.Line, "document: field \"profiles\" is missing")
	}
}

// entry reads one workspace.
func (f *file) entry(n *yaml.Node) {
	n = document.Target(n)
	spec := Spec{Line: n.Line}
	members := func(n *yaml.Node) {
		spec.Members = []MemberSpec{}
		for _, item := range f.List(n, "members") {
			if m, ok := f.member(item); ok {
				spec.Members = append(spec.Members, m)
			}
		}
	}
	given := f.Mapping(n, "profile",
		document.Key("name", f.Text("name", &spec.Name)),
		document.Key("owner", func(n *yaml.Node) { spec.Owner = f.owner(n) }),
		document.Key("quota", f.hard("quota", &spec.Quota.Hard)),
		document.Key("resources", f.quotaSpec("resources", &spec.Quota)),
		document.Key("labels", f.Texts("labels", &spec.Labels)),
		document.Key("annotations", f.Texts("annotations", &spec.Annotations)),
		document.Key("profileLabels", f.Texts("profileLabels", &spec.ProfileLabels)),
		document.Key("profileAnnotations", f.Texts("profileAnnotations", &spec.ProfileAnnotations)),
		document.Key("plugins", func(n *yaml.Node) { spec.Plugins = f.plugins(n) }),
		document.Key("members", members),
		document.Key("contributors", members),
		document.Key("limitRange", f.Bool("limitRange", &spec.LimitRange)),
		document.Key("defaultDeny", f.Bool("defaultDeny", &spec.DefaultDeny)),
		document.Key("serviceAccounts", f.Bool("serviceAccounts", &spec.ServiceAccounts)),
	)
	for _, pair := range [][2]string{{"quota", "resources"}, {"members", "contributors"}} {
		if given[pair[0]] && given[pair[1]] {
			f.Fail(n.Line, "profile %q: want either %s or %s", spec.Name, pair[0], pair[1])
		}
	}
	if len(spec.Quota.Hard) == 0 && len(spec.Quota.Scopes) > 0 {
		f.Fail(n.Line, "resources: scopes without hard limit nothing")
	}
	if err := checkMetadata(spec.Labels, spec.Annotations); err != nil {
		f.Fail(n.Line, "profile %q: %s", spec.Name, withHint(err))
	}
	f.add("profile", spec)
}

// member reads one member.
func (f *file) member(n *yaml.Node) (MemberSpec, bool) {
	n = document.Target(n)
	m := MemberSpec{Line: n.Line}
	before := f.Mistakes()
	http := true
	named := rbacv1.Subject{Kind: rbacv1.UserKind}
	given := f.Mapping(n, "member",
		document.Key("name", f.Text("name", &named.Name)),
		document.Key("subject", func(n *yaml.Node) { m.Subject = f.subject(n, "subject") }),
		document.Key("kind", f.Text("kind", &named.Kind)),
		document.Key("namespace", f.Text("namespace", &named.Namespace)),
		document.Key("role", func(n *yaml.Node) {
			if word, ok := f.Word(n, "role"); ok {
				role, err := workspace.ParseRole(word)
				if err != nil {
					f.Fail(n.Line, "%s", err)
				}
				m.Role = role
			}
		}),
		document.Key("roleRef", func(n *yaml.Node) { m.RoleRef = f.roleRef(n) }),
		document.Key("expires", func(n *yaml.Node) { m.Expires = f.date(n) }),
		document.Key("http", f.Bool("http", &http)),
		document.Key("binding", f.Text("binding", &m.Name)),
	)
	m.NoHTTP = !http
	switch {
	case f.Mistakes() > before:
	case given["name"] == given["subject"]:
		f.Fail(n.Line, "member: want either subject or name")
	case given["role"] == given["roleRef"]:
		f.Fail(n.Line, "member: want either role or roleRef")
	case given["subject"] && (given["kind"] || given["namespace"]):
		f.Fail(n.Line, "member: kind and namespace go with name, not with subject")
	case given["name"] && (given["kind"] || given["namespace"]):
		who, ok := rbac.NewSubject(named, "")
		if !ok {
			f.Fail(n.Line, "member: kind %q is nobody: want User, Group, or ServiceAccount with a namespace", named.Kind)
		}
		m.Subject = who
	case given["name"]:
		who, err := rbac.ParseSubject(named.Name)
		if err != nil {
			f.Fail(n.Line, "member: %s", err)
		}
		m.Subject = who
	}
	return m, f.Mistakes() == before
}

// roleRef reads a role of one's own: "clusterrole/NAME", "role/NAME", or a mapping of kind and name.
func (f *file) roleRef(n *yaml.Node) *rbacv1.RoleRef {
	n = document.Target(n)
	ref := &rbacv1.RoleRef{APIGroup: rbacv1.GroupName}
	if n.Kind == yaml.ScalarNode {
		word, _ := f.Word(n, "roleRef")
		ref.Kind, ref.Name, _ = strings.Cut(word, "/")
	} else {
		f.Mapping(n, "roleRef",
			document.Key("apiGroup", f.Text("apiGroup", &ref.APIGroup)),
			document.Key("kind", f.Text("kind", &ref.Kind)),
			document.Key("name", f.Text("name", &ref.Name)),
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
		f.Fail(n.Line, "roleRef: want clusterrole/NAME or role/NAME")
	}
	return ref
}

// date reads a time, as [document.Date] takes it.
func (f *file) date(n *yaml.Node) time.Time {
	word, ok := f.Word(n, "expires")
	if !ok {
		return time.Time{}
	}
	t, err := document.Date(word)
	if err != nil {
		f.Fail(document.Target(n).Line, "expires: %w", err)
	}
	return t
}
