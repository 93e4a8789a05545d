package whocan

import (
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// whyView is the JSON of an explanation.
type whyView struct {
	header
	Subject subjectView `json:"subject"`
	// Groups are all that were counted, those of the API server included.
	Groups []string `json:"groups"`
	// GroupsUnknown says of a no that no groups of the user were named: a binding of one of them may allow it.
	GroupsUnknown bool        `json:"groupsUnknown,omitempty"`
	Request       requestView `json:"request"`
	Allowed       bool        `json:"allowed"`
	// Undecided says that a proof may be in what could not be read: then Allowed false is no answer.
	Undecided bool        `json:"undecided,omitempty"`
	Superuser bool        `json:"superuser,omitempty"`
	Proofs    []proofView `json:"proofs,omitempty"`
	Nearest   []missView  `json:"nearest,omitempty"`
	// AllowedIn are the namespaces in which the answer would be yes.
	AllowedIn  []string              `json:"allowedIn,omitempty"`
	WouldAllow []question.Suggestion `json:"wouldAllow,omitempty"`
}

type missView struct {
	Reason  rbac.Reason `json:"reason"`
	Text    string      `json:"text"`
	Subject string      `json:"subject"`
	Via     rbac.Via    `json:"via"`
	// Told is that of [proofView]: then Binding is null, and RoleRef is empty.
	Told    bool        `json:"told,omitempty"`
	Binding *objectView `json:"binding"`
	// RoleRef names the role that the binding refers to, Role is the object, absent when it is missing.
	RoleRef string      `json:"roleRef"`
	Role    *objectView `json:"role,omitempty"`
	Rule    *int        `json:"rule,omitempty"`
	Has     []string    `json:"has,omitempty"`
	Others  int         `json:"others,omitempty"`
}

func viewWhy(e *question.Explanation, clusters []*cluster) whyView {
	v := whyView{
		header: newHeader("WhyAccess", clusters), Subject: viewSubject(e.Identity.Subject), Groups: e.Identity.Groups,
		Request: viewRequest(e.Request), Allowed: e.Decision.Allowed, Undecided: e.Undecided, Superuser: e.Decision.Superuser,
		GroupsUnknown: e.Groupless, AllowedIn: e.Elsewhere, WouldAllow: e.Suggestions,
	}
	for i := range e.Decision.Proofs {
		v.Proofs = append(v.Proofs, viewProof(&e.Decision.Proofs[i]))
	}
	for i := range e.Misses {
		m := &e.Misses[i]
		view := missView{
			Reason: m.Reason, Text: question.MissText(m, e.Request), Subject: m.Subject.String(), Via: m.Via,
			Told: m.Binding.Told(), Binding: viewBinding(m.Binding), Role: viewRole(m.Role), Has: m.Has, Others: m.Others,
		}
		if !view.Told {
			view.RoleRef = m.Binding.RoleKindName()
		}
		if m.Rule >= 0 {
			view.Rule = &m.Rule
		}
		v.Nearest = append(v.Nearest, view)
	}
	return v
}
