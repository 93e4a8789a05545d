package queue

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Line is something that a role gives too much or too little: verbs on one resource.
type Line struct {
	// Group and Resource may be "*". For a URL, Group is empty and Resource begins with "/".
	Group    string   `json:"group"`
	Resource string   `json:"resource"`
	Verbs    []string `json:"verbs"`
	// Names are the only objects that it is about; empty for all.
	Names []string `json:"names,omitempty"`
	// Why says why it is too much, or what it is needed for.
	Why string `json:"why"`
}

// rules returns the line as a rule.
func (l *Line) rules() []rbacv1.PolicyRule {
	if strings.HasPrefix(l.Resource, "/") {
		return []rbacv1.PolicyRule{{NonResourceURLs: []string{l.Resource}, Verbs: l.Verbs}}
	}
	return []rbacv1.PolicyRule{{APIGroups: []string{l.Group}, Resources: []string{l.Resource}, Verbs: l.Verbs, ResourceNames: l.Names}}
}

// Comparison is how a role differs from the least one for abilities.
type Comparison struct {
	// TooMuch is what the role gives and nothing needs, TooLittle what it lacks.
	TooMuch   []Line `json:"tooMuch"`
	TooLittle []Line `json:"tooLittle"`
}

// Compare compares the rules of a role in a namespace with the least ones for abilities.
func Compare(rules []rbacv1.PolicyRule, can ...kaiwo.Ability) Comparison {
	c := Comparison{TooMuch: []Line{}, TooLittle: []Line{}}
	wanted := kaiwo.Rules(can...)
	for _, missing := range rbac.Covers(wanted, rules) {
		for _, line := range apartLines(&missing) {
			line.Why = whyTooMuch(&line)
			c.TooMuch = addLine(c.TooMuch, line)
		}
	}
	for _, missing := range rbac.Covers(rules, wanted) {
		for _, line := range apartLines(&missing) {
			line.Why = whatFor(kaiwo.Needs(can...), &line)
			c.TooLittle = addLine(c.TooLittle, line)
		}
	}
	return c
}

// ClusterLines are what the abilities, and kaiwo status, ask of the whole cluster: no role in a namespace gives it.
func ClusterLines(can ...kaiwo.Ability) []Line {
	out := []Line{}
	for _, need := range kaiwo.ClusterNeeds(append(slices.Clone(can), kaiwo.Status)...) {
		for _, line := range apartLines(&need.Rule) {
			line.Why = need.For
			out = addLine(out, line)
		}
	}
	return out
}

// apartLines returns a line for each resource of a rule.
func apartLines(rule *rbacv1.PolicyRule) []Line {
	var out []Line
	for _, group := range rule.APIGroups {
		for _, resource := range rule.Resources {
			out = append(out, Line{Group: group, Resource: resource, Verbs: slices.Clone(rule.Verbs), Names: rule.ResourceNames})
		}
	}
	for _, url := range rule.NonResourceURLs {
		out = append(out, Line{Resource: url, Verbs: slices.Clone(rule.Verbs)})
	}
	return out
}

// addLine adds a line, to one of the same resource and reason if there is one.
func addLine(lines []Line, line Line) []Line {
	for i := range lines {
		have := &lines[i]
		if have.Group == line.Group && have.Resource == line.Resource && have.Why == line.Why && slices.Equal(have.Names, line.Names) {
			have.Verbs = rbac.SortVerbs(append(have.Verbs, line.Verbs...))
			return lines
		}
	}
	return append(lines, line)
}

// whatFor says which commands need a line.
func whatFor(needs []kaiwo.Need, line *Line) string {
	var out []string
	for i := range needs {
		held := []rbacv1.PolicyRule{needs[i].Rule}
		if slices.ContainsFunc(line.Verbs, func(verb string) bool {
			one := Line{Group: line.Group, Resource: line.Resource, Verbs: []string{verb}}
			return len(rbac.Covers(held, one.rules())) == 0
		}) {
			out = append(out, needs[i].For)
		}
	}
	return strings.Join(out, "; ")
}

// whyTooMuch says what a line that nothing needs means.
func whyTooMuch(line *Line) string {
	const convenience = "for looking only: kaiwo never asks for them"
	if len(rbac.Covers(kaiwo.Rules(kaiwo.Abilities()...), line.rules())) == 0 {
		return "for other commands of kaiwo, and not for these"
	}
	switch resource := strings.TrimSuffix(line.Group+"/"+line.Resource, "/"); {
	case line.Group == rbacv1.APIGroupAll || line.Resource == rbacv1.ResourceAll:
		return "everything of that kind, now and later: more than any command needs"
	case resource == "/secrets":
		return "every Secret of the namespace, tokens and passwords among them: workloads only name theirs, and kaiwo reads none"
	case resource == "/configmaps":
		return "every ConfigMap of the namespace: those of downloads are the operator's, and kaiwo reads none"
	case resource == "/persistentvolumeclaims":
		return "claims are made by the operator: kaiwo neither reads nor makes them"
	case resource == "/services":
		return "kaiwo does not read them: its ports are forwarded from pods"
	case resource == "/pods/log":
		return "logs are got: there is nothing else to do with them"
	case resource == "/serviceaccounts", resource == "/serviceaccounts/token":
		return "a way to act as somebody else: no command needs it"
	case line.Group == rbacv1.GroupName:
		return "roles and bindings: a way to give rights to others"
	case line.Group == kueue.Group:
		return "queues are the administrators' to change"
	}
	if slices.ContainsFunc(line.Verbs, func(verb string) bool { return !slices.Contains([]string{"get", "list", "watch"}, verb) }) {
		return "no command of kaiwo needs it"
	}
	return convenience
}

// Aggregated returns ClusterRoles that let the built-in roles view, edit and admin know the workloads of Kaiwo, and the
// queues and Workloads of Kueue: whoever has one of these anywhere gets the rights there too. Kaiwo ships none, and Kueue
// does from 0.18 on. Edit and admin contain what view has.
func Aggregated() []*rbacv1.ClusterRole {
	work := []string{kaiwo.JobResource, kaiwo.ServiceResource}
	role := func(word string, rules ...rbacv1.PolicyRule) *rbacv1.ClusterRole {
		return &rbacv1.ClusterRole{
			TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
			ObjectMeta: metav1.ObjectMeta{Name: "gatehouse-kaiwo-" + word, Labels: map[string]string{"rbac.authorization.k8s.io/aggregate-to-" + word: "true"}},
			Rules:      rules,
		}
	}
	return []*rbacv1.ClusterRole{
		role("view",
			rbacv1.PolicyRule{APIGroups: []string{kaiwo.Group}, Resources: work, Verbs: []string{"get", "list", "watch"}},
			rbacv1.PolicyRule{APIGroups: []string{kueue.Group}, Resources: []string{"localqueues", "workloads"}, Verbs: []string{"get", "list", "watch"}}),
		role("edit",
			rbacv1.PolicyRule{APIGroups: []string{kaiwo.Group}, Resources: work, Verbs: []string{"create", "update", "patch", "delete"}}),
	}
}

// ClusterPart returns the ClusterRole for what the abilities, and kaiwo status, ask of the whole cluster.
func ClusterPart(can ...kaiwo.Ability) *rbacv1.ClusterRole {
	all := append(slices.Clone(can), kaiwo.Status)
	return &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: "kaiwo-cluster-" + words(all, "-")},
		Rules:      kaiwo.ClusterRules(all...),
	}
}
