package profile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// part is an object that a file holds besides what stands for the workspace itself.
type part struct {
	kind, namespace, name string
	line                  int
	annotations           map[string]string
	quota                 corev1.ResourceQuotaSpec
	// role and subjects are those of a role binding.
	role     rbacv1.RoleRef
	subjects []rbac.Subject
}

// isPart reports whether a kind is one of those that [ExportManifests] writes for native workspaces, or of those that
// make a member.
func isPart(apiVersion, kind string) bool {
	if group, _, _ := strings.Cut(apiVersion, "/"); kind == kubeflow.PolicyKind.Kind {
		return group == kubeflow.PolicyKind.Group
	}
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
	f.Mapping(n, "Namespace", append(document.Ignored("apiVersion", "kind", "spec", "status"),
		document.Key("metadata", func(n *yaml.Node) { meta = f.objectMeta(n) }))...)
	spec.Name = meta.name
	if meta.line > 0 {
		spec.Line = meta.line
	}
	if meta.labels[workspace.Label] != "true" {
		f.Fail(spec.Line, "Namespace %q: it is no workspace: those have the label %s=true", meta.name, workspace.Label)
		return
	}
	if text := meta.annotations[workspace.OwnerAnnotation]; text != "" {
		owner, err := rbac.ParseSubject(text)
		if err != nil {
			f.Fail(spec.Line, "annotation %s: %s", workspace.OwnerAnnotation, err)
		}
		spec.Owner = owner
	}
	delete(meta.labels, workspace.Label)
	delete(meta.labels, corev1.LabelMetadataName)
	delete(meta.annotations, workspace.OwnerAnnotation)
	delete(meta.annotations, corev1.LastAppliedConfigAnnotation)
	spec.Labels, spec.Annotations = merged(meta.labels, nil), merged(meta.annotations, nil)
	if err := checkMetadata(spec.Labels, spec.Annotations); err != nil {
		f.Fail(spec.Line, "Namespace %q: %s", spec.Name, withHint(err))
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
	fields := []document.Field{
		document.Key("name", func(n *yaml.Node) {
			meta.line = n.Line
			f.Text("name", &meta.name)(n)
		}),
		document.Key("namespace", f.Text("namespace", &meta.namespace)),
		document.Key("labels", f.Texts("labels", &meta.labels)),
		document.Key("annotations", f.Texts("annotations", &meta.annotations)),
	}
	f.Mapping(n, "metadata", append(fields, serverFields()...)...)
	return meta
}

// serverFields are the fields of metadata that only a server writes: they are ignored.
func serverFields() []document.Field {
	return document.Ignored(
		"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "finalizers", "generation", "managedFields",
		"ownerReferences", "resourceVersion", "selfLink", "uid",
	)
}

// part reads an object that says more about a workspace.
func (f *file) part(n *yaml.Node, kind string) {
	p := part{kind: kind, line: n.Line}
	fields := append(document.Ignored("apiVersion", "kind", "status"), document.Key("metadata", func(n *yaml.Node) {
		meta := f.objectMeta(n)
		p.namespace, p.name, p.annotations = meta.namespace, meta.name, meta.annotations
	}))
	switch kind {
	case "ResourceQuota":
		fields = append(fields, document.Key("spec", f.quotaSpec("spec", &p.quota)))
	case "RoleBinding":
		fields = append(fields, document.Key("roleRef", func(n *yaml.Node) {
			if ref := f.roleRef(n); ref != nil {
				p.role = *ref
			}
		}), document.Key("subjects", func(n *yaml.Node) { p.subjects = f.subjects(n) }))
	case "ServiceAccount":
		fields = append(fields, document.Ignored("secrets", "imagePullSecrets", "automountServiceAccountToken")...)
	default:
		fields = append(fields, document.Key("spec", nil))
	}
	f.Mapping(n, kind, fields...)
	f.parts = append(f.parts, p)
}

// join puts the parts into the specs of their namespaces. Objects of members are counted: see [Spec.MemberObjects]. What is
// in none of the namespaces, or neither makes up a workspace nor says that it is a member's, is an error: it would not be
// applied.
func (f *file) join() {
	for _, p := range f.parts {
		i := slices.IndexFunc(f.specs, func(s Spec) bool { return s.Name == p.namespace })
		if i < 0 {
			f.Fail(p.line, "%s %s/%s: its namespace is no workspace of this file", p.kind, p.namespace, p.name)
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
			switch {
			case p.isAccount():
				spec.ServiceAccounts = true
			case p.isMembers():
				spec.MemberObjects++
			case !p.isOwners(spec.Owner):
				f.Fail(p.line, "%s %s/%s: it is no part of a workspace, and does not say that it is a member's: kubectl apply takes it",
					p.kind, p.namespace, p.name)
			}
		}
	}
}
