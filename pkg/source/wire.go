package source

import (
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Field numbers of the messages that are read by hand. Source: generated.proto of k8s.io/api/rbac/v1 and of
// k8s.io/apimachinery/pkg/apis/meta/v1. A test compares the result with the generated code's.
const (
	objectMetadata = 1

	roleRules       = 2
	roleAggregation = 3 // ClusterRole only

	bindingSubjects = 2
	bindingRoleRef  = 3

	metaName        = 1
	metaNamespace   = 3
	metaLabels      = 11
	metaAnnotations = 12
	metaManaged     = 17

	mapKey   = 1
	mapValue = 2

	ruleVerbs           = 1
	ruleAPIGroups       = 2
	ruleResources       = 3
	ruleResourceNames   = 4
	ruleNonResourceURLs = 5

	roleRefAPIGroup = 1
	roleRefKind     = 2
	roleRefName     = 3

	subjectKind      = 1
	subjectAPIGroup  = 2
	subjectName      = 3
	subjectNamespace = 4
)

// subjectSlab is how many subjects are allocated at once.
const subjectSlab = 512

// wire reads objects from their protobuf form, and only what RBAC queries need of them: managed fields, annotations that
// are not asked for and the rest of the metadata are passed over without a copy. Equal strings, rules and lists of rules are kept once. A
// wire belongs to one goroutine.
type wire struct {
	names    *interner
	rules    map[string]rbacv1.PolicyRule
	ruleSets map[string][]rbacv1.PolicyRule
	subjects []rbacv1.Subject // the rest of the current slab
	scratch  []rbacv1.Subject
}

func newWire() *wire {
	return &wire{
		names:    newInterner(),
		rules:    map[string]rbacv1.PolicyRule{},
		ruleSets: map[string][]rbacv1.PolicyRule{},
	}
}

// role reads a Role or a ClusterRole; labels are read of the latter only, since nothing selects Roles.
func (w *wire) role(data []byte, cluster bool) (rbac.Role, error) {
	var (
		meta       metadata
		role       = rbac.Role{Stored: true}
		first, end = -1, -1 // the rules, as long as they stand together
		apart      bool
	)
	for rest := data; len(rest) > 0; {
		at := len(data) - len(rest)
		field, value, next, err := nextField(rest)
		if err != nil {
			return rbac.Role{}, err
		}
		rest = next
		switch field {
		case objectMetadata:
			err = w.metadata(value, cluster, false, &meta)
		case roleRules:
			if first < 0 {
				first = at
			} else if at != end {
				apart = true
			}
			end = len(data) - len(rest)
		case roleAggregation:
			if cluster {
				role.Aggregates, err = aggregates(value)
			}
		}
		if err != nil {
			return rbac.Role{}, err
		}
	}
	if first >= 0 {
		rules, err := w.ruleSet(data[first:end], apart)
		if err != nil {
			return rbac.Role{}, err
		}
		role.Rules = rules
	}
	role.Namespace, role.Name, role.Labels = meta.namespace, meta.name, meta.labels
	return role, nil
}

// ruleSet reads the rules in a part of a role's message. When other fields stand between them, it can't be shared.
func (w *wire) ruleSet(data []byte, apart bool) ([]rbacv1.PolicyRule, error) {
	if !apart {
		if rules, ok := w.ruleSets[string(data)]; ok {
			return rules, nil
		}
	}
	n := 0
	for rest := data; len(rest) > 0; {
		field, _, next, err := nextField(rest)
		if err != nil {
			return nil, err
		}
		if rest = next; field == roleRules {
			n++
		}
	}
	rules := make([]rbacv1.PolicyRule, 0, n)
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return nil, err
		}
		if rest = next; field != roleRules {
			continue
		}
		rule, err := w.rule(value)
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	if !apart {
		w.ruleSets[string(data)] = rules
	}
	return rules, nil
}

func (w *wire) rule(data []byte) (rbacv1.PolicyRule, error) {
	if rule, ok := w.rules[string(data)]; ok {
		return rule, nil
	}
	var rule rbacv1.PolicyRule
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return rule, err
		}
		rest = next
		switch field {
		case ruleVerbs:
			rule.Verbs = append(rule.Verbs, w.names.string(value))
		case ruleAPIGroups:
			rule.APIGroups = append(rule.APIGroups, w.names.string(value))
		case ruleResources:
			rule.Resources = append(rule.Resources, w.names.string(value))
		case ruleResourceNames:
			rule.ResourceNames = append(rule.ResourceNames, w.names.string(value))
		case ruleNonResourceURLs:
			rule.NonResourceURLs = append(rule.NonResourceURLs, w.names.string(value))
		}
	}
	w.rules[string(data)] = rule
	return rule, nil
}

// binding reads a RoleBinding or a ClusterRoleBinding, with its marks or without.
func (w *wire) binding(data []byte, marks bool) (rbac.Binding, error) {
	var (
		meta    metadata
		binding rbac.Binding
	)
	w.scratch = w.scratch[:0]
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return binding, err
		}
		rest = next
		switch field {
		case objectMetadata:
			err = w.metadata(value, false, marks, &meta)
		case bindingRoleRef:
			err = w.roleRef(value, &binding.RoleRef)
		case bindingSubjects:
			var subject rbacv1.Subject
			err = w.subject(value, &subject)
			w.scratch = append(w.scratch, subject)
		}
		if err != nil {
			return binding, err
		}
	}
	binding.Namespace, binding.Name, binding.Annotations = meta.namespace, meta.name, meta.annotations
	binding.Subjects = w.keep(w.scratch)
	return binding, nil
}

// keep copies subjects into the current slab.
func (w *wire) keep(subjects []rbacv1.Subject) []rbacv1.Subject {
	n := len(subjects)
	if n == 0 {
		return nil
	}
	if n > len(w.subjects) {
		w.subjects = make([]rbacv1.Subject, max(n, subjectSlab))
	}
	kept := w.subjects[:n:n]
	w.subjects = w.subjects[n:]
	copy(kept, subjects)
	return kept
}

func (w *wire) roleRef(data []byte, ref *rbacv1.RoleRef) error {
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return err
		}
		rest = next
		switch field {
		case roleRefAPIGroup:
			ref.APIGroup = w.names.string(value)
		case roleRefKind:
			ref.Kind = w.names.string(value)
		case roleRefName:
			ref.Name = w.names.string(value)
		}
	}
	return nil
}

func (w *wire) subject(data []byte, subject *rbacv1.Subject) error {
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return err
		}
		rest = next
		switch field {
		case subjectKind:
			subject.Kind = w.names.string(value)
		case subjectAPIGroup:
			subject.APIGroup = w.names.string(value)
		case subjectName:
			subject.Name = w.names.string(value)
		case subjectNamespace:
			subject.Namespace = w.names.string(value)
		}
	}
	return nil
}

// aggregates reads an aggregationRule. It is rare, so the generated code does. The result is never nil: a rule without
// selectors is one all the same, and clears the role.
func aggregates(data []byte) ([]metav1.LabelSelector, error) {
	var rule rbacv1.AggregationRule
	if err := rule.Unmarshal(data); err != nil {
		return nil, fmt.Errorf("read aggregationRule: %w", err)
	}
	return append([]metav1.LabelSelector{}, rule.ClusterRoleSelectors...), nil
}
