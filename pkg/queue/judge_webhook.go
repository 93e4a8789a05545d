package queue

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
)

// judgeWebhooks judges Jobs that wait for a webhook of Kaiwo (QA201).
func (j *judging) judgeWebhooks() {
	inv := j.Inventory
	if len(inv.Missing(inventory.Webhooks))+len(inv.Missing(inventory.Jobs))+len(inv.Missing(inventory.QueueOperators)) > 0 {
		return
	}
	hook := j.webhook()
	if hook != nil && j.webhooksOn() {
		j.add("QA201", "mutatingwebhookconfiguration "+hook.GetName(), "whoever may create a Job anywhere gets a KaiwoJob by a label, and a LocalQueue",
			"For a Job with the label "+kaiwo.ManagedLabel+" the operator makes a KaiwoJob, for which its maker needs no right, and a LocalQueue of any name in any "+
				"namespace, whatever the queue lists. The namespaceSelector of the queue is what keeps others out.")
		return
	}
	jobs := map[string][]string{}
	for _, job := range inv.Objects(inventory.Jobs) {
		marked := job.GetLabels()
		if _, managed := marked[kaiwo.ManagedLabel]; !managed || marked[kaiwo.RunLabel] != "" || isOver(job) {
			continue
		}
		jobs[job.GetNamespace()] = append(jobs[job.GetNamespace()], job.GetName())
	}
	for _, namespace := range slices.Sorted(maps.Keys(jobs)) {
		names := jobs[namespace]
		reason := "no webhook of Kaiwo is registered"
		if hook != nil {
			reason = "the operator runs with " + kaiwo.EnvDisableWebhooks + "=true, which is its default"
		}
		j.add("QA201", "job "+namespace+"/"+names[0], fmt.Sprintf("the label %s does nothing here: %s (%s)", kaiwo.ManagedLabel, reason, count(len(names), "Job")),
			"Kaiwo's chart and manifests bring no webhook configuration. The Job runs as any other, past the queue, unless it has Kueue's own label. "+
				"Make it a KaiwoJob, or give it the label kueue.x-k8s.io/queue-name. Concerned: "+listed(names)+".")
	}
}

// webhook returns the configuration that has Jobs sent to Kaiwo's operator, nil for none.
func (j *judging) webhook() *unstructured.Unstructured {
	for _, o := range j.Inventory.Objects(inventory.Webhooks) {
		for _, hook := range objects(o.Object, "webhooks") {
			if o.GetKind() == "MutatingWebhookConfiguration" && text(hook, "clientConfig", "service", "namespace") == kaiwo.SystemNamespace {
				return o
			}
		}
	}
	return nil
}

// isOver reports whether a Job has come to its end.
func isOver(job *unstructured.Unstructured) bool {
	return condition(job, "Complete", "True") != nil || condition(job, "Failed", "True") != nil
}
