package contrib

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// MigrationGap returns why not all that Kalm keeps in the namespaces is known (everywhere, when there are none), or nil when
// it is: then nothing that was found to migrate is nothing that is left.
func MigrationGap(s *workspace.State, namespaces ...string) *rbac.Gap {
	if len(namespaces) == 0 {
		return s.KalmGap("")
	}
	for _, name := range namespaces {
		if gap := s.KalmGap(name); gap != nil {
			return gap
		}
	}
	return nil
}

// CheckSuspensions refuses a migration without the role bindings in Kalm's own namespace: they say who is suspended, and would
// get the rights of a member. The refusal names the rule that is missing.
func CheckSuspensions(s *workspace.State) error {
	gap := s.KalmGap(kalm.SystemNamespace)
	if gap == nil {
		return nil
	}
	next := gapHint(gap)
	if gap.Missing != nil {
		next += " in namespace " + kalm.SystemNamespace
	}
	return workspace.Refuse(next, "migrate from Kalm: who is suspended is not known: the role bindings in %s cannot be read", kalm.SystemNamespace)
}

// mightiest reports whether a role in Kalm's own namespace is as good as cluster-admin: what runs there is bound to that.
func mightiest(b *kalm.Binding) bool {
	return b.Namespace == kalm.SystemNamespace && b.Role.Gives() && !b.Role.Cluster() && b.Role != kalm.Viewer
}

// understand makes the policy that roles are compared by. Where one object spoils it for everybody, it is made without: how
// Kalm's roles are meant is asked, and not how its API fails today.
func (m *migration) understand(namespaces []string) {
	s := m.draft.state
	inv := s.Inventory
	w := kalm.NewWorld(inv.Namespaces, inv.Objects(inventory.KalmBindings), inv.Objects(inventory.AccessTokens), s.Now)
	assumed := slices.DeleteFunc(w.Assume(), func(name string) bool { return len(namespaces) > 0 && !slices.Contains(namespaces, name) })
	if len(assumed) > 0 {
		m.warn("not known whether Kalm takes these namespaces for applications, and taken as if: %s", strings.Join(assumed, ", "))
	}
	if gap := s.KalmGap(kalm.SystemNamespace); gap != nil && !slices.Contains(namespaces, kalm.SystemNamespace) {
		m.warn("who is suspended in Kalm is not known, and would have the rights of a member: the role bindings in %s cannot be read",
			kalm.SystemNamespace)
	}
	m.policy = kalm.NewPolicy(w)
	switch {
	case m.policy.Stopped():
		m.warn("Kalm's API does not run: it ends when it reads its policy. What members have is told as their roles are meant")
	case m.policy.Broken():
		m.warn("Kalm's API says no to everybody, whatever they ask. What members have is told as their roles are meant")
	default:
		return
	}
	spoils := map[string]bool{}
	for _, flag := range m.policy.Flags() {
		if flag.Mark != kalm.Stops && flag.Mark != kalm.Denies {
			continue
		}
		spoils[flag.Object()] = true
		m.warn("%s: %s", flag.Object(), flag.Why())
	}
	w.Bindings = slices.DeleteFunc(w.Bindings, func(b kalm.Binding) bool { return spoils[b.Ref()] })
	w.Tokens = slices.DeleteFunc(w.Tokens, func(t kalm.Token) bool { return spoils[t.Ref()] })
	m.policy = kalm.NewPolicy(w)
}

func (m *migration) warn(format string, args ...any) {
	m.out.Warnings = append(m.out.Warnings, fmt.Sprintf(format, args...))
}
