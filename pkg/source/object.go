package source

import (
	"fmt"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// object is a manifest object whose kind is known and whose fields are not read yet.
type object struct {
	kind, apiVersion string
	line             int
	node             *yaml.Node
	fields           []member
	meta             metadata
	stored           bool // an API server has written it
}

// unknown is called for a key that an object of its kind doesn't have.
type unknown func(line int, path string)

// field returns the value of a key, or nil.
func (o *object) field(key string) *yaml.Node {
	for _, m := range o.fields {
		if m.key == key {
			return m.value
		}
	}
	return nil
}

// readMetadata reads the metadata of an object, which needs a name.
func (o *object) readMetadata() error {
	node := o.field("metadata")
	if node == nil {
		return atLine(o.line, "%s: metadata is missing", o.kind)
	}
	all, err := members(node, "metadata")
	if err != nil {
		return err
	}
	for _, m := range all {
		path := "metadata." + m.key
		switch m.key {
		case "name":
			o.meta.name, err = text(m.value, path)
		case "namespace":
			o.meta.namespace, err = text(m.value, path)
		case "labels":
			o.meta.labels, err = textMap(m.value, path)
		case "uid", "resourceVersion":
			o.stored = o.stored || !isNull(resolve(m.value))
		}
		if err != nil {
			return err
		}
	}
	if o.meta.name == "" {
		return atLine(node.Line, "%s: metadata.name is missing", o.kind)
	}
	return nil
}

// readRole reads what a Role or ClusterRole has beside its metadata.
func (o *object) readRole(odd unknown) (rbac.Role, error) {
	role := rbac.Role{Namespace: o.meta.namespace, Name: o.meta.name, Stored: o.stored}
	if o.kind == kindClusterRole {
		role.Labels = o.meta.labels
	}
	for _, m := range o.fields {
		var err error
		switch {
		case m.key == "rules":
			role.Rules, err = readRules(m.value, odd)
		case m.key == "aggregationRule" && o.kind == kindClusterRole:
			role.Aggregates, err = readAggregates(m.value, odd)
		case !o.common(m.key):
			odd(m.line, m.key)
		}
		if err != nil {
			return role, err
		}
	}
	return role, nil
}

// common reports whether every object has a key.
func (o *object) common(key string) bool {
	return key == "apiVersion" || key == "kind" || key == "metadata"
}

func readRules(node *yaml.Node, odd unknown) ([]rbacv1.PolicyRule, error) {
	nodes, err := elements(node, "rules")
	if err != nil || len(nodes) == 0 {
		return nil, err
	}
	rules := make([]rbacv1.PolicyRule, 0, len(nodes))
	for i, n := range nodes {
		path := fmt.Sprintf("rules[%d]", i)
		all, err := members(n, path)
		if err != nil {
			return nil, err
		}
		var rule rbacv1.PolicyRule
		for _, m := range all {
			into := map[string]*[]string{
				"verbs": &rule.Verbs, "apiGroups": &rule.APIGroups, "resources": &rule.Resources,
				"resourceNames": &rule.ResourceNames, "nonResourceURLs": &rule.NonResourceURLs,
			}[m.key]
			if into == nil {
				odd(m.line, path+"."+m.key)
				continue
			}
			if *into, err = texts(m.value, path+"."+m.key); err != nil {
				return nil, err
			}
		}
		rules = append(rules, rule)
	}
	return rules, nil
}

// readAggregates reads an aggregationRule. Unless it is null, the result isn't nil: one without selectors clears the
// role's rules.
func readAggregates(node *yaml.Node, odd unknown) ([]metav1.LabelSelector, error) {
	if isNull(resolve(node)) {
		return nil, nil
	}
	all, err := members(node, "aggregationRule")
	if err != nil {
		return nil, err
	}
	selectors := []metav1.LabelSelector{}
	for _, m := range all {
		if m.key != "clusterRoleSelectors" {
			odd(m.line, "aggregationRule."+m.key)
			continue
		}
		nodes, err := elements(m.value, "aggregationRule.clusterRoleSelectors")
		if err != nil {
			return nil, err
		}
		for i, n := range nodes {
			selector, err := readSelector(n, fmt.Sprintf("aggregationRule.clusterRoleSelectors[%d]", i), odd)
			if err != nil {
				return nil, err
			}
			selectors = append(selectors, selector)
		}
	}
	return selectors, nil
}

func readSelector(node *yaml.Node, path string, odd unknown) (metav1.LabelSelector, error) {
	var selector metav1.LabelSelector
	all, err := members(node, path)
	if err != nil {
		return selector, err
	}
	for _, m := range all {
		switch m.key {
		case "matchLabels":
			selector.MatchLabels, err = textMap(m.value, path+".matchLabels")
		case "matchExpressions":
			selector.MatchExpressions, err = readExpressions(m.value, path+".matchExpressions", odd)
		default:
			odd(m.line, path+"."+m.key)
		}
		if err != nil {
			return selector, err
		}
	}
	return selector, nil
}

func readExpressions(node *yaml.Node, path string, odd unknown) ([]metav1.LabelSelectorRequirement, error) {
	nodes, err := elements(node, path)
	if err != nil {
		return nil, err
	}
	var out []metav1.LabelSelectorRequirement
	for i, n := range nodes {
		path := fmt.Sprintf("%s[%d]", path, i)
		all, err := members(n, path)
		if err != nil {
			return nil, err
		}
		var requirement metav1.LabelSelectorRequirement
		for _, m := range all {
			switch m.key {
			case "key":
				requirement.Key, err = text(m.value, path+".key")
			case "operator":
				var operator string
				operator, err = text(m.value, path+".operator")
				requirement.Operator = metav1.LabelSelectorOperator(operator)
			case "values":
				requirement.Values, err = texts(m.value, path+".values")
			default:
				odd(m.line, path+"."+m.key)
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, requirement)
	}
	return out, nil
}
