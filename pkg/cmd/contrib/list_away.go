package contrib

import (
	"slices"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

type awayView struct {
	Workspace string      `json:"workspace"`
	Subject   subjectView `json:"subject"`
	Role      string      `json:"role"`
	Binding   string      `json:"binding"`
}

// away returns those of whom was asked for that role bindings remember, and no longer name.
func (o *listOptions) away(s *workspace.State) []contrib.Away {
	return slices.DeleteFunc(contrib.SuspendedIn(s, o.namespace), func(a contrib.Away) bool {
		ref := a.Binding.RoleRef
		return !o.wants(&workspace.Member{Subject: a.Subject, Role: workspace.RoleOf(ref), RoleRef: ref})
	})
}

// tellAway says who is suspended by Kubernetes's means, and thus in no list of members.
func (o *listOptions) tellAway(away []contrib.Away, now time.Time) {
	for _, a := range away {
		if a.Ended(now) {
			o.env.Notef("suspended: %s, who was %s of %s until %s: \"%s expire\" forgets that",
				a.Subject, a.RoleText(), a.Binding.Namespace, a.Binding.Annotations[workspace.ExpiresAnnotation], o.env.Name)
			continue
		}
		o.env.Notef("suspended: %s, who was %s of %s: \"%s suspend %s --unsuspend\" gives that back",
			a.Subject, a.RoleText(), a.Binding.Namespace, o.env.Name, shell.Word(contrib.Label(a.Subject)))
	}
}
