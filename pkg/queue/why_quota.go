package queue

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// request is what one set of Pods of the work wants, all of them together.
type request map[corev1.ResourceName]resource.Quantity

// lookQuota asks whether the work can ever fit, and then what Kueue says about room for it.
func (a *asking) lookQuota() Step {
	if a.needless {
		return skip("it names no LocalQueue")
	}
	if a.object == nil {
		return skip("there is no such work")
	}
	said := a.pending()
	q := a.quotaOf(a.e.Queue)
	if q != nil {
		for _, r := range a.requests() {
			if step, bad := a.never(q, r); bad {
				return step.says(said).next(a.describeQueue())
			}
		}
	}
	reason := text(conditionIn(a.admission, kueue.ConditionQuota), "reason")
	evicted := conditionIn(a.admission, kueue.ConditionEvicted)
	switch {
	case conditionOf(a.admission, kueue.ConditionQuota) == "True":
		return pass("Kueue has reserved quota for it")
	case a.admission == nil && q == nil:
		return a.unreadQueue("the quota of the queue")
	case a.admission == nil && !a.stored():
		return pass("it fits into the quota of the queue as a whole")
	case a.admission == nil && a.gap(inventory.Workloads) != nil:
		return unread(a.gap(inventory.Workloads), "what Kueue says about it")
	case a.admission == nil:
		return Step{Standing: Unknown, Text: "it fits into the quota as a whole; Kueue has made no Workload of it"}
	case strings.Contains(said, "maximum capacity"):
		return block(NeverFits, "it wants more than the queue can ever have").says(said).next(a.describeQueue())
	case strings.Contains(said, "unavailable in ClusterQueue"):
		return block(NotCovered, "it wants something that the queue has no quota for").says(said).next(a.describeQueue())
	case text(evicted, "status") == "True":
		return wait(Evicted, "Kueue has taken its quota away (%s), and it waits again", cmp.Or(text(evicted, "reason"), "no reason given")).
			says(text(evicted, "message")).next(a.waiting())
	case reason == kueue.ReasonInadmissible:
		return block(Inadmissible, "Kueue can't admit it").says(said).next(a.describeQueue())
	case said == "":
		return wait(NoRoom, "Kueue has not come to it yet: it waits behind others").next(a.waiting())
	}
	return wait(NoRoom, "it waits for room in queue %s%s", a.e.Queue, a.used()).says(said).next(a.waiting())
}

func (a *asking) waiting() string {
	return "kubectl get workloads.kueue.x-k8s.io -n " + shell.Word(a.work.Namespace)
}

// quotaOf returns the ClusterQueue of that name as Kueue has it, or will have it of Kaiwo; nil when it is not known.
func (a *asking) quotaOf(name string) map[string]any {
	if object := a.cluster(inventory.ClusterQueues, name); object != nil {
		return object.Object
	}
	if !a.Foreseen() {
		return nil
	}
	for _, entry := range objects(a.Config().Object, "spec", "clusterQueues") {
		if text(entry, "name") == name {
			return entry
		}
	}
	return nil
}

// requests returns what the work asks Kueue for, as far as it is known: the Workload says it whole, Jobs by their template,
// and Kaiwo's kinds their GPUs and what they ask for by name.
func (a *asking) requests() []request {
	switch {
	case a.admission != nil:
		var out []request
		for _, set := range objects(a.admission.Object, "spec", "podSets") {
			out = append(out, ofPods(set, whole(set, "count", 1), "template", "spec"))
		}
		return out
	case a.child != nil:
		return ofJob(a.child)
	case a.object == nil:
		return nil
	case a.work.Kind == inventory.Jobs:
		return ofJob(a.object)
	}
	spec, _, _ := unstructured.NestedMap(a.object.Object, "spec")
	out := request{}
	replicas := whole(spec, "replicas", 1)
	written, _, _ := unstructured.NestedMap(spec, "resources", "requests")
	for name, value := range written {
		if amount, ok := quantity(value); ok {
			amount.Mul(replicas)
			out[corev1.ResourceName(name)] = amount
		}
	}
	// Source: CalculateResourceConfig in pkg/workloads/common/scheduling.go.
	if gpus := max(whole(spec, "gpus", 0), replicas*whole(spec, "gpusPerReplica", 0)); gpus > 0 {
		vendor := cmp.Or(text(spec, "gpuVendor"), "amd")
		name := corev1.ResourceName(map[string]string{"nvidia": "nvidia.com/gpu"}[strings.ToLower(vendor)])
		out[cmp.Or(name, "amd.com/gpu")] = *resource.NewQuantity(gpus, resource.DecimalSI)
	}
	return []request{out}
}

// ofJob is what a Job wants.
func ofJob(job *unstructured.Unstructured) []request {
	spec, _, _ := unstructured.NestedMap(job.Object, "spec")
	return []request{ofPods(spec, whole(spec, "parallelism", 1), "template", "spec")}
}

// whole returns a whole number of an object.
func whole(object map[string]any, name string, otherwise int64) int64 {
	switch n := object[name].(type) {
	case int64:
		return n
	case float64:
		return int64(n)
	}
	return otherwise
}

