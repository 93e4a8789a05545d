package whocan

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// apiVersion is the version of all JSON output of this plugin. Fields are added, never renamed or removed, within one.
const apiVersion = "gatehouse.dev/v1alpha1"

// header starts every JSON output.
type header struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Complete is false when something could not be read: then there may be more than is listed.
	Complete bool      `json:"complete"`
	Gaps     []gapView `json:"gaps,omitempty"`
}

type gapView struct {
	Cluster string `json:"cluster,omitempty"`
	rbac.Gap
}

func newHeader(kind string, clusters []*cluster) header {
	h := header{APIVersion: apiVersion, Kind: kind, Complete: complete(clusters)}
	for _, c := range clusters {
		if c.err != nil {
			h.Gaps = append(h.Gaps, gapView{c.name, rbac.Gap{What: "everything", Cause: c.err.Error()}})
			continue
		}
		for _, gap := range c.index.Snapshot().Gaps {
			h.Gaps = append(h.Gaps, gapView{clusterName(c, clusters), gap})
		}
	}
	return h
}

// clusterName names a cluster where there are several, and is empty where there is one.
func clusterName(c *cluster, clusters []*cluster) string {
	if len(clusters) == 1 {
		return ""
	}
	return c.name
}

type subjectView struct {
	// ID is the subject as commands take it: "user:alice", "group:ops", "sa:ns/name".
	ID string `json:"id"`
	rbac.Subject
}

func viewSubject(s rbac.Subject) subjectView { return subjectView{ID: s.String(), Subject: s} }

type objectView struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Origin is the file and line that the object was read from.
	Origin string `json:"origin,omitempty"`
}

// viewBinding is nil when there is no such object: see [rbac.ToldOrigin].
func viewBinding(b *rbac.Binding) *objectView {
	if b.Told() {
		return nil
	}
	kind := "RoleBinding"
	if b.Namespace == "" {
		kind = "ClusterRoleBinding"
	}
	return &objectView{Kind: kind, Namespace: b.Namespace, Name: b.Name, Origin: b.Origin}
}

// viewRole is nil when there is no such object.
func viewRole(r *rbac.Role) *objectView {
	if r == nil || r.Origin == rbac.ToldOrigin {
		return nil
	}
	kind := "Role"
	if r.Namespace == "" {
		kind = "ClusterRole"
	}
	return &objectView{Kind: kind, Namespace: r.Namespace, Name: r.Name, Origin: r.Origin}
}

// proofView is a path: the subject that the binding names, the binding, the role, the rule.
type proofView struct {
	Subject string   `json:"subject"`
	Via     rbac.Via `json:"via"`
	// Told says that the API server tells the caller of the rule: which binding and role it is in, he may not read.
	Told    bool        `json:"told,omitempty"`
	Binding *objectView `json:"binding"`
	Role    *objectView `json:"role"`
	// Rule is the number of the rule in the role, or in what was told, from 0.
	Rule   int                `json:"rule"`
	Policy *rbacv1.PolicyRule `json:"policy"`
	// Part is the ClusterRole out of which an aggregated role has the rule, and PartRule its number there.
	Part     *objectView `json:"part,omitempty"`
	PartRule *int        `json:"partRule,omitempty"`
}

func viewProof(p *rbac.Proof) proofView {
	v := proofView{
		Subject: p.Subject.String(), Via: p.Via, Told: p.Binding.Told(), Binding: viewBinding(p.Binding), Role: viewRole(p.Role),
		Rule: p.Rule, Policy: p.Policy(), Part: viewRole(p.Part),
	}
	if p.Part != nil {
		v.PartRule = &p.PartRule
	}
	return v
}

type requestView struct {
	rbac.Action
	// Scope is "namespace", "cluster", or "anywhere" for the cluster-wide request and those in every namespace.
	Scope string `json:"scope"`
}

func viewRequest(r question.Request) requestView {
	v := requestView{Action: r.Action, Scope: "cluster"}
	switch {
	case r.Scope == rbac.Anywhere:
		v.Scope = "anywhere"
	case r.Action.Namespace != "":
		v.Scope = "namespace"
	}
	return v
}
