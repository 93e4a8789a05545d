package kueue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kueue"
)

func TestParseConfig(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		// manages are of dev (no labels), gpu (kueue-managed=true) and kube-system those that Kueue manages.
		manages, work, wrong string
		all, chosen          bool
		required             map[string]string
	}{
		"the file of 0.12": {
			text: `apiVersion: config.kueue.x-k8s.io/v1beta1
kind: Configuration
integrations: {frameworks: [batch/job, ray.io/raycluster, workload.codeflare.dev/appwrapper]}`,
			manages: "dev gpu", work: "jobs cronjobs rayclusters rayservices appwrappers",
		},
		"what Kaiwo ships": {
			text: `kind: Configuration
managedJobsNamespaceSelector: {matchLabels: {kueue-managed: "true"}}
manageJobsWithoutQueueName: true
integrations: {frameworks: [batch/job, pod, deployment]}`,
			manages: "gpu", work: "jobs cronjobs pods* replicasets* replicationcontrollers* deployments*", all: true, chosen: true,
			required: map[string]string{"kueue-managed": "true"},
		},
		"a later version of the API": {
			text: `apiVersion: config.kueue.x-k8s.io/v1beta2
kind: Configuration
managedJobsNamespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [dev]}, {key: x, operator: DoesNotExist}]}
integrations: {frameworks: [ray.io/rayservice, ray.io/raycluster], externalFrameworks: [Foo.v1.example.com, nonsense]}`,
			manages: "dev", work: "rayservices rayclusters foos", chosen: true,
		},
		"without frameworks":   {text: "kind: Configuration", manages: "dev gpu", work: "jobs cronjobs"},
		"unknown frameworks":   {text: "integrations: {frameworks: [new.example.com/thing]}", manages: "dev gpu"},
		"a selector of all":    {text: "managedJobsNamespaceSelector: {}", manages: "dev gpu kube-system", work: "jobs cronjobs", chosen: true},
		"nothing":              {text: " \n", wrong: "read Kueue's configuration: it is empty"},
		"another kind":         {text: "kind: Secret", wrong: "read Kueue's configuration: it is a Secret"},
		"no YAML":              {text: "a: [", wrong: "read Kueue's configuration: "},
		"a selector of nobody": {text: "managedJobsNamespaceSelector: {matchExpressions: [{key: x, operator: Near}]}", wrong: "read managedJobsNamespaceSelector: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := kueue.ParseConfig(tt.text)
			if tt.wrong != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.wrong) {
					t.Errorf("error %v, want %s", err, tt.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var manages, work []string
			for _, ns := range []string{"dev", "gpu", "kube-system"} {
				given := map[string]string{}
				if ns == "gpu" {
					given["kueue-managed"] = "true"
				}
				if c.Manages(ns, given) {
					manages = append(manages, ns)
				}
			}
			for _, w := range c.Work() {
				text := w.Name
				if w.Pods {
					text += "*"
				}
				work = append(work, text)
			}
			if tt.required == nil {
				tt.required = map[string]string{}
			}
			got := []any{strings.Join(manages, " "), strings.Join(work, " "), c.AllJobs, c.Chosen, c.Required}
			if diff := cmp.Diff([]any{tt.manages, tt.work, tt.all, tt.chosen, tt.required}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What Kueue takes as installed names every kind that some release's file enables, once, and none twice.
func TestShipped(t *testing.T) {
	t.Parallel()
	c := kueue.Shipped()
	var names []string
	for _, w := range c.Work() {
		names = append(names, w.Name+"."+w.Group)
	}
	for _, want := range []string{"jobs.batch", "pods.", "rayjobs.ray.io", "statefulsets.apps", "mpijobs.kubeflow.org"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is missing", want)
		}
	}
	if slices.Contains(names, "sparkapplications.sparkoperator.k8s.io") || len(names) != len(slices.Compact(slices.Sorted(slices.Values(names)))) {
		t.Errorf("odd: %v", names)
	}
	if c.Manages("kube-system", nil) || !c.Manages("dev", nil) || c.Chosen {
		t.Error("as installed, Kueue manages all namespaces but the system's")
	}
}