// ofPods is what so many Pods want that are made after a spec: what their containers want together, or the greediest of
// those that run before them, and the overhead.
func ofPods(object map[string]any, count int64, path ...string) request {
	out := request{}
	written, _, _ := unstructured.NestedMap(object, path...)
	var spec corev1.PodSpec
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(written, &spec); err != nil {
		return out
	}
	add := func(name corev1.ResourceName, amount resource.Quantity) {
		sum := out[name]
		sum.Add(amount)
		out[name] = sum
	}
	for _, c := range spec.Containers {
		for name, amount := range wants(&c) {
			add(name, amount)
		}
	}
	for _, c := range spec.InitContainers {
		for name, amount := range wants(&c) {
			if have := out[name]; have.Cmp(amount) < 0 {
				out[name] = amount
			}
		}
	}
	for name, amount := range spec.Overhead {
		add(name, amount)
	}
	for name, amount := range out {
		amount.Mul(count)
		out[name] = amount
	}
	return out
}

// wants is what a container requests: its limit, where it does not say.
func wants(c *corev1.Container) corev1.ResourceList {
	out := maps.Clone(c.Resources.Limits)
	if out == nil {
		out = corev1.ResourceList{}
	}
	maps.Copy(out, c.Resources.Requests)
	return out
}

// never says that a request does not fit into the queue even when that is empty: a resource has no quota there, or no flavor
// has enough of all that has to come from the same.
func (a *asking) never(queue map[string]any, wanted request) (Step, bool) {
	groups := objects(queue, "spec", "resourceGroups")
	if len(groups) == 0 {
		return Step{}, false // nothing says what it has
	}
	left := map[corev1.ResourceName]bool{}
	for name, amount := range wanted {
		left[name] = !amount.IsZero()
	}
	for _, group := range groups {
		covered, _, _ := unstructured.NestedStringSlice(group, "coveredResources")
		fits, short := false, ""
		for _, flavor := range objects(group, "flavors") {
			lacking := a.lacking(queue, flavor, covered, wanted)
			fits = fits || lacking == ""
			short = cmp.Or(short, lacking)
		}
		if !fits && short != "" {
			return block(NeverFits, "it wants more than queue %s can ever have: %s", a.e.Queue, short), true
		}
		for _, name := range covered {
			left[corev1.ResourceName(name)] = false
		}
	}
	for _, name := range slices.Sorted(maps.Keys(left)) {
		if left[name] {
			return block(NotCovered, "it wants %s, for which queue %s has no quota", name, a.e.Queue), true
		}
	}
	return Step{}, false
}

// lacking says which of the covered resources a flavor has too little of; empty when it has enough of all.
func (a *asking) lacking(queue, flavor map[string]any, covered []string, wanted request) string {
	for _, have := range objects(flavor, "resources") {
		name := text(have, "name")
		want, asked := wanted[corev1.ResourceName(name)]
		nominal, ok := quantity(have["nominalQuota"])
		if !asked || !ok || !slices.Contains(covered, name) {
			continue
		}
		nominal.Add(a.borrowable(queue, text(flavor, "name"), name, have))
		if want.Cmp(nominal) > 0 {
			return fmt.Sprintf("%s %s, of which flavor %s has %s at the most", want.String(), name, text(flavor, "name"), nominal.String())
		}
	}
	return ""
}

// borrowable is how much a queue can have of what others in its cohort have, when these need nothing.
func (a *asking) borrowable(queue map[string]any, flavor, name string, own map[string]any) resource.Quantity {
	var out resource.Quantity
	cohort := cmp.Or(text(queue, "spec", "cohort"), text(queue, "spec", "cohortName"))
	if cohort == "" {
		return out
	}
	for _, other := range a.Queues() {
		if other.Name == a.e.Queue || other.Cohort != cohort {
			continue
		}
		for _, group := range objects(a.quotaOf(other.Name), "spec", "resourceGroups") {
			for _, f := range objects(group, "flavors") {
				for _, r := range objects(f, "resources") {
					if text(f, "name") != flavor || text(r, "name") != name {
						continue
					}
					lent, ok := quantity(r["lendingLimit"])
					if !ok {
						lent, _ = quantity(r["nominalQuota"])
					}
					out.Add(lent)
				}
			}
		}
	}
	if limit, ok := quantity(own["borrowingLimit"]); ok && limit.Cmp(out) < 0 {
		return limit
	}
	return out
}

// used says how much of the queue others use, of what the work wants.
func (a *asking) used() string {
	object, q := a.cluster(inventory.ClusterQueues, a.e.Queue), a.Queue(a.e.Queue)
	if object == nil || q == nil {
		return ""
	}
	sums := map[string]resource.Quantity{}
	for _, flavor := range objects(object.Object, "status", "flavorsUsage") {
		for _, r := range objects(flavor, "resources") {
			if amount, ok := quantity(r["total"]); ok {
				sum := sums[text(r, "name")]
				sum.Add(amount)
				sums[text(r, "name")] = sum
			}
		}
	}
	var parts []string
	for _, have := range q.Quotas {
		if sum, ok := sums[have.Resource]; ok {
			parts = append(parts, fmt.Sprintf("%s of %s %s", sum.String(), have.Nominal.String(), have.Resource))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": used are " + strings.Join(parts, ", ")
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
