package queue

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// GuardLabel is on every object of a guard; what has it not is nobody's business here.
const GuardLabel = "gatehouse.dev/queue-guard"

// GuardMode says what the API server does with a request that a guard's policies find wrong.
type GuardMode string

// The modes: a request is refused, or taken with a warning, or taken with a note in the audit log. The last is done in all.
const (
	GuardDeny  GuardMode = "deny"
	GuardWarn  GuardMode = "warn"
	GuardAudit GuardMode = "audit"
)

// GuardOptions say what a guard is to watch over.
type GuardOptions struct {
	// Mode is that of the guard which is there, or GuardDeny, when it is empty.
	Mode GuardMode
	// Queues are the only queues to bind to their namespaces; empty for all that the KaiwoQueueConfig has.
	Queues []string
	// Exempt are user names that may write any spec.user, beside Kaiwo's operator and those who may impersonate that user.
	Exempt []string
	// UserPrefix is what the API server puts before names of its issuer, such as "oidc:". spec.user may be without it.
	UserPrefix string
	// Labels has the labels of namespaces guarded that selectors of queues look at.
	Labels bool
}

// GuardNames returns the objects that a guard may consist of, without content: to be read before [State.Guard].
func GuardNames() []*unstructured.Unstructured {
	var out []*unstructured.Unstructured
	for _, name := range []string{guardUser, guardKaiwo, guardLabels, guardLocals, guardNamespaces} {
		out = append(out, guardObject("ValidatingAdmissionPolicy", name))
		for _, binding := range []string{name, name + onUpdate} {
			out = append(out, guardObject("ValidatingAdmissionPolicyBinding", binding))
		}
	}
	return out
}

func guardObject(kind, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{}
	o.SetAPIVersion(admissionv1.SchemeGroupVersion.String())
	o.SetKind(kind)
	o.SetName(name)
	return o
}

// Guard returns the plan that makes the guard what the options say, out of the objects of a guard that are there, and lines
// about it. The data is not in the policies: they read the KaiwoQueueConfig itself, so that what it says of namespaces holds
// from the moment it is changed. What is in them (queues that were chosen, the default queue, which is in another object, and
// the exempt) is renewed by the same command. It is an error when there is nothing to guard, a queue is unknown, or an object
// of a guard's name is somebody else's.
func (s *State) Guard(o GuardOptions, there []*unstructured.Unstructured) (plan.Plan, []string, error) {
	if err := s.checkGuard(o); err != nil {
		return plan.Plan{}, nil, err
	}
	if o.Mode == "" {
		o.Mode = GuardModeOf(there)
	}
	wanted, err := s.guardObjects(o)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	const unit = "guard of queues"
	var steps []plan.Step
	for _, want := range wanted {
		old := same(there, want)
		switch {
		case old == nil:
			steps = append(steps, plan.Step{Verb: plan.Create, Object: want, Unit: unit})
		case old.GetLabels()[GuardLabel] == "":
			return plan.Plan{}, nil, fmt.Errorf("guard queues: %s %s is there, and not ours: it lacks the label %s",
				strings.ToLower(want.GetKind()), want.GetName(), GuardLabel)
		default:
			steps = append(steps, plan.Step{Verb: plan.Update, Object: renewed(old, want), Old: old, Unit: unit})
		}
	}
	for _, old := range there {
		if old.GetLabels()[GuardLabel] != "" && same(wanted, old) == nil {
			steps = append(steps, plan.Step{Verb: plan.Delete, Old: old, Unit: unit, Why: "no longer asked for"})
		}
	}
	p, err := plan.New(fmt.Sprintf("guard queues (%s)", o.Mode), steps...)
	return p, s.guardNotes(o), err
}

// Unguard returns the plan that removes a guard, and lines about what is left because it is not ours.
func Unguard(there []*unstructured.Unstructured) (plan.Plan, []string, error) {
	var (
		steps []plan.Step
		notes []string
	)
	for _, old := range there {
		if old.GetLabels()[GuardLabel] == "" {
			notes = append(notes, fmt.Sprintf("%s %s is not ours: it stays", strings.ToLower(old.GetKind()), old.GetName()))
			continue
		}
		steps = append(steps, plan.Step{Verb: plan.Delete, Old: old, Unit: "guard of queues"})
	}
	p, err := plan.New("remove the guard of queues", steps...)
	return p, notes, err
}

