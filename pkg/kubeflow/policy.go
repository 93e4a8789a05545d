package kubeflow

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Keys of Istio's conditions.
const (
	headerKey    = "request.headers["
	claimsKey    = "request.auth.claims["
	groupsKey    = claimsKey + "groups]"
	namespaceKey = "source.namespace"
)

// UserPolicySpec returns the spec of a contributor's policy: requests that come from the gateway and carry the user's
// name. It is the same for every role. What is not known of cfg is taken from [DefaultConfig]; with
// [Config.WithoutPrincipals] the policy has the form of the releases up to 1.7.
func UserPolicySpec(user string, cfg Config) map[string]any {
	cfg = cfg.WithDefaults()
	return spec(admit(condition(headerKey+cfg.UserIDHeader+"]", cfg.UserIDPrefix+user), cfg))
}

// GroupPolicySpec returns the spec of a group's policy: requests that come from the gateway with a token that names the
// group, as planned upstream.
func GroupPolicySpec(group string, cfg Config) map[string]any {
	return spec(admit(condition(groupsKey, group), cfg.WithDefaults()))
}

// PolicySpec returns the spec of a subject's policy, or nil for a service account: its pods carry no user's name.
func PolicySpec(subject rbac.Subject, cfg Config) map[string]any {
	switch subject.Kind {
	case rbacv1.UserKind:
		return UserPolicySpec(subject.Name, cfg)
	case rbacv1.GroupKind:
		return GroupPolicySpec(subject.Name, cfg)
	}
	return nil
}

// OwnerPolicySpec returns the spec of the policy that the profile controller keeps in a namespace. Its four rules let in:
// the owner, through the gateway; pods of the namespace; Knative's probes; the notebook controller, which asks notebooks
// whether they are idle.
func OwnerPolicySpec(namespace, owner string, cfg Config) map[string]any {
	cfg = cfg.WithDefaults()
	return spec(
		admit(condition(headerKey+cfg.UserIDHeader+"]", cfg.UserIDPrefix+owner), cfg),
		map[string]any{"when": []any{condition(namespaceKey, namespace)}},
		map[string]any{"to": []any{operation(map[string]any{"paths": texts("/healthz", "/metrics", "/wait-for-drain")})}},
		map[string]any{
			"from": from(cfg.NotebookPrincipal),
			"to":   []any{operation(map[string]any{"methods": texts("GET"), "paths": texts("*/api/kernels")})},
		},
	)
}

func spec(rules ...any) map[string]any { return map[string]any{"rules": rules} }

// admit is the rule that lets in requests of the gateway that meet a condition.
func admit(when map[string]any, cfg Config) map[string]any {
	rule := map[string]any{"when": []any{when}}
	if len(cfg.GatewayPrincipals) > 0 {
		rule["from"] = from(cfg.GatewayPrincipals...)
	}
	return rule
}

func condition(key string, values ...string) map[string]any {
	return map[string]any{"key": key, "values": texts(values...)}
}

func from(principals ...string) []any {
	return []any{map[string]any{"source": map[string]any{"principals": texts(principals...)}}}
}

func operation(fields map[string]any) map[string]any { return map[string]any{"operation": fields} }

func texts(list ...string) []any {
	out := make([]any, len(list))
	for i, text := range list {
		out[i] = text
	}
	return out
}
