package profile

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Register returns the workspace that the dashboard makes for a user who logs in for the first time: owned by him, and
// named like the part of his e-mail address before the "@", unless a name is given. [Create] makes it. As in the
// dashboard, who owns a workspace already gets no other one this way; and a name is not given twice.
func Register(s *workspace.State, email, name string) (Spec, error) {
	if err := kubeflow.CheckEmail(email); err != nil {
		return Spec{}, workspace.Refuse("for others than people: kubectl profile create NAME --owner OWNER", "register %q: %w", email, err)
	}
	owner := rbac.User(email)
	for _, m := range s.Members("") {
		// The dashboard takes whoever has the role for an owner, if the binding says so by its annotations.
		asOwner := m.How == workspace.ByOwnership || m.Flavor == workspace.Kubeflow && (m.How == workspace.ByPair || m.How == workspace.ByBinding)
		if m.Role != workspace.Owner || !asOwner {
			continue
		}
		switch {
		case m.Subject == owner:
			return Spec{}, workspace.Refuse("kubectl profile create NAME --owner "+email+" makes another one",
				"register %s: the workspace %s has this owner already", email, m.Workspace)
		case strings.EqualFold(m.Subject.Name, email) && m.Subject.Kind == owner.Kind:
			return Spec{}, workspace.Refuse("names of users are case-sensitive; is it the same person? kubectl profile create NAME --owner "+email+" does it anyway",
				"register %s: %s owns the workspace %s", email, m.Subject.Name, m.Workspace)
		}
	}
	for _, w := range s.Workspaces() {
		if w.Owner == owner {
			return Spec{}, workspace.Refuse("kubectl profile create NAME --owner "+email+" makes another one",
				"register %s: the workspace %s has this owner already", email, w.Name)
		}
	}
	derived := name == ""
	if derived {
		name = kubeflow.RegistrationName(email)
	}
	if err := checkName(name); err != nil {
		if derived {
			return Spec{}, workspace.Refuse("give it a name: --name NAME", "register %s: no name can be made from it: %w", email, err)
		}
		return Spec{}, err
	}
	if _, taken := s.Workspace(name); taken || s.Namespace(name) != nil {
		return Spec{}, workspace.Refuse("give it another name: --name NAME", "register %s: the name %s is taken", email, name)
	}
	return Spec{Name: name, Owner: owner}, nil
}
