package queue

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// JudgeOptions say what [JudgeWith] can't find in the objects. The zero value is that of [Judge].
type JudgeOptions struct {
	// Queues are those to judge, by name; empty for all. Only what concerns one of them is found, see [State.Concerned].
	Queues []string
	// Expected are those who are to work with queues, and whose rights alone are looked at. With none, these are the people who are found to: who may create
	// KaiwoJobs in a namespace that some queue lists, and who has a binding of ours.
	Expected []Expected
	// Namespace is the only one that is looked at, and empty for all: it is where somebody who is expected is to use a queue that lists none.
	Namespace string
	// Abilities are what they are to be able to do; empty for all.
	Abilities []kaiwo.Ability
	// Operator has the rights of the service accounts of Kaiwo and Kueue judged too, see [JudgeOperators].
	Operator bool
}

// Expected is somebody who is to work with queues.
type Expected struct {
	Subject rbac.Subject
	// Namespace is the only one he is to work in; empty for all that a queue lists.
	Namespace string
}

// Judge returns what is wrong with queues and with the rights of those who use them: the gravest first, and some with the
// plan that would repair it. Rules that need a kind that was not read, or rights where there are none or not all, are
// silent. Manifests that hold no object of a kind at all are taken for ones that leave it out.
func Judge(s *State) []finding.Finding { return JudgeWith(s, JudgeOptions{}) }

// JudgeWith is [Judge] with options.
func JudgeWith(s *State, o JudgeOptions) []finding.Finding {
	j := newJudging(s, o)
	j.judgeConfig()
	for i := range s.queues {
		q := &s.queues[i]
		if !j.isJudged(q) {
			j.judgeLeads(q)
			continue
		}
		if q.unclear {
			continue // what it is for is not known: QA001
		}
		j.judgePlaces(q)
		j.judgeActive(q)
		j.judgeSelector(q)
		j.judgeLocals(q)
		j.judgeOpen(q)
	}
	j.judgeForeign()
	j.judgePriorities()
	j.judgeWebhooks()
	if j.rights() {
		j.judgePeople()
		j.judgeGrants()
		j.judgeReach()
	}
	if o.Operator {
		j.out = append(j.out, JudgeOperators(s)...)
	}
	if len(o.Queues) > 0 {
		j.out = slices.DeleteFunc(j.out, func(f finding.Finding) bool {
			return !slices.ContainsFunc(s.Concerned(&f), func(name string) bool { return slices.Contains(o.Queues, name) })
		})
	}
	for i := range j.out {
		j.out[i].Why = strings.TrimSpace(j.out[i].Why)
	}
	finding.Sort(j.out)
	return slices.CompactFunc(j.out, func(a, b finding.Finding) bool {
		return a.ID == b.ID && a.Object == b.Object && a.Message == b.Message && a.Location == b.Location
	})
}

// Any reports whether there is something to judge: queues, or a KaiwoQueueConfig, though Kaiwo may pass over it.
func Any(inv *inventory.Inventory) bool {
	return len(inv.Objects(inventory.QueueConfigs)) > 0 || len(Read(inv)) > 0
}

// judging is one run of [JudgeWith].
type judging struct {
	*State
	options JudgeOptions
	// config is the KaiwoQueueConfig that Kaiwo goes by, nil for none.
	config *unstructured.Unstructured
	out    []finding.Finding
	// may is who may create workloads of Kaiwo, by namespace, as far as it was asked for.
	may map[string][]rbac.Subject
	// granted are the grants of ours that hold, and grantsOf those of each subject, once they were asked for.
	granted  []Granted
	grantsOf map[rbac.Subject][]*Granted
}

func newJudging(s *State, o JudgeOptions) *judging {
	return &judging{State: s, options: o, config: s.Config()}
}

// add takes a finding, and returns where it is kept for a moment, so that it can be completed.
func (j *judging) add(id, object, message, why string) *finding.Finding {
	j.out = append(j.out, finding.Finding{ID: id, Severity: severityOf(id), Object: object, Message: message, Why: why})
	return &j.out[len(j.out)-1]
}

// known reports whether all of the kinds were read. Manifests are taken to have all of a kind or nothing of it.
func (j *judging) known(kinds ...inventory.Kind) bool {
	inv := j.Inventory
	for _, kind := range kinds {
		if !inv.Served[kind] || len(inv.Missing(kind)) > 0 {
			return false
		}
		if inv.Live {
			continue
		}
		switch kind {
		case inventory.Namespaces:
			if len(inv.Namespaces) == 0 {
				return false
			}
		case inventory.LocalQueues, inventory.ClusterQueues: // whoever has the one has the other
			if len(inv.Objects(inventory.LocalQueues))+len(inv.Objects(inventory.ClusterQueues)) == 0 {
				return false
			}
		default:
			if len(inv.Objects(kind)) == 0 {
				return false
			}
		}
	}
	return true
}

// rights reports whether all roles and bindings were read.
func (j *judging) rights() bool { return j.Rights != nil && j.Rights.Snapshot().Complete() }

// picked returns the object of that name, or nil.
func picked(objects []*unstructured.Unstructured, namespace, name string) *unstructured.Unstructured {
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool {
		return o.GetNamespace() == namespace && o.GetName() == name
	})
	if i < 0 {
		return nil
	}
	return objects[i]
}

// local returns the LocalQueue of that name, or nil.
func (j *judging) local(namespace, name string) *unstructured.Unstructured {
	return picked(j.Inventory.Objects(inventory.LocalQueues), namespace, name)
}

// clusterQueue returns the ClusterQueue of that name, or nil.
func (j *judging) clusterQueue(name string) *unstructured.Unstructured {
	return picked(j.Inventory.Objects(inventory.ClusterQueues), "", name)
}

// entry returns what the KaiwoQueueConfig says of a queue; nil when it has none of that name. It is for reading only.
func (j *judging) entry(name string) map[string]any {
	if j.config == nil {
		return nil
	}
	for _, entry := range objects(j.config.Object, "spec", "clusterQueues") {
		if text(entry, "name") == name {
			return entry
		}
	}
	return nil
}

func queueName(name string) string { return "clusterqueue " + name }

func localName(namespace, name string) string { return "localqueue " + namespace + "/" + name }

const configName = "kaiwoqueueconfig " + ConfigName
