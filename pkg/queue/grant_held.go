package queue

import (
	"cmp"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Granted is what somebody can do with a queue in a namespace by a grant of ours.
type Granted struct {
	Namespace, Queue string
	Subject          rbac.Subject
	Can              []kaiwo.Ability
	// Kinds are those of [KindsAnnotation]; none where it is for Kaiwo's.
	Kinds []string
	// Expires is when it may be taken again; zero for never, and where Undated says that there is a date, but none that can
	// be read.
	Expires time.Time
	Undated string
	// Binding gives it. With Shared it names others too.
	Binding *rbacv1.RoleBinding
	Shared  bool
}

// Expired reports whether a grant has ended.
func (g *Granted) Expired(now time.Time) bool { return !g.Expires.IsZero() && !now.Before(g.Expires) }

// Grants returns the grants of ours, by namespace, queue and subject. It knows them by what their bindings say of
// themselves, when that agrees with the role that they give; their names prove nothing. It takes inventory.RoleBindings.
func Grants(s *State) []Granted {
	var out []Granted
	for _, b := range s.Inventory.RoleBindings {
		out = append(out, grantsOf(b)...)
	}
	slices.SortStableFunc(out, func(a, b Granted) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Queue, b.Queue), rbac.CompareSubjects(a.Subject, b.Subject))
	})
	return out
}

// grantsOf returns the grants that a binding is, one for each of its subjects; none when it is not ours.
func grantsOf(b *rbacv1.RoleBinding) []Granted {
	queue := b.Annotations[QueueAnnotation]
	can, err := kaiwo.ParseAbilities(strings.Split(b.Annotations[CanAnnotation], ","))
	kinds := parseKinds(b.Annotations[KindsAnnotation])
	if queue == "" || err != nil || b.RoleRef.Kind != "Role" || b.RoleRef.Name != roleName(can, kinds) {
		return nil
	}
	g := Granted{Namespace: b.Namespace, Queue: queue, Can: can, Kinds: kinds, Binding: b}
	if text := b.Annotations[workspace.ExpiresAnnotation]; text != "" {
		if g.Expires, err = time.Parse(time.RFC3339, text); err != nil {
			g.Undated = text
		}
	}
	var out []Granted
	for _, subject := range b.Subjects {
		who, ok := rbac.NewSubject(subject, b.Namespace)
		if !ok || slices.ContainsFunc(out, func(have Granted) bool { return have.Subject == who }) {
			continue
		}
		g.Subject = who
		out = append(out, g)
	}
	for i := range out {
		out[i].Shared = len(out) > 1
	}
	return out
}

// Label returns a subject as short as the commands still read it back: users by their bare names, but for those that look
// like a list, or like oneself.
func Label(s rbac.Subject) string {
	if s.Kind == rbacv1.UserKind && s.Name != "me" && !strings.ContainsAny(s.Name, ", \t\n") {
		if again, err := rbac.ParseSubject(s.Name); err == nil && again == s {
			return s.Name
		}
	}
	return s.String()
}