// GuardModeOf returns the mode of the guard that is there, or GuardDeny when there is none.
func GuardModeOf(there []*unstructured.Unstructured) GuardMode {
	for _, o := range there {
		actions, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "validationActions")
		switch {
		case o.GetLabels()[GuardLabel] == "" || len(actions) == 0:
		case slices.Contains(actions, string(admissionv1.Deny)):
			return GuardDeny
		case slices.Contains(actions, string(admissionv1.Warn)):
			return GuardWarn
		default:
			return GuardAudit
		}
	}
	return GuardDeny
}

func (s *State) checkGuard(o GuardOptions) error {
	if s.Config() == nil {
		if gaps := s.Inventory.Missing(inventory.QueueConfigs); len(gaps) > 0 {
			return fmt.Errorf("guard queues: read kaiwoqueueconfig %s: %s", kaiwo.ConfigName, gaps[0].Cause)
		}
		return errors.New("guard queues: there is no kaiwoqueueconfig " + kaiwo.ConfigName +
			", which says for which namespaces queues are (Kueue alone binds a ClusterQueue to namespaces by its namespaceSelector)")
	}
	var known []string
	for _, q := range s.Queues() {
		if q.Kaiwo {
			known = append(known, q.Name)
		}
	}
	for _, name := range o.Queues {
		if !slices.Contains(known, name) {
			alike := ""
			if near := rbac.Nearest(name, known); len(near) > 0 {
				alike = ": did you mean " + strings.Join(near, ", ") + "?"
			}
			return fmt.Errorf("guard queue %s: kaiwoqueueconfig %s does not have it%s", name, kaiwo.ConfigName, alike)
		}
	}
	return nil
}

// openQueues are those of the asked queues that are open.
func (s *State) openQueues(o GuardOptions) []string {
	return s.names(func(q *Queue) bool { return q.Open() && (len(o.Queues) == 0 || slices.Contains(o.Queues, q.Name)) })
}

// guardNotes are lines about what a guard does and can't do.
func (s *State) guardNotes(o GuardOptions) []string {
	var out []string
	if open := s.openQueues(o); len(open) > 0 {
		note := "queue " + open[0] + " lists no namespaces: it stays open to all"
		if len(open) > 1 {
			note = "queues " + listed(open) + " list no namespaces: they stay open to all"
		}
		if !slices.ContainsFunc(o.Queues, func(name string) bool { return !slices.Contains(open, name) }) && len(o.Queues) > 0 {
			note += ", and spec.user alone is bound until namespaces are listed"
		}
		out = append(out, note)
	}
	if s.settings.Dynamic {
		out = append(out, "Kaiwo opens the default queue to all namespaces again whenever it looks at it (dynamicallyUpdateDefaultClusterQueue)")
	}
	if o.Mode == GuardDeny {
		out = append(out, "while there is no kaiwoqueueconfig "+kaiwo.ConfigName+
			", nothing that names a queue can be created; remove the guard before you remove Kaiwo")
	}
	return out
}

// same returns the object of the same kind and name, or nil.
func same(all []*unstructured.Unstructured, o *unstructured.Unstructured) *unstructured.Unstructured {
	i := slices.IndexFunc(all, func(other *unstructured.Unstructured) bool {
		return other.GetKind() == o.GetKind() && other.GetName() == o.GetName()
	})
	if i < 0 {
		return nil
	}
	return all[i]
}

// renewed is the object that is there with the wanted content.
func renewed(old, want *unstructured.Unstructured) *unstructured.Unstructured {
	out := old.DeepCopy()
	out.Object["spec"] = want.Object["spec"]
	labels := out.GetLabels()
	maps.Copy(labels, want.GetLabels())
	out.SetLabels(labels)
	return out
}
