package kaiwo

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// kueueGroup is the API group of Kueue, which Kaiwo makes queues with.
const kueueGroup = "kueue.x-k8s.io"

// Ability is something that Kaiwo's command line does for a scientist, by the name of its command.
type Ability string

// The abilities, in the order of [Abilities]. Source: pkg/cli, pkg/tui/list.
const (
	Submit  Ability = "submit"
	Manage  Ability = "manage"
	Logs    Ability = "logs"
	Monitor Ability = "monitor"
	Exec    Ability = "exec"
)

// Status is the command that shows queues and GPUs. It asks of the whole cluster alone, so that no role in a namespace
// gives it: it is an ability for [ClusterRules] only.
const Status Ability = "status"

// Abilities returns those that a role in a namespace gives, in the order in which they are written.
func Abilities() []Ability { return []Ability{Submit, Manage, Logs, Monitor, Exec} }

// ParseAbilities reads a list of abilities. It comes back in the order of [Abilities], each once. An empty list and an
// unknown word are errors, the latter with what was probably meant.
func ParseAbilities(words []string) ([]Ability, error) {
	known := Abilities()
	names := make([]string, 0, len(known))
	for _, a := range known {
		names = append(names, string(a))
	}
	var out []Ability
	for _, word := range words {
		a := Ability(strings.ToLower(strings.TrimSpace(word)))
		switch {
		case a == Status:
			return nil, fmt.Errorf("parse ability %q: it asks of the whole cluster, and no role in a namespace gives it", word)
		case !slices.Contains(known, a):
			if like := rbac.Nearest(string(a), names); len(like) > 0 {
				return nil, fmt.Errorf("parse ability %q: did you mean %s?", word, like[0])
			}
			return nil, fmt.Errorf("parse ability %q: want %s", word, strings.Join(names, ", "))
		}
		out = append(out, a)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("parse abilities: there are none: want some of %s", strings.Join(names, ", "))
	}
	return Ordered(out), nil
}

// Ordered returns abilities in the order of [Abilities], each once; what is none of them comes last.
func Ordered(abilities []Ability) []Ability {
	known := Abilities()
	out := slices.Clone(abilities)
	slices.SortFunc(out, func(a, b Ability) int {
		i, j := slices.Index(known, a), slices.Index(known, b)
		if i < 0 {
			i = len(known)
		}
		if j < 0 {
			j = len(known)
		}
		if i != j {
			return i - j
		}
		return strings.Compare(string(a), string(b))
	})
	return slices.Compact(out)
}

// Need is a rule that an ability needs, and what for.
type Need struct {
	Ability Ability
	Rule    rbacv1.PolicyRule
	// For says what the rule is for, in a line.
	For string
}

// Needs returns what the abilities need in a namespace, ability by ability, unmerged: what each command calls, and beside it
// what tells how the work fares. Watching and listing what may be read one by one tells nothing more, and kubectl does it.
//
// Nothing here reads Secrets, ConfigMaps, Services, claims, Jobs, Deployments or objects of Ray: the command line never
// does. Volumes, their contents and the objects that a workload is made into are the operator's doing, and Secrets are only
// named. Source: pkg/cli, pkg/tui/list, pkg/k8s/client.go.
func Needs(abilities ...Ability) []Need {
	work := func(verbs ...string) rbacv1.PolicyRule {
		return rule(Group, []string{JobResource, ServiceResource}, verbs...)
	}
	read := []string{"get", "list", "watch"}
	pods := rule("", []string{"pods"}, read...)
	var out []Need
	for _, a := range Ordered(abilities) {
		switch a {
		case Submit:
			out = append(out,
				Need{a, work("get", "list", "watch", "create", "update", "patch"), "kaiwo submit looks for the workload, and creates or updates it"},
				Need{a, rule("", []string{"events"}, read...), "kubectl describe says what became of it"},
				Need{a, rule(kueueGroup, []string{"localqueues", "workloads"}, read...), "Kueue says why a workload waits"})
		case Manage:
			out = append(out,
				Need{a, work("get", "list", "watch", "delete"), "kaiwo manage lists workloads and deletes them"},
				Need{a, pods, "kaiwo manage shows the pods of a workload"},
				Need{a, rule("", []string{"pods/portforward"}, "create"), "kaiwo manage forwards ports of pods"})
		case Logs:
			out = append(out,
				Need{a, work(read...), "kaiwo logs gets the workload"},
				Need{a, pods, "kaiwo logs finds its pods"},
				Need{a, rule("", []string{"pods/log"}, "get"), "kaiwo logs reads what they write"})
		case Monitor, Exec:
			out = append(out,
				Need{a, work(read...), "kaiwo " + string(a) + " gets the workload"},
				Need{a, pods, "kaiwo " + string(a) + " finds its pods"},
				Need{a, rule("", []string{"pods/exec"}, "create"), "kaiwo " + string(a) + " runs a command in one of them"})
		case Status:
			// It asks of the whole cluster alone.
		}
	}
	return out
}

// Rules returns the rules of the least role in a namespace that gives the abilities: those of [Needs], each resource once.
func Rules(abilities ...Ability) []rbacv1.PolicyRule { return merged(Needs(abilities...)) }

// ClusterNeeds returns what the abilities ask of the whole cluster, whatever namespace is meant: kaiwo manage lists
// workloads everywhere and passes over its own --namespace, and kaiwo status lists queues, and nodes with the pods on them.
// Other abilities ask nothing of it. Source: pkg/tui/list, pkg/cli/status.go.
func ClusterNeeds(abilities ...Ability) []Need {
	var out []Need
	for _, a := range Ordered(abilities) {
		switch a {
		case Manage:
			out = append(out, Need{
				a, rule(Group, []string{JobResource, ServiceResource}, "list"),
				"kaiwo manage lists the workloads of all namespaces, and takes no notice of --namespace",
			})
		case Status:
			out = append(out,
				Need{a, rule(kueueGroup, []string{"clusterqueues", "localqueues", "workloads"}, "list"), "kaiwo status queues lists them in all namespaces"},
				Need{a, rule("", []string{"nodes", "pods"}, "list"), "kaiwo status amd and nvidia list nodes and the pods on them"})
		case Submit, Logs, Monitor, Exec:
			// They ask nothing of it.
		}
	}
	return out
}

// ClusterRules returns the rules of [ClusterNeeds], each resource once: for a ClusterRole that is bound in the whole cluster.
// They let everybody who has them see the workloads of all namespaces, so that nobody should get them by the way.
func ClusterRules(abilities ...Ability) []rbacv1.PolicyRule {
	return merged(ClusterNeeds(abilities...))
}

// rule returns a rule for resources of one group.
func rule(group string, resources []string, verbs ...string) rbacv1.PolicyRule {
	return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
}

// merged returns the rules of needs, those for the same resources as one, in the order in which they first come.
func merged(needs []Need) []rbacv1.PolicyRule {
	out := []rbacv1.PolicyRule{}
	for _, n := range needs {
		i := slices.IndexFunc(out, func(have rbacv1.PolicyRule) bool {
			return slices.Equal(have.APIGroups, n.Rule.APIGroups) && slices.Equal(have.Resources, n.Rule.Resources)
		})
		if i < 0 {
			out = append(out, *n.Rule.DeepCopy())
			continue
		}
		for _, verb := range n.Rule.Verbs {
			if !slices.Contains(out[i].Verbs, verb) {
				out[i].Verbs = append(out[i].Verbs, verb)
			}
		}
	}
	for i := range out {
		out[i].Verbs = rbac.SortVerbs(out[i].Verbs)
	}
	return out
}
