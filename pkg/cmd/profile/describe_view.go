package profile

import (
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// descriptionView is the JSON of one workspace.
type descriptionView struct {
	header
	itemView
	Annotations map[string]string     `json:"annotations,omitempty"`
	MemberList  []memberView          `json:"memberList"`
	Plugins     []profile.PluginState `json:"plugins,omitempty"`
	Objects     []profile.ObjectState `json:"objects"`
	Holds       profile.Losses        `json:"holds"`
	Findings    []finding.Finding     `json:"findings"`
	Events      []profile.Event       `json:"events"`
}

// memberView is one grant.
type memberView struct {
	Subject string `json:"subject"`
	// Role is what the policy says for who is let in by Istio alone (How "policy"): that gives no rights in Kubernetes.
	Role string        `json:"role"`
	How  workspace.How `json:"how"`
	// Queue is the queue whose grant it is; How is "queue" then.
	Queue string `json:"queue,omitempty"`
	// HTTP says whether Istio lets the member in: "yes", "no" or "unknown".
	HTTP    string     `json:"http"`
	HTTPWhy string     `json:"httpWhy,omitempty"`
	Object  string     `json:"object"`
	Expires *time.Time `json:"expires,omitempty"`
	Expired bool       `json:"expired,omitempty"`
}

func (d *description) view(s *workspace.State) descriptionView {
	return descriptionView{
		header: newHeader("Profile", s.Inventory), itemView: viewItem(&d.row, s), Annotations: d.Annotations,
		MemberList: append([]memberView{}, viewMembers(d.Members, s.Now)...), Plugins: d.Plugins, Objects: d.Objects,
		Holds: d.Holds, Findings: append([]finding.Finding{}, d.findings...), Events: append([]profile.Event{}, d.Events...),
	}
}

func viewMembers(members []workspace.Member, now time.Time) []memberView {
	var out []memberView
	for i := range members {
		out = append(out, viewMember(&members[i], now))
	}
	return out
}

func viewMember(m *workspace.Member, now time.Time) memberView {
	v := memberView{
		Subject: m.Subject.String(), Role: m.RoleText(), How: m.How, HTTP: httpText(m), HTTPWhy: m.HTTPWhy,
		Object: m.ObjectName(), Expired: m.Expired(now),
	}
	if queue := contrib.QueueOf(m); queue != "" {
		v.How, v.Queue = contrib.ByQueue, queue
	}
	if !m.Expires.IsZero() {
		expires := m.Expires.UTC()
		v.Expires = &expires
	}
	return v
}

func httpText(m *workspace.Member) string {
	switch {
	case !m.HTTPKnown:
		return "unknown"
	case m.HTTP:
		return "yes"
	}
	return "no"
}
