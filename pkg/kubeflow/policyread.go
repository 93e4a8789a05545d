package kubeflow

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// PolicyClass says what a policy in a profile's namespace is.
type PolicyClass string

// The classes.
const (
	ClassOwner         PolicyClass = "owner"         // ns-owner-access-istio
	ClassPair          PolicyClass = "pair"          // a contributor's: with annotations
	ClassVisualization PolicyClass = "visualization" // of Kubeflow Pipelines, up to 1.8
	ClassWaypoint      PolicyClass = "waypoint"      // planned upstream for Istio's ambient mode
	ClassOther         PolicyClass = "other"
)

// Names of policies that Kubeflow's components make besides the owner's and the contributors'. Source:
// pipelines-profile-controller up to 1.8; a change to the profile controller that is not part of a release.
const (
	VisualizationPolicy = "ml-pipeline-visualizationserver"
	WaypointPolicy      = "waypoint-l4-access"
)

// ClassifyPolicy says what a policy is, by its annotations first: only the owner's and a contributor's carry any.
func ClassifyPolicy(policy *unstructured.Unstructured) PolicyClass {
	switch {
	case policy.GetName() == OwnerPolicy:
		return ClassOwner
	case IsPair(policy.GetAnnotations()) && LetsIn(policy):
		return ClassPair
	case policy.GetName() == VisualizationPolicy:
		return ClassVisualization
	case policy.GetName() == WaypointPolicy:
		return ClassWaypoint
	}
	return ClassOther
}

// LetsIn reports whether a policy is one that lets requests in, and not one that turns them away, asks somebody else, or
// only records them. Only such a policy can be a contributor's, whatever its annotations say.
func LetsIn(policy *unstructured.Unstructured) bool {
	spec, _ := policy.Object["spec"].(map[string]any)
	action, ok := spec["action"]
	return !ok || action == "ALLOW"
}

// PolicyUsers returns the names of the users whom a policy lets in by a condition on the header of cfg, sorted, without
// cfg's prefix. With an empty header, every header counts and no prefix is taken off. A name that begins or ends with "*"
// is a pattern, as Istio reads it.
func PolicyUsers(policy *unstructured.Unstructured, cfg Config) []string {
	var out []string
	for _, r := range policyRules(policy) {
		for _, c := range r.conditions {
			name, ok := headerOf(c.key)
			if !ok || cfg.UserIDHeader != "" && !strings.EqualFold(name, cfg.UserIDHeader) {
				continue
			}
			for _, value := range c.values {
				user, ok := value, true
				if cfg.UserIDHeader != "" && !strings.HasPrefix(value, "*") {
					user, ok = strings.CutPrefix(value, cfg.UserIDPrefix)
				}
				if ok {
					out = append(out, user)
				}
			}
		}
	}
	return sorted(out)
}

// PolicyGroups returns the groups that a policy lets in by a condition on a claim of a token, sorted. The claim may have
// any name: which one carries groups is up to the installation.
func PolicyGroups(policy *unstructured.Unstructured) []string {
	var out []string
	for _, r := range policyRules(policy) {
		for _, c := range r.conditions {
			if strings.HasPrefix(c.key, claimsKey) {
				out = append(out, c.values...)
			}
		}
	}
	return sorted(out)
}

// PolicyPrincipals returns the mesh identities that a policy names as senders, sorted.
func PolicyPrincipals(policy *unstructured.Unstructured) []string {
	var out []string
	for _, r := range policyRules(policy) {
		out = append(out, r.principals()...)
	}
	return sorted(out)
}

// PolicyAdmits reports whether a policy lets all requests of a user in that come through the first gateway of cfg. A
// policy that is restricted to some pods, paths or methods does not, nor does a condition that nothing is known about.
func PolicyAdmits(policy *unstructured.Unstructured, user string, cfg Config) bool {
	cfg = cfg.WithDefaults()
	if restricted(policy) {
		return false
	}
	return slices.ContainsFunc(policyRules(policy), func(r rule) bool {
		return !r.to && r.comesFrom(cfg) && !slices.ContainsFunc(r.conditions, func(c clause) bool { return !c.admits(user, cfg) })
	})
}

// comesFrom reports whether the first gateway of cfg is among the rule's senders.
func (r rule) comesFrom(cfg Config) bool {
	if !r.from {
		return true
	}
	return slices.ContainsFunc(r.sources, func(s source) bool {
		switch {
		case s.narrowed:
			return false
		case s.principals == nil:
			return true
		}
		return len(cfg.GatewayPrincipals) > 0 && anyMatches(s.principals, cfg.GatewayPrincipals[0])
	})
}

// admits reports whether the user's requests meet a condition.
func (c clause) admits(user string, cfg Config) bool {
	name, ok := headerOf(c.key)
	if !ok || !strings.EqualFold(name, cfg.UserIDHeader) {
		return false
	}
	value := cfg.UserIDPrefix + user
	return (len(c.values) == 0 || anyMatches(c.values, value)) && !anyMatches(c.notValues, value)
}

// restricted reports whether a policy is for some pods only. One that is attached to a gateway, as in Istio's ambient mode,
// is for all that the gateway stands before.
func restricted(policy *unstructured.Unstructured) bool {
	if policy == nil {
		return true
	}
	spec, _ := policy.Object["spec"].(map[string]any)
	selector, _ := spec["selector"].(map[string]any)
	labels, _ := selector["matchLabels"].(map[string]any)
	return len(labels) > 0 || slices.ContainsFunc(objects(spec["targetRefs"]), func(target map[string]any) bool {
		return target["kind"] != "Gateway"
	})
}

func sorted(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}
