package conformance

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// checkWhyNot takes every near miss at its word: with the one thing changed that it names, upstream has to allow the request. A rule with an empty list, which no API server stores, has nothing to
// offer.
func checkWhyNot(p *probe, q question) string {
	if p.allowed(q.id, q.action) {
		return ""
	}
	for _, miss := range p.ix.WhyNot(q.id, q.action) {
		if miss.Reason == rbac.ReasonRoleMissing {
			if miss.Role != nil || p.rules(&rbacv1.RoleBinding{RoleRef: miss.Binding.RoleRef}) != nil && miss.Binding.RoleRef.Kind != "Role" {
				return "WhyNot: the role is there: " + miss.Binding.RoleKindName()
			}
			continue
		}
		for _, has := range miss.Has {
			id, a := instead(miss, q, has)
			if !p.allowed(id, a) {
				return fmt.Sprintf("WhyNot: %s %q would not allow it (%s)", miss.Reason, has, miss.Binding.KindName())
			}
		}
	}
	return ""
}

// instead changes what the miss complains about into what is there.
func instead(miss rbac.NearMiss, q question, has string) (rbac.Identity, rbac.Action) {
	a := q.action
	switch miss.Reason {
	case rbac.ReasonElsewhere, rbac.ReasonClusterScope:
		a.Namespace = has
		if a.IsURL() { // no namespace helps a URL; the role has to be bound cluster-wide
			return rbac.NewIdentity(rbac.Group(rbac.GroupMasters)), a
		}
	case rbac.ReasonName:
		a.Name = has
	case rbac.ReasonVerb:
		a.Verb = has
	case rbac.ReasonGroup:
		a.Group = has
	case rbac.ReasonSubresource:
		a.Resource, a.Subresource = has, ""
	case rbac.ReasonSubject:
		if !slices.ContainsFunc([]string{has}, func(s string) bool { return s == miss.Subject.String() }) {
			return rbac.Identity{}, a
		}
		return alone(miss.Subject), a
	case rbac.ReasonRoleMissing:
	}
	return q.id, a
}
