package token

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Revoke plans that tokens end: of ours, that the Secret goes to which each is bound, which an API server notices within
// seconds, and, unless the account is to be kept, the service account with its Role and RoleBinding; of Kalm and of
// Secrets that hold a token, that the object goes. Only what is proven to belong to the token is deleted, by its UID; the
// notes say what was left, and why.
func Revoke(s *State, tokens []Token, keepAccount bool) (plan.Plan, []string, error) {
	var (
		steps []plan.Step
		notes []string
		names []string
	)
	done := map[string]bool{}
	for _, t := range tokens {
		if keepAccount && t.Kind == Bound && len(s.inv.Missing(inventory.TokenSecrets)) > 0 {
			return plan.Plan{}, nil, fmt.Errorf("revoke %s and keep its account: not all Secrets can be read, so that what it is bound to is not known", t.ID())
		}
		if !slices.Contains(names, t.ID()) {
			names = append(names, t.ID())
		}
		if t.object != nil {
			steps = append(steps, inUnit(deletion(t.object, "the token ends with it"), t.Object()))
		}
		if t.Kind != Bound || keepAccount || done[t.Object()] {
			continue
		}
		done[t.Object()] = true
		if s.hasOther(t, tokens) {
			notes = append(notes, fmt.Sprintf("%s stays: another token of it is good", t.Object()))
			continue
		}
		// The Secret is a unit of its own: what ends the token is never taken back because something else went wrong.
		more, told, err := s.revokeAccount(t)
		if err != nil {
			return plan.Plan{}, nil, err
		}
		steps, notes = append(steps, more...), append(notes, told...)
	}
	p, err := plan.New("revoke "+count(len(names), "token"), steps...)
	return p, notes, err
}

// hasOther reports whether the account of a token has one that is good, and not among those that are to end: as when the
// old one was not taken away after "create --rotate".
func (s *State) hasOther(t Token, ending []Token) bool {
	return slices.ContainsFunc(s.tokens, func(other Token) bool {
		return other.Kind == Bound && other.Account == t.Account && !other.Ended(s.now) &&
			!slices.ContainsFunc(ending, func(e Token) bool { return e.Kind == Bound && e.Account == t.Account && e.Secret == other.Secret })
	})
}

// revokeAccount returns the steps that delete the service account of a token, its Role and its RoleBinding.
func (s *State) revokeAccount(t Token) (steps []plan.Step, notes []string, err error) {
	unit := t.Object() + " and its role"
	binding := s.binding(t.Namespace, t.Name)
	unread := len(s.inv.Missing(inventory.RoleBindings)) > 0
	switch {
	case binding == nil && unread:
		notes = append(notes, fmt.Sprintf("a rolebinding %s/%s may be left, and names nobody then: not all of them can be read", t.Namespace, t.Name))
	case binding == nil:
	case !s.owns(binding, t):
		notes = append(notes, fmt.Sprintf("rolebinding %s/%s stays: it is not just that of the token", t.Namespace, t.Name))
	default:
		object, err := plan.FromObjects(binding)
		if err != nil {
			return nil, nil, err
		}
		steps = append(steps, inUnit(plan.Step{Verb: plan.Delete, Old: object[0]}, unit))
	}
	switch object := s.roleObject(t.Namespace, t.Name); {
	case object == nil && len(s.inv.Missing(inventory.Roles)) > 0:
		notes = append(notes, fmt.Sprintf("a role %s/%s may be left: not all of them can be read", t.Namespace, t.Name))
	case object == nil:
	case object.GetLabels()[Label] != t.Name:
		notes = append(notes, fmt.Sprintf("role %s/%s stays: it is not that of a token of ours", t.Namespace, t.Name))
	case s.boundByOthers(t):
		notes = append(notes, fmt.Sprintf("role %s/%s stays: other bindings refer to it", t.Namespace, t.Name))
	case unread:
		notes = append(notes, fmt.Sprintf("role %s/%s stays: not all bindings can be read, and others may refer to it", t.Namespace, t.Name))
	default:
		steps = append(steps, inUnit(plan.Step{Verb: plan.Delete, Old: object}, unit))
	}
	for _, b := range s.naming[t.Account] {
		if b != binding {
			notes = append(notes, fmt.Sprintf("rolebinding %s/%s names the account too, and stays: it then names nobody", b.Namespace, b.Name))
		}
	}
	if t.account.Annotations[MayAnnotation] == "" {
		return steps, append(notes, fmt.Sprintf("%s stays: it has the label of a token, and nothing says what it was made for", t.Object())), nil
	}
	account, err := plan.FromObjects(t.account)
	if err != nil {
		return nil, nil, err
	}
	return append(steps, inUnit(plan.Step{Verb: plan.Delete, Old: account[0]}, unit)), notes, nil
}

// owns reports whether a binding gives the Role of a token to its account and nobody else.
func (s *State) owns(b *rbacv1.RoleBinding, t Token) bool {
	return b.Name == t.Name && b.Labels[Label] == t.Name && b.RoleRef.Kind == "Role" && b.RoleRef.Name == t.Name &&
		len(b.Subjects) == 1 && isSubject(b.Subjects[0], b.Namespace, t.Account)
}

// boundByOthers reports whether another binding refers to the Role of a token.
func (s *State) boundByOthers(t Token) bool {
	return slices.ContainsFunc(s.giving[types.NamespacedName{Namespace: t.Namespace, Name: t.Name}], func(b *rbacv1.RoleBinding) bool {
		return !s.owns(b, t)
	})
}

func isSubject(subject rbacv1.Subject, namespace string, account rbac.Subject) bool {
	read, ok := rbac.NewSubject(subject, namespace)
	return ok && read == account
}

// Expired returns the tokens that can be taken away since they are past their end: of ours, and of Kalm. With a namespace
// only those in it.
func (s *State) Expired(namespace string) []Token {
	var out []Token
	for _, t := range s.tokens {
		if (namespace == "" || t.Namespace == namespace) && !t.Expires.IsZero() && t.Expires.Before(s.now) {
			out = append(out, t)
		}
	}
	return out
}

// deletion deletes an object of which no more was read than its metadata, or that holds a secret: it is never made anew.
func deletion(object *unstructured.Unstructured, why string) plan.Step {
	bare := &unstructured.Unstructured{Object: map[string]any{"apiVersion": object.GetAPIVersion(), "kind": object.GetKind()}}
	bare.SetNamespace(object.GetNamespace())
	bare.SetName(object.GetName())
	bare.SetUID(object.GetUID())
	step := plan.Step{Verb: plan.Delete, Object: bare, Why: why}
	if object.GetUID() == "" { // of a manifest
		step.Old = bare
	}
	return step
}

func inUnit(step plan.Step, unit string) plan.Step {
	step.Unit = unit
	return step
}

// count returns "1 token", "2 tokens".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
