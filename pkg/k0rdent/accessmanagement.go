package k0rdent

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// AccessManagement is what matters here of the only object of this kind.
type AccessManagement struct {
	// Rules are in the order of the object.
	Rules []AccessRule
	// Error is what the status says went wrong, empty for nothing.
	Error string
	// Object is the object that was read. It is not a copy.
	Object *unstructured.Unstructured
}

// AccessRule says which ClusterAuthentications of the system namespace are copied to which namespaces.
type AccessRule struct {
	namespaces matcher
	// authentications are the ways in which the rule chooses some.
	authentications []matcher
}

// ReadAccessManagement reads an object of either shape: that of KCM up to 1.11, whose rules list names by kind, and that
// of 1.12, whose rules have resources. A rule with both means its resources only, unless a webhook joined them before.
// A selector that can't be read is an error, as it is to KCM, which then copies nothing at all. Source:
// api/v1beta1/accessmanagement_types.go before and after pull request 3010.
func ReadAccessManagement(u *unstructured.Unstructured) (AccessManagement, error) {
	if u == nil {
		return AccessManagement{}, errors.New("read accessmanagement: there is none")
	}
	out := AccessManagement{Object: u}
	if status, ok := u.Object["status"].(map[string]any); ok {
		out.Error, _ = status["error"].(string)
	}
	// The API server drops fields of null on the way in: see pruneObject.
	rules, err := listAt(withoutNulls(map[string]any{"spec": u.Object["spec"]}), "spec", "accessRules")
	if err != nil {
		return AccessManagement{}, fmt.Errorf("read accessmanagement %s: %w", u.GetName(), err)
	}
	for i, value := range rules {
		rule, err := readRule(value)
		if err != nil {
			return AccessManagement{}, fmt.Errorf("read accessmanagement %s: spec.accessRules[%d]%w", u.GetName(), i, err)
		}
		out.Rules = append(out.Rules, rule)
	}
	return out, nil
}

// Targets returns the namespaces to which the rule copies, sorted, of those that there are. Those that it lists by name
// are returned though they be not among them: KCM makes them. A rule that says nothing of namespaces means all. The system
// namespace, from which it copies, may be among them, and gets no copy.
func (r AccessRule) Targets(namespaces []Labelled) []string { return r.namespaces.choose(namespaces) }

// Authentications returns the names of the ClusterAuthentications that the rule copies, sorted, of those in the system
// namespace. Those that it lists by name are returned though they be not there: KCM then says so in the status, and keeps
// their copies.
func (r AccessRule) Authentications(system []Labelled) []string {
	chosen := map[string]bool{}
	for _, m := range r.authentications {
		for _, name := range m.choose(system) {
			chosen[name] = true
		}
	}
	return sortedKeys(chosen)
}

// readRule reads one rule. Errors begin with the rest of the path.
func readRule(value any) (AccessRule, error) {
	rule, ok := value.(map[string]any)
	if !ok {
		return AccessRule{}, fmt.Errorf(": it is %s, not of type object", describe(value))
	}
	var out AccessRule
	target := map[string]any{}
	if value, ok := rule["targetNamespaces"]; ok {
		if target, ok = value.(map[string]any); !ok {
			return AccessRule{}, fmt.Errorf(".targetNamespaces: it is %s, not of type object", describe(value))
		}
	}
	var err error
	if out.namespaces, err = readMatcher(target, "list"); err != nil {
		return AccessRule{}, fmt.Errorf(".targetNamespaces%w", err)
	}
	// An empty list of namespaces is none to KCM; an empty list of names is one.
	if len(out.namespaces.names) == 0 {
		out.namespaces.listed = false
	}
	resources, err := listAt(rule, "resources")
	if err != nil {
		return AccessRule{}, fmt.Errorf(".%w", err)
	}
	if len(resources) > 0 {
		out.authentications, err = readResources(resources)
		return out, err
	}
	names, err := namesAt(rule, "clusterAuthentications")
	if err != nil {
		return AccessRule{}, err
	}
	if len(names) > 0 {
		out.authentications = []matcher{{listed: true, names: names}}
	}
	return out, nil
}

// readResources returns what a rule's resources say of ClusterAuthentications.
func readResources(resources []any) ([]matcher, error) {
	var out []matcher
	for i, value := range resources {
		resource, ok := value.(map[string]any)
		if !ok {
			return nil, fmt.Errorf(".resources[%d]: it is %s, not of type object", i, describe(value))
		}
		// A group may be left out for the kinds that AccessManagement knew before 1.12; this is one of them.
		group, _ := resource["apiGroup"].(string)
		kind, _ := resource["kind"].(string)
		m, err := readMatcher(resource, "names")
		if err != nil {
			return nil, fmt.Errorf(".resources[%d]%w", i, err)
		}
		if kind == KindClusterAuthentication && (group == "" || group == Group) {
			out = append(out, m)
		}
	}
	return out, nil
}
