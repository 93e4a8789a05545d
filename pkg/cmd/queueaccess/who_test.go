package queueaccess

import (
	"strings"
	"testing"
)

// TestReading compares what commands answer about the queues of the example company.
func TestReading(t *testing.T) {
	t.Parallel()
	compare(t, map[string][]string{
		"list/bare":         {"--from", acme},
		"list/wide":         {"list", "-o", "wide", "--from", acme},
		"list/json":         {"list", "-o", "json", "--from", acme},
		"list/name":         {"list", "-o", "name", "--from", acme},
		"list/namespace":    {"list", "-n", "training", "--from", acme},
		"list/none":         {"list", "--from", acme + "/native"},
		"list/misnamed":     {"list", "--from", "testdata/odd/misnamed.yaml"},
		"list/empty":        {"list", "--from", "testdata/odd/empty.yaml"},
		"list/planned":      {"list", "-o", "wide", "--from", "testdata/planned.yaml"},
		"describe/science":  {"describe", "science", "--from", acme},
		"describe/open":     {"describe", "open", "--from", acme},
		"describe/json":     {"describe", "science", "-o", "json", "--from", acme},
		"describe/grants":   {"describe", "lab", "--from", lab},
		"describe/ended":    {"describe", "lab", "-o", "jsonpath={.grants}", "--from", lab},
		"describe/slip":     {"describe", "sciens", "--from", acme},
		"describe/planned":  {"describe", "team", "--from", "testdata/planned.yaml"},
		"describe/unclear":  {"describe", "science", "--from", "testdata/odd/unclear.yaml"},
		"list/unclear":      {"list", "--from", "testdata/odd/unclear.yaml"},
		"describe/kueue":    {"describe", "batch", "--from", "testdata/kueue.yaml"},
		"who/science":       {"who", "science", "--from", acme},
		"who/open":          {"who", "open", "--from", acme},
		"who/wide":          {"who", "science", "-o", "wide", "--from", acme},
		"who/json":          {"who", "science", "-o", "json", "--kind", "kaiwojob,job", "--from", acme},
		"who/namespace":     {"who", "science", "-n", "training", "--from", acme},
		"who/kind":          {"who", "science", "--kind", "Job", "--kind", "pods", "--from", acme},
		"who/unknown-kind":  {"who", "science", "--kind", "ship", "--from", acme},
		"who/name":          {"who", "science", "--kind", "kaiwojob", "-o", "name", "--from", acme},
		"who/system":        {"who", "science", "--system", "-n", "research", "--kind", "pod", "--from", acme},
		"who/planned":       {"who", "team", "--from", "testdata/planned.yaml"},
		"who/kueue":         {"who", "batch", "--from", "testdata/kueue.yaml"},
		"who/kueue-json":    {"who", "batch", "-o", "json", "--from", "testdata/kueue.yaml"},
		"who/no-queue":      {"who", "--from", acme},
		"who/two-queues":    {"who", "open", "science", "--from", acme},
		"who/other-queue":   {"who", "zzz", "--from", acme},
		"who/no-namespace":  {"who", "science", "-n", "traning", "--from", acme},
		"list/no-namespace": {"list", "-n", "traning", "--from", acme},
		"who/kueue-default": {"who", "default", "--from", "testdata/kueue.yaml"},
	})
}

// The names that completion offers are those of queues, and of kinds that get into them.
func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		words string
		want  string
	}{
		"queues":     {"who --from " + acme + " s", "science"},
		"of list":    {"describe --from " + acme + " ", "open science"},
		"no second":  {"describe --from " + acme + " science ", ""},
		"kinds":      {"who --from " + acme + " science --kind kaiwo", "kaiwojob kaiwoservice"},
		"no queues":  {"who --from " + acme + "/native ", ""},
		"not a file": {"who --from nowhere ", ""},
		"subjects":   {"grant --from " + acme + " --queue science y", "yuki@acme.example"},
		"whole ones": {"grant --from " + acme + " --queue science sa:tr", "sa:training/etl"},
		"one alone":  {"grant --from " + acme + " yuki@acme.example ", ""},
		"of a flag":  {"check --from " + acme + " --subject group:sc", "group:scientists"},
		"as whom":    {"why --from " + acme + " --as-user y", "yuki@acme.example"},
		"places":     {"grant --from " + acme + " --queue science --namespaces ", "research training"},
		"no files":   {"guard ", ""},
		"next place": {"grant --from " + acme + " --queue science --namespaces research,", "research,training"},
		"abilities":  {"grant --can submit,", "submit,manage submit,logs submit,monitor submit,exec"},
		"of check":   {"check --can lo", "logs"},
		"of role":    {"role --can logs,ex", "logs,exec"},
		"next queue": {"check --from " + acme + " --queue open,", "open,science"},
		"a role":     {"role -n training --from " + acme + " --compare role/j", "role/job-runner"},
		"cluster's":  {"role --from " + acme + " --compare clusterrole/kaiwo-s", "clusterrole/kaiwo-scientist"},
		"document":   {"role --from " + acme + " --compare do", "document"},
		"kinds of":   {"why -n none --from " + acme + " kaiwo", "kaiwojob/ kaiwoservice/"},
		"nor here":   {"role ", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"__complete"}, strings.Split(tt.words, " ")...)...)
			lines := strings.Split(strings.TrimSpace(got.Stdout), "\n")
			if offered := strings.Join(lines[:len(lines)-1], " "); offered != tt.want {
				t.Errorf("offered %q, want %q\n%s", offered, tt.want, got)
			}
		})
	}
}
