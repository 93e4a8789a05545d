package queue_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// read makes an inventory of manifests.
func read(t *testing.T, manifests string) *inventory.Inventory {
	t.Helper()
	inv := &inventory.Inventory{Custom: map[inventory.Kind][]*unstructured.Unstructured{}}
	for one := range strings.SplitSeq(manifests, "---\n") {
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(one), &u.Object); err != nil {
			t.Fatal(err)
		}
		kind := inventory.Kind(strings.ToLower(u.GetKind()) + "s")
		inv.Custom[kind] = append(inv.Custom[kind], u)
	}
	return inv
}

// describe writes a queue in one line.
func describe(q *queue.Queue) string {
	var quotas []string
	for _, have := range q.Quotas {
		quotas = append(quotas, fmt.Sprintf("%s=%s(%s)", have.Resource, have.Nominal.String(), strings.Join(have.Flavors, "+")))
	}
	return fmt.Sprintf("%s kaiwo=%t kueue=%t open=%t for=%v named=%v cohort=%q inactive=%q %s", q.Name, q.Kaiwo, q.Kueue, q.Open(),
		q.Namespaces(), q.Named(), q.Cohort, q.Inactive, strings.Join(quotas, " "))
}

func TestRead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manifests string
		want      []string
	}{
		"kaiwo, with what it makes of it": {
			`{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [
  {name: science, namespaces: [b, a, a], spec: {cohort: all, resourceGroups: [{flavors: [
    {name: x, resources: [{name: cpu, nominalQuota: 1}, {name: memory, nominalQuota: 1Gi}]},
    {name: z, resources: [{name: cpu, nominalQuota: "500m"}]}]}]}},
  {name: open}]}}
---
{kind: ClusterQueue, metadata: {name: open}, spec: {namespaceSelector: {}}}
---
{kind: LocalQueue, metadata: {name: science, namespace: a}, spec: {clusterQueue: science}}
---
{kind: LocalQueue, metadata: {name: scratch, namespace: z}, spec: {clusterQueue: science}}`,
			[]string{
				`open kaiwo=true kueue=true open=true for=[] named=[] cohort="" inactive="" `,
				`science kaiwo=true kueue=false open=false for=[a b] named=[a b z] cohort="all" inactive="" cpu=1500m(x+z) memory=1Gi(x)`,
			},
		},
		"kueue alone": {
			`{kind: ClusterQueue, metadata: {name: q}, spec: {cohortName: all, stopPolicy: None}, status: {conditions: [
  {type: Active, status: "False", reason: FlavorNotFound, message: no such flavor}]}}
---
{kind: ClusterQueue, metadata: {name: held}, spec: {stopPolicy: Hold}}
---
{kind: LocalQueue, metadata: {name: main, namespace: dev}, spec: {clusterQueue: q}}
---
{kind: LocalQueue, metadata: {name: main, namespace: lost}, spec: {clusterQueue: gone}}`,
			[]string{
				`gone kaiwo=false kueue=false open=false for=[lost] named=[lost] cohort="" inactive="" `,
				`held kaiwo=false kueue=true open=false for=[] named=[] cohort="" inactive="stopPolicy Hold" `,
				`q kaiwo=false kueue=true open=false for=[dev] named=[dev] cohort="all" inactive="no such flavor" `,
			},
		},
		"a config of another name, and nonsense": {
			`{kind: KaiwoQueueConfig, metadata: {name: other}, spec: {clusterQueues: [{name: unseen}]}}
---
{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [7, {namespaces: [a]}, {name: odd, namespaces: [1], spec: {resourceGroups: 3}}]}}
---
{kind: ClusterQueue, metadata: {name: odd}, spec: {resourceGroups: [{flavors: [{resources: [{name: cpu, nominalQuota: much}]}]}], namespaceSelector: 5}}`,
			[]string{`odd kaiwo=true kueue=true open=false for=[] named=[] cohort="" inactive="" `},
		},
		"namespaces that are no list": {
			`{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [{name: odd, namespaces: team}, {name: open, namespaces: null}, {name: some, namespaces: [a, 3]}]}}`,
			[]string{
				`odd kaiwo=true kueue=false open=false for=[] named=[] cohort="" inactive="" `,
				`open kaiwo=true kueue=false open=true for=[] named=[] cohort="" inactive="" `,
				`some kaiwo=true kueue=false open=false for=[a] named=[a] cohort="" inactive="" `,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, q := range queue.Read(read(t, tt.manifests)) {
				got = append(got, describe(&q))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdmits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		selector string
		labels   map[string]string
		want     bool
	}{
		"everybody":               {selector: "namespaceSelector: {}", want: true},
		"nobody without selector": {selector: "cohort: all"},
		"by name":                 {selector: "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dev}}", want: true},
		"by another name":         {selector: "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: qa}}"},
		"by label":                {selector: "namespaceSelector: {matchExpressions: [{key: team, operator: In, values: [x]}]}", labels: map[string]string{"team": "x"}, want: true},
		"by a label it lacks":     {selector: "namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}"},
		"by nonsense":             {selector: "namespaceSelector: {matchExpressions: [{key: team, operator: Near}]}", labels: map[string]string{"team": "x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queues := queue.Read(read(t, "{kind: ClusterQueue, metadata: {name: q}, spec: {"+tt.selector+"}}"))
			if got := queues[0].Admits("dev", tt.labels); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
