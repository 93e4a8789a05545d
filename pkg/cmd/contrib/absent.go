package contrib

import (
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// unseenRest is an error when not all could be read that shows somebody: then it is not known that nothing is left to do.
// Which rules it takes was told already, see [workspaces.Flags.TellGaps].
func unseenRest(s *workspace.State, what string) error {
	for _, kind := range []inventory.Kind{inventory.RoleBindings, inventory.Policies, inventory.Profiles, inventory.KalmBindings} {
		if len(s.Inventory.Missing(kind)) > 0 {
			return cli.Hint(fmt.Errorf("%s: nothing was found to change, and not all %s can be read", what, kind),
				"ask an administrator to run it")
		}
	}
	return nil
}

// isAnywhere reports whether a subject has any role binding, or a policy that lets it in.
func isAnywhere(s *workspace.State, subject rbac.Subject) bool {
	for _, m := range s.MembersAll("") {
		if m.Subject == subject {
			return true
		}
	}
	return false
}

// nothingToRename is an error when the old name is nowhere: a slip of the pen must not look like success.
func nothingToRename(s *workspace.State, old, to rbac.Subject) error {
	what := fmt.Sprintf("rename %s to %s", contrib.Label(old), contrib.Label(to))
	if err := unseenRest(s, what); err != nil {
		return err
	}
	if isAnywhere(s, old) {
		return nil
	}
	err := fmt.Errorf("%s: %s is in no workspace", what, contrib.Label(old))
	if isAnywhere(s, to) {
		return cli.Hint(err, contrib.Label(to)+" is in one: it may have been renamed already")
	}
	if near := likeMembers(s, old); near != "" {
		return cli.Hint(err, "did you mean "+near+"?")
	}
	return err
}

// likeMembers names the subjects of the same kind whose names are most like that of the subject; empty when none is. What
// names have in common behind the "@" says nothing.
func likeMembers(s *workspace.State, subject rbac.Subject) string {
	word, domain, _ := strings.Cut(contrib.Label(subject), "@")
	var near, far []string
	for _, m := range s.MembersAll("") {
		if m.Subject.Kind != subject.Kind {
			continue
		}
		label := contrib.Label(m.Subject)
		if first, last, _ := strings.Cut(label, "@"); last == domain {
			near = append(near, first)
		} else {
			far = append(far, label)
		}
	}
	names := cli.Similar(word, near)
	if domain != "" {
		for i := range names {
			names[i] += "@" + domain
		}
	}
	if len(names) == 0 {
		names = cli.Similar(contrib.Label(subject), far)
	}
	return strings.Join(names, ", ")
}
