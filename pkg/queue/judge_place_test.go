package queue_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// What becomes of work whose LocalQueue leads elsewhere depends on whether the other queue lets it in.
func TestJudgeLeadsElsewhere(t *testing.T) {
	t.Parallel()
	local := localQueue("team-b", "science", "other")
	for name, tt := range map[string]struct {
		objects []string
		want    string
	}{
		"it is let in":     {[]string{clusterQueue("other", "namespaceSelector: {}")}, "here uses the quota of other. "},
		"it is kept out":   {[]string{clusterQueue("other", "namespaceSelector: {matchLabels: {team: other}}")}, "here waits for ever: the selector of other does not let the namespace in. "},
		"there is no such": {nil, "here waits for ever: there is no ClusterQueue other. "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := of("QA004", finding.Info, judged(t, base(t).plus(t, append(tt.objects, local)...)))
			if len(found) != 1 || !strings.Contains(found[0].Why, tt.want) {
				t.Errorf("it does not say %q: %+v", tt.want, found)
			}
		})
	}
}

// That a namespace is not managed is a guess where Kueue's configuration was not read, and said as one.
func TestJudgeManagedGuess(t *testing.T) {
	t.Parallel()
	told := base(t).plus(t, "{apiVersion: v1, kind: Namespace, metadata: {name: team-b}}")
	untold := maps.Clone(told)
	delete(untold, "ConfigMap kueue-system/kueue-manager-config")
	for want, c := range map[string]cluster{
		"it lacks kueue-managed=true, by which Kaiwo's configuration of Kueue goes": untold,
		"Kueue does not manage it: it looks for kueue-managed=true":                 told,
	} {
		found := of("QA009", finding.Info, judged(t, c))
		if len(found) != 1 || found[0].Message != want {
			t.Errorf("want %q: %+v", want, found)
		}
	}
}
