package whocan

import "github.com/kubegatehouse/gatehouse/pkg/rbac"

// whyView is the JSON of an explanation.
type whyView struct {
	header
	Subject subjectView `json:"subject"`
	// Groups are all that were counted, those of the API server included.
	Groups  []string    `json:"groups"`
	Request requestView `json:"request"`
	Allowed bool        `json:"allowed"`
	// Undecided says that a proof may be in what could not be read: then Allowed false is no answer.
	Undecided bool        `json:"undecided,omitempty"`
	Superuser bool        `json:"superuser,omitempty"`
	Proofs    []proofView `json:"proofs,omitempty"`
	Nearest   []missView  `json:"nearest,omitempty"`
	// AllowedIn are the namespaces in which the answer would be yes.
	AllowedIn  []string     `json:"allowedIn,omitempty"`
	WouldAllow []suggestion `json:"wouldAllow,omitempty"`
}

type missView struct {
	Reason  rbac.Reason `json:"reason"`
	Text    string      `json:"text"`
	Subject string      `json:"subject"`
	Via     rbac.Via    `json:"via"`
	Binding objectView  `json:"binding"`
	// RoleRef names the role that the binding refers to, Role is the object, absent when it is missing.
	RoleRef string      `json:"roleRef"`
	Role    *objectView `json:"role,omitempty"`
	Rule    *int        `json:"rule,omitempty"`
	Has     []string    `json:"has,omitempty"`
	Others  int         `json:"others,omitempty"`
}

func viewWhy(e explanation, clusters []*cluster) whyView {
	v := whyView{
		header: newHeader("WhyAccess", clusters), Subject: viewSubject(e.id.Subject), Groups: e.id.Groups,
		Request: viewRequest(e.req), Allowed: e.decision.Allowed, Undecided: e.undecided, Superuser: e.decision.Superuser,
		AllowedIn: e.elsewhere, WouldAllow: e.commands,
	}
	for i := range e.decision.Proofs {
		v.Proofs = append(v.Proofs, viewProof(&e.decision.Proofs[i]))
	}
	for i := range e.misses {
		m := &e.misses[i]
		view := missView{
			Reason: m.Reason, Text: missText(m, e.req), Subject: m.Subject.String(), Via: m.Via,
			Binding: viewBinding(m.Binding), RoleRef: m.Binding.RoleKindName(), Role: viewRole(m.Role), Has: m.Has,
			Others: m.Others,
		}
		if m.Rule >= 0 {
			view.Rule = &m.Rule
		}
		v.Nearest = append(v.Nearest, view)
	}
	return v
}
