package queue

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Check is one rule that queues are judged by.
type Check struct {
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	Title    string           `json:"title"`
	// Needs are the kinds without which it can't be judged.
	Needs []inventory.Kind `json:"needs,omitempty"`
}

// Checks returns the rules by id: QA001 to QA013 are about queues, QA101 to QA108 about the rights of those who use them,
// QA201 is about webhooks, and those from QA301 on are about the service accounts that Kaiwo and Kueue run as.
func Checks() []Check {
	const (
		config     = inventory.QueueConfigs
		queues     = inventory.ClusterQueues
		locals     = inventory.LocalQueues
		namespaces = inventory.Namespaces
		workloads  = inventory.Workloads
	)
	kinds := func(k ...inventory.Kind) []inventory.Kind { return k }
	return []Check{
		{"QA001", finding.Error, "KaiwoQueueConfig is missing, of another name, malformed or failed, or nothing carries it out", kinds(config)},
		{"QA002", finding.Error, "queue lists a namespace that is not there, or is being deleted", kinds(config, namespaces)},
		{"QA003", finding.Error, "LocalQueue is missing in a namespace that the queue lists", kinds(config, queues, locals, namespaces)},
		{"QA004", finding.Error, "LocalQueue of the queue's name leads to another queue", kinds(config, locals, workloads)},
		{"QA005", finding.Error, "queue is missing in Kueue, stopped or not active", kinds(config, queues, locals)},
		{"QA006", finding.Error, "namespaceSelector of the queue refuses a namespace that it is for", kinds(config, queues, locals, namespaces)},
		{"QA007", finding.Warning, "namespaceSelector of the queue lets namespaces in that it does not list", kinds(config, queues, namespaces, workloads)},
		{"QA008", finding.Warning, "LocalQueue leads to the queue from a namespace that it does not list", kinds(config, locals, workloads)},
		{"QA009", finding.Error, "Kueue does not manage a namespace that a queue lists", kinds(config, namespaces, inventory.QueueOperators)},
		{"QA010", finding.Info, "queue is open to everybody who may create a KaiwoJob anywhere", kinds(config)},
		{"QA011", finding.Error, "default queue is not there, or is not what Kaiwo makes of it", kinds(config, inventory.KaiwoConfigs, inventory.QueueOperators)},
		{"QA012", finding.Warning, "object of Kueue is not in the KaiwoQueueConfig, so that Kaiwo deletes it", kinds(config, queues, inventory.ResourceFlavors, inventory.PriorityClasses)},
		{"QA013", finding.Info, "priority class is not there, or is anybody's to use", kinds(config, inventory.PriorityClasses, inventory.KaiwoJobs, inventory.KaiwoServices)},
		{"QA101", finding.Error, "somebody lacks rights in a namespace in which he uses a queue", kinds(config, namespaces, inventory.RoleBindings, inventory.Roles)},
		{"QA102", finding.Warning, "rights to submit in a namespace that no queue lists", kinds(config, inventory.RoleBindings, inventory.Roles)},
		{"QA103", finding.Info, "others use the quota without a right on Kaiwo's kinds", kinds(config, locals, namespaces)},
		{"QA104", finding.Warning, "rights that make somebody an administrator of queues", kinds(config)},
		{"QA105", finding.Warning, "role for scientists reads Secrets", kinds(config)},
		{"QA106", finding.Warning, "who may submit reaches Secrets and service accounts of the namespace", kinds(config, namespaces)},
		{"QA107", finding.Warning, "somebody has rights in some namespaces of a queue and none in another", kinds(config, namespaces, inventory.RoleBindings, inventory.Roles)},
		{"QA108", finding.Warning, "grant of ours has ended and is still there, or ends at no date", kinds(inventory.RoleBindings)},
		{"QA201", finding.Info, "Job is labelled for a webhook of Kaiwo that is not there", kinds(inventory.Jobs, inventory.Webhooks, inventory.QueueOperators)},
		{"QA301", finding.Warning, "operator reads the Secrets of all namespaces", nil},
		{"QA302", finding.Error, "operator may do everything", nil},
		{"QA303", finding.Error, "operator may give itself more rights, or act as others", nil},
		{"QA304", finding.Warning, "operator runs commands in the pods of others", nil},
		{"QA305", finding.Warning, "operator writes webhooks or other things that reach into every request", nil},
		{"QA306", finding.Error, "somebody may act as the operator", nil},
		{"QA307", finding.Warning, "operator has rights beside those of its own roles", nil},
		{"QA308", finding.Info, "service account of the operator has no rights that could be read", nil},
	}
}

// Rules returns the ids of what [Judge] and [JudgeOperators] find, and what each is silent without.
func Rules() []finding.Rule {
	checks := Checks()
	out := make([]finding.Rule, 0, len(checks))
	for _, check := range checks {
		out = append(out, finding.Rule{ID: check.ID, Needs: check.Needs})
	}
	return out
}

// OperatorRules returns the ids of what [JudgeOperators] finds.
func OperatorRules() []string { return idsOf("QA3") }

// RightsRules returns the ids of what is judged by roles and bindings: these rules are silent unless all were read.
func RightsRules() []string { return append(idsOf("QA1"), OperatorRules()...) }

func idsOf(prefix string) []string {
	var out []string
	for _, check := range Checks() {
		if strings.HasPrefix(check.ID, prefix) {
			out = append(out, check.ID)
		}
	}
	return out
}

// JudgedKinds returns the kinds that [Judge] looks at.
func JudgedKinds() []inventory.Kind {
	var out []inventory.Kind
	for _, check := range Checks() {
		for _, kind := range check.Needs {
			if !slices.Contains(out, kind) {
				out = append(out, kind)
			}
		}
	}
	return out
}

// severityOf returns the severity of a rule.
func severityOf(id string) finding.Severity {
	for _, check := range Checks() {
		if check.ID == id {
			return check.Severity
		}
	}
	return finding.Warning
}
