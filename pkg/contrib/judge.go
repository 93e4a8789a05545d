package contrib

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Judge returns what is wrong with the members of all workspaces that s knows: findings KF002 to KF010, but for what
// concerns owners, KL001 to KL013, GH001 and GH004. They are sorted, and each has the plan that would repair it where one can be made without
// a decision that is the user's.
//
// Rules that need a kind of objects that was not read, or of which something could not be read, are silent.
func Judge(s *workspace.State) []finding.Finding {
	out, busy := judgeExpiry(s)
	all := slices.DeleteFunc(s.Workspaces(), func(w workspace.Workspace) bool { return w.Flavor != workspace.Kubeflow })
	spelt := spellings(s, all)
	for i := range all {
		out = append(out, judgePairs(s, &all[i], spelt, busy)...)
	}
	out = append(out, judgeKalm(s)...)
	finding.Sort(out)
	return out
}

// judgePairs judges the contributors of one Kubeflow workspace. What is busy goes, or is changed, because a grant has ended.
func judgePairs(s *workspace.State, w *workspace.Workspace, spelt spelling, busy map[string]bool) []finding.Finding {
	if !read(s, inventory.RoleBindings, w.Name) {
		return nil
	}
	p := newPlace(s, w, busy)
	p.judgeTwice()
	for _, b := range p.bindings {
		p.judgeBinding(b)
	}
	if p.mesh {
		p.judgePolicies()
	}
	p.judgeSpelling(spelt)
	return p.findings
}

// read reports whether all of a kind was asked for and read in a namespace, with its annotations.
func read(s *workspace.State, kind inventory.Kind, namespace string) bool {
	if !s.Inventory.Served[kind] || s.Inventory.Unmarked(kind) {
		return false
	}
	return !slices.ContainsFunc(s.Inventory.Missing(kind), func(gap rbac.Gap) bool { return gap.Concerns(namespace) })
}

// isListed reports whether kfam lists the role binding: it looks for both annotations, whatever they say.
func isListed(b *rbacv1.RoleBinding) bool {
	_, user := b.Annotations[kubeflow.UserAnnotation]
	_, role := b.Annotations[kubeflow.RoleAnnotation]
	return user && role
}

// contributor returns the user whose pair a role binding is a part of, as kfam writes it: listed, with one subject,
// which is a user. The owner's is none.
func contributor(b *rbacv1.RoleBinding) (string, bool) {
	if !isListed(b) || b.Name == kubeflow.OwnerBinding || len(b.Subjects) != 1 || b.Subjects[0].Kind != rbacv1.UserKind {
		return "", false
	}
	return b.Subjects[0].Name, true
}

// short returns kfam's word for the role that a binding gives, empty for a role of one's own.
func short(b *rbacv1.RoleBinding) string {
	if b.RoleRef.Kind != "ClusterRole" {
		return ""
	}
	return kubeflow.RoleShort(b.RoleRef.Name)
}

// user is the subject of a user name as it stands in a pair. A pair may be that of a service account's user name: its
// token is a header like any other.
func user(name string) rbac.Subject { return rbac.Subject{Kind: rbacv1.UserKind, Name: name} }

func bindingName(b *rbacv1.RoleBinding) string { return "rolebinding " + b.Namespace + "/" + b.Name }

func policyName(o *unstructured.Unstructured) string {
	return "authorizationpolicy " + o.GetNamespace() + "/" + o.GetName()
}

// roleText names the role of a binding: editor, clusterrole/x.
func roleText(b *rbacv1.RoleBinding) string {
	return cmp.Or(string(workspace.RoleOf(b.RoleRef)), strings.ToLower(b.RoleRef.Kind)+"/"+b.RoleRef.Name)
}

// inline keeps a name on its line: an explanation has several, and a name may hold line breaks.
func inline(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
}

// paste writes a name as a shell reads it, in an explanation.
func paste(name string) string { return inline(shell.Word(name)) }
