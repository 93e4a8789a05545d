package question

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Explanation is the answer to whether somebody may do something, with its proof, or with what is missing.
type Explanation struct {
	Identity rbac.Identity
	Request  Request
	Decision rbac.Decision
	// Misses are what comes near to a yes, nearest first; for a no only, as is all that follows.
	Misses []rbac.NearMiss
	// Elsewhere are the namespaces in which the answer would be yes.
	Elsewhere []string
	// Suggestions would allow it. There are none while it is undecided.
	Suggestions []Suggestion
	// Undecided says that there is no proof, but that one may be in what could not be read.
	Undecided bool
	// Groupless says that none of the user's own groups are known: a binding of one of them may allow it all the same.
	Groupless bool
}

// Explain answers one request. The asker says what the index knows of the identity beyond its objects.
func Explain(ix *rbac.Index, id rbac.Identity, req Request, asker Asker) *Explanation {
	e := &Explanation{Identity: id, Request: req, Decision: ix.Can(id, req.Action)}
	if e.Decision.Allowed {
		return e
	}
	e.Undecided = HidesProof(ix.Snapshot().Gaps, req.Action, asker)
	e.Groupless = !asker.Self && groupless(id)
	e.Misses = ix.WhyNot(id, req.Action)
	if req.Namespaced {
		e.Elsewhere = ix.AllowedIn(id, req.Action) // no ClusterRoleBinding allows it, and so none in any namespace
	}
	if e.Undecided {
		return e
	}
	e.Suggestions = Suggest(ix, id, req, e.Misses)
	return e
}

// Headline is the answer in one line.
func (e *Explanation) Headline() string {
	answer, may := "no", "may not"
	switch {
	case e.Decision.Allowed:
		answer, may = "yes", "may"
	case e.Undecided:
		answer, may = "unknown", "may not, as far as could be read,"
	}
	return answer + ": " + e.Identity.Subject.String() + " " + may + " " + e.Request.One()
}

// groupless reports whether an identity is a user of whom no groups are known but those that the API server gives to
// everybody. Groups of users are in no object of a cluster.
func groupless(id rbac.Identity) bool {
	return id.Subject.Kind == rbacv1.UserKind && !id.Subject.IsSystem() && slices.Equal(rbac.NewIdentity(id.Subject).Groups, id.Groups)
}
