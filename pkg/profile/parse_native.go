package profile

import (
	"slices"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// part is an object of a native workspace that a file holds besides the namespace.
type part struct {
	kind, namespace, name string
	line                  int
	quota                 corev1.ResourceQuotaSpec
}

// isPart reports whether a kind is one of those that [ExportManifests] writes for native workspaces.
func isPart(apiVersion, kind string) bool {
	switch apiVersion + "/" + kind {
	case "v1/ResourceQuota", "v1/LimitRange", "v1/ServiceAccount", "networking.k8s.io/v1/NetworkPolicy",
		"rbac.authorization.k8s.io/v1/RoleBinding":
		return true
	}
	return false
}

// namespace reads the namespace of a native workspace.
func (f *file) namespace(n *yaml.Node) {
	spec := Spec{Line: n.Line}
	var meta metadata
	f.mapping(n, "Namespace", field{"apiVersion", nil}, field{"kind", nil}, field{"spec", nil}, field{"status", nil},
		field{"metadata", func(n *yaml.Node) { meta = f.objectMeta(n) }})
	spec.Name = meta.name
	if meta.line > 0 {
		spec.Line = meta.line
	}
	if meta.labels[workspace.Label] != "true" {
		f.fail(spec.Line, "Namespace %q: it is no workspace: those have the label %s=true", meta.name, workspace.Label)
		return
	}
	if text := meta.annotations[workspace.OwnerAnnotation]; text != "" {
		owner, err := rbac.ParseSubject(text)
		if err != nil {
			f.fail(spec.Line, "annotation %s: %s", workspace.OwnerAnnotation, err)
		}
		spec.Owner = owner
	}
	delete(meta.labels, workspace.Label)
	delete(meta.labels, corev1.LabelMetadataName)
	delete(meta.annotations, workspace.OwnerAnnotation)
	delete(meta.annotations, lastApplied)
	spec.Labels, spec.Annotations = merged(meta.labels, nil), merged(meta.annotations, nil)
	if err := checkMetadata(spec.Labels, spec.Annotations); err != nil {
		f.fail(spec.Line, "Namespace %q: %s", spec.Name, withHint(err))
	}
	f.add("profile", spec)
}

// metadata is what is read of an object's.
type metadata struct {
	namespace, name     string
	labels, annotations map[string]string
	line                int
}

func (f *file) objectMeta(n *yaml.Node) metadata {
	var meta metadata
	fields := []field{
		{"name", func(n *yaml.Node) {
			meta.line = n.Line
			f.text("name", &meta.name)(n)
		}},
		{"namespace", f.text("namespace", &meta.namespace)},
		{"labels", f.texts("labels", &meta.labels)},
		{"annotations", f.texts("annotations", &meta.annotations)},
	}
	f.mapping(n, "metadata", append(fields, serverFields()...)...)
	return meta
}

// serverFields are the fields of metadata that only a server writes: they are ignored.
func serverFields() []field {
	var out []field
	for _, name := range []string{
		"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generation", "managedFields",
		"ownerReferences", "resourceVersion", "selfLink", "uid",
	} {
		out = append(out, field{name, nil})
	}
	return out
}

// part reads an object of a native workspace that says more about it.
func (f *file) part(n *yaml.Node, kind string) {
	p := part{kind: kind, line: n.Line}
	fields := []field{
		{"apiVersion", nil},
		{"kind", nil},
		{"status", nil},
		{"metadata", func(n *yaml.Node) {
			meta := f.objectMeta(n)
			p.namespace, p.name = meta.namespace, meta.name
		}},
	}
	switch kind {
	case "ResourceQuota":
		fields = append(fields, field{"spec", f.quotaSpec("spec", &p.quota)})
	case "RoleBinding":
		fields = append(fields, field{"roleRef", nil}, field{"subjects", nil})
	case "ServiceAccount":
		fields = append(fields, field{"secrets", nil}, field{"imagePullSecrets", nil}, field{"automountServiceAccountToken", nil})
	default:
		fields = append(fields, field{"spec", nil})
	}
	f.mapping(n, kind, fields...)
	f.parts = append(f.parts, p)
}

// join puts the parts into the specs of their namespaces. What is in none of them, or is none of the objects that make
// up a workspace, such as a member's role binding, is an error: it would not be applied.
func (f *file) join() {
	for _, p := range f.parts {
		i := slices.IndexFunc(f.specs, func(s Spec) bool { return s.Name == p.namespace })
		if i < 0 {
			f.fail(p.line, "%s %s/%s: its namespace is no workspace of this file", p.kind, p.namespace, p.name)
			continue
		}
		spec := &f.specs[i]
		switch p.kind + "/" + p.name {
		case "ResourceQuota/" + QuotaName:
			spec.Quota = p.quota
		case "LimitRange/" + LimitRangeName:
			spec.LimitRange = true
		case "NetworkPolicy/" + DefaultDenyName:
			spec.DefaultDeny = true
		case "RoleBinding/" + workspace.OwnerBinding:
		default:
			if !slices.ContainsFunc(accounts(), func(a account) bool { return a.name == p.name && p.kind != "ResourceQuota" }) {
				f.fail(p.line, "%s %s/%s: it is no part of a workspace: kubectl apply takes it, and kubectl contrib apply members", p.kind, p.namespace, p.name)
				continue
			}
			spec.ServiceAccounts = true
		}
	}
}
