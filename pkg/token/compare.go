package token

import (
	"slices"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Proven is what the API server says of a new token, beside what was asked for.
type Proven struct {
	// Missing is what was asked for and is not allowed; More what is allowed and was not asked for.
	Missing []rbacv1.PolicyRule
	More    []Extra
	// Baseline is what Kubernetes lets every service account do: questions about itself, and discovery.
	Baseline []rbacv1.PolicyRule
	// Incomplete is the server's word that it does not list everything; empty when it does.
	Incomplete string
}

// Extra is something that a token may do and was not asked for.
type Extra struct {
	Rule rbacv1.PolicyRule
	// Via says through which bindings, as far as these could be read.
	Via []string
}

// Same reports whether the token may do just what was asked for.
func (p Proven) Same() bool { return len(p.Missing) == 0 && len(p.More) == 0 && p.Incomplete == "" }

// Compare compares what was asked for with what the server tells about the account in its namespace. The index, which may
// be nil, says through what it may do more; it also finds what the account may do in other namespaces, about which the
// server was not asked.
func Compare(asked []rbacv1.PolicyRule, told authorizationv1.SubjectRulesReviewStatus, ix *rbac.Index, account rbac.Subject) Proven {
	held := rulesOf(told)
	p := Proven{Missing: rbac.Covers(held, asked)}
	if told.Incomplete {
		p.Incomplete = "the server says that it can't list all rules"
		if told.EvaluationError != "" {
			p.Incomplete += ": " + told.EvaluationError
		}
	}
	everybody := baseline()
	p.Baseline = intersect(everybody, held)
	for _, rule := range rbac.Covers(append(slices.Clone(asked), everybody...), held) {
		p.More = append(p.More, Extra{Rule: rule, Via: via(ix, account, rule)})
	}
	if ix == nil {
		return p
	}
	for _, right := range ix.Rights(rbac.NewIdentity(account), "") {
		elsewhere := slices.DeleteFunc(slices.Clone(right.Namespaces), func(n string) bool { return n == account.Namespace })
		if right.Void != "" || right.Everywhere || len(elsewhere) == 0 {
			continue
		}
		rule := rbacv1.PolicyRule{APIGroups: []string{right.Group}, Resources: []string{right.Resource}, Verbs: right.Verbs, ResourceNames: right.Names}
		extra := Extra{Rule: rule}
		for _, source := range right.Sources {
			if source.Binding.Namespace != account.Namespace {
				extra.Via = append(extra.Via, pathText(source))
			}
		}
		p.More = append(p.More, extra)
	}
	return p
}

// via returns the paths that let an account do the first thing that a rule says.
func via(ix *rbac.Index, account rbac.Subject, rule rbacv1.PolicyRule) []string {
	if ix == nil || len(rule.Verbs) == 0 {
		return nil
	}
	action := rbac.Action{Verb: rule.Verbs[0], Namespace: account.Namespace}
	switch {
	case len(rule.NonResourceURLs) > 0:
		action = rbac.Action{Verb: rule.Verbs[0], Path: rule.NonResourceURLs[0]}
	case len(rule.Resources) > 0 && len(rule.APIGroups) > 0:
		action.Group = rule.APIGroups[0]
		action.Resource, action.Subresource, _ = strings.Cut(rule.Resources[0], "/")
		if len(rule.ResourceNames) > 0 {
			action.Name = rule.ResourceNames[0]
		}
	}
	var out []string
	for _, proof := range ix.Can(rbac.NewIdentity(account), action).Proofs {
		text := proof.String()
		if proof.Subject != account {
			text += " (via " + proof.Subject.String() + ")"
		}
		out = append(out, text)
	}
	return out
}

func rulesOf(told authorizationv1.SubjectRulesReviewStatus) []rbacv1.PolicyRule {
	var out []rbacv1.PolicyRule
	for _, r := range told.ResourceRules {
		out = append(out, rbacv1.PolicyRule{Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames})
	}
	for _, r := range told.NonResourceRules {
		out = append(out, rbacv1.PolicyRule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs})
	}
	return out
}

// intersect returns those of the rules that the held ones cover whole.
func intersect(rules, held []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	return slices.DeleteFunc(slices.Clone(rules), func(r rbacv1.PolicyRule) bool { return len(rbac.Covers(held, []rbacv1.PolicyRule{r})) > 0 })
}

// baseline is what the roles system:basic-user, system:discovery, system:public-info-viewer,
// system:service-account-issuer-discovery and, behind a feature gate, system:cluster-trust-bundle-discovery let every
// service account do. Source: ClusterRoles in
// plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go of kubernetes.
func baseline() []rbacv1.PolicyRule {
	rules := []rbacv1.PolicyRule{
		{Verbs: []string{"create"}, APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"selfsubjectaccessreviews"}},
		{Verbs: []string{"create"}, APIGroups: []string{"authorization.k8s.io"}, Resources: []string{"selfsubjectrulesreviews"}},
		{Verbs: []string{"create"}, APIGroups: []string{"authentication.k8s.io"}, Resources: []string{"selfsubjectreviews"}},
		{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{"certificates.k8s.io"}, Resources: []string{"clustertrustbundles"}},
	}
	for _, url := range []string{
		"/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/",
		"/.well-known/openid-configuration", "/.well-known/openid-configuration/", "/openid/v1/jwks", "/openid/v1/jwks/",
	} {
		rules = append(rules, rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{url}})
	}
	return rules
}
