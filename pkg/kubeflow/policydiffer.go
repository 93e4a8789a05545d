package kubeflow

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// PolicyDiffers says how a contributor's or an owner's policy differs from the one that a component with the
// configuration cfg would write, a reason each; nil when it does not. What is not known of cfg is not compared. Values are
// quoted, so that the reasons can be shown anywhere.
//
// Whether it is the right user who is let in is another question: see [PolicyUsers].
func PolicyDiffers(policy *unstructured.Unstructured, cfg Config) []string {
	var out []string
	rules := policyRules(policy)
	switch {
	case len(rules) == 0:
		return []string{"it lets nobody in"}
	case restricted(policy):
		out = append(out, "it is for some pods only")
	}
	class := ClassifyPolicy(policy)
	out = append(out, rules[0].headerDiffers(cfg, policy.GetAnnotations())...)
	out = append(out, rules[0].principalsDiffer(cfg)...)
	switch {
	case class != ClassOwner:
		if len(rules) > 1 {
			out = append(out, fmt.Sprintf("it has %d rules instead of 1", len(rules)))
		}
		if rules[0].to {
			out = append(out, "it is for some paths, ports or methods only")
		}
	case !isOwnerShape(policy):
		out = append(out, "its rules are not those of the profile controller")
	case cfg.NotebookPrincipal != "":
		for _, r := range rules[1:] {
			if r.isCulling() && r.principals()[0] != cfg.NotebookPrincipal {
				out = append(out, fmt.Sprintf("the notebook controller is %q instead of %q", r.principals()[0], cfg.NotebookPrincipal))
			}
		}
	}
	return out
}

// headerDiffers compares the condition by which a rule knows its user, or its group.
func (r rule) headerDiffers(cfg Config, annotations map[string]string) []string {
	name, c, found := r.header()
	if !found {
		claim := slices.ContainsFunc(r.conditions, func(c clause) bool { return strings.HasPrefix(c.key, claimsKey) })
		if claim && annotations[UserAnnotation] == "" {
			return nil
		}
		return []string{"it has no condition on a header"}
	}
	if cfg.UserIDHeader == "" {
		return nil
	}
	var out []string
	if !strings.EqualFold(name, cfg.UserIDHeader) {
		out = append(out, fmt.Sprintf("the header is %q instead of %q", name, cfg.UserIDHeader))
	}
	user := annotations[UserAnnotation]
	for _, value := range c.values {
		prefix, named := strings.CutSuffix(value, user)
		switch {
		case user != "" && named && prefix != cfg.UserIDPrefix:
			out = append(out, fmt.Sprintf("the prefix of the user's name is %q instead of %q", prefix, cfg.UserIDPrefix))
		case !strings.HasPrefix(value, cfg.UserIDPrefix):
			out = append(out, fmt.Sprintf("the value %q does not begin with the prefix %q", value, cfg.UserIDPrefix))
		}
	}
	return out
}

// principalsDiffer compares the senders of a rule, whatever their order.
func (r rule) principalsDiffer(cfg Config) []string {
	have, want := r.principals(), cfg.GatewayPrincipals
	switch {
	case len(want) == 0:
		return nil
	case len(have) == 0 && !r.from:
		return []string{"it names no principals, so that any pod can send the header"}
	case !slices.Equal(sorted(slices.Clone(have)), sorted(slices.Clone(want))):
		return []string{fmt.Sprintf("the principals are %q instead of %q", have, want)}
	}
	return nil
}

// isOwnerShape reports whether a policy is what some configuration of the profile controller makes.
func isOwnerShape(policy *unstructured.Unstructured) bool {
	cfg, ok := ConfigFromOwnerPolicy(policy)
	if !ok {
		return false
	}
	_, c, _ := policyRules(policy)[0].header()
	owner := strings.TrimPrefix(c.values[0], cfg.UserIDPrefix)
	return IsOwnerPolicySpecCurrent(policy, owner, cfg)
}

// IsOwnerPolicySpecCurrent reports whether the spec of a policy is the one that the profile controller would leave as it
// is. The order of rules and values counts; an explicit action ALLOW does not.
func IsOwnerPolicySpecCurrent(policy *unstructured.Unstructured, owner string, cfg Config) bool {
	if policy == nil {
		return false
	}
	spec, _ := policy.Object["spec"].(map[string]any)
	have := make(map[string]any, len(spec))
	for key, value := range spec {
		if key != "action" || value != "ALLOW" {
			have[key] = value
		}
	}
	return equality.Semantic.DeepEqual(have, OwnerPolicySpec(policy.GetNamespace(), owner, cfg))
}
