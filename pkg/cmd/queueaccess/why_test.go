package queueaccess

import (
	"strings"
	"testing"
)

// labWork is a cluster with a mistake in each namespace, with work that waits.
func labWork(args ...string) []string {
	return append(args, "--from", "../../../examples/queues/lab", "--from", "../../../examples/waiting")
}

// waiting reads a fixture of the domain.
func waiting(name string, args ...string) []string {
	return append(append([]string{"why"}, args...), "-n", "team-a", "--from", "../../queue/testdata/why/"+name+".yaml")
}

func TestWhy(t *testing.T) {
	t.Parallel()
	compare(t, map[string][]string{
		"why/elsewhere":    labWork("why", "kaiwojob/finetune", "-n", "nlp"),
		"why/unmanaged":    labWork("why", "kaiwojob/finetune", "-n", "speech"),
		"why/never":        labWork("why", "kaiwojob", "pretrain", "-n", "team-a"),
		"why/clear":        labWork("why", "kaiwojobs.kaiwo.silogen.ai/evaluate", "-n", "team-a"),
		"why/json":         labWork("why", "kaiwojob/pretrain", "-n", "team-a", "-o", "json"),
		"why/yaml":         labWork("why", "kaiwojob/evaluate", "-n", "team-a", "-o", "yaml"),
		"why/reason":       labWork("why", "kaiwojob/pretrain", "-n", "team-a", "-o", "jsonpath={.reason}"),
		"why/as-user":      labWork("why", "kaiwojob/evaluate", "-n", "team-a", "--as-user", "bob@lab.example"),
		"why/as-group":     labWork("why", "kaiwojob/evaluate", "-n", "team-a", "--as-user", "eve@lab.example", "--group", "ml-team"),
		"why/not-there":    labWork("why", "kaiwojob/evalute", "-n", "team-a"),
		"why/waits":        waiting("WaitsForQuota", "kaiwojob/train"),
		"why/workload":     waiting("workload", "workload/job-train-abc12"),
		"why/job":          waiting("order-job", "job/train"),
		"why/wrong":        waiting("WrongQueueNamespace", "kaiwojob/train"),
		"why/nothing-else": {"why", "kaiwojob/finetune", "-n", "nlp", "--from", "../../../examples/waiting"},
		"why/strict":       {"why", "kaiwojob/finetune", "-n", "nlp", "--strict", "--from", "../../../examples/waiting"},
		"why/as-other":     waiting("WaitsForQuota", "kaiwojob/train", "--as-user", "joe@acme.example"),
		"why/may":          labWork("why", "kaiwojob/soon", "-n", "team-a", "--as-user", "eve@lab.example", "--group", "ml-team"),
		"why/may-not":      labWork("why", "kaiwojob/soon", "-n", "team-a", "--as-user", "bob@lab.example"),
		"why/file":         labWork("why", "-f", "testdata/why/job.yaml", "kaiwojob/fresh"),
		"why/file-job":     labWork("why", "-f", "testdata/why/job.yaml", "job", "plain", "-n", "team-a"),
		"why/file-several": labWork("why", "-f", "testdata/why/job.yaml"),
		"why/file-other":   labWork("why", "-f", "testdata/why/job.yaml", "job/other"),
		"why/file-astray":  labWork("why", "-f", "testdata/why/job.yaml", "kaiwojob/fresh", "-n", "nlp"),
		"why/file-none":    labWork("why", "-f", "testdata/kueue.yaml"),
		"why/file-there":   labWork("why", "-f", "../../../examples/waiting/jobs.yaml", "kaiwojob/pretrain"),
		"why/bad-kind":     labWork("why", "pod/x"),
		"why/bad-name":     labWork("why", "kaiwojob"),
		"why/bad-group":    labWork("why", "kaiwojob/x", "--group", "x"),
		"why/bad-subject":  labWork("why", "kaiwojob/evaluate", "-n", "team-a", "--as-user", "sa:x"),
		"why/me-offline":   labWork("why", "kaiwojob/evaluate", "-n", "team-a", "--as-user", "me"),
	})
}

// What a manifest holds never reaches the terminal as it is.
func TestWhyEscapes(t *testing.T) {
	t.Parallel()
	got := execute(t, "", "why", "kaiwojob/x", "-n", "team-a", "--from", "testdata/hostile.yaml")
	if got.Code == 0 || strings.ContainsRune(got.Stdout+got.Stderr, '\x1b') {
		t.Errorf("exit %d, stdout %q, stderr %q", got.Code, got.Stdout, got.Stderr)
	}
}

func TestGuard(t *testing.T) {
	t.Parallel()
	compare(t, map[string][]string{
		"guard/yaml":       {"guard", "--dry-run=client", "-o", "yaml", "--from", acme},
		"guard/labels":     {"guard", "--labels", "--warn", "--queue", "science", "--exempt", "ci", "--user-prefix", "oidc:", "--dry-run=client", "-o", "yaml", "--from", acme},
		"guard/plan":       {"guard", "--audit", "--dry-run=client", "--from", acme},
		"guard/unknown":    {"guard", "--queue", "sciences", "--dry-run=client", "--from", acme},
		"guard/no-config":  {"guard", "--dry-run=client", "--from", acme + "/native"},
		"guard/remove":     {"guard", "--remove", "--dry-run=client", "--from", acme},
		"guard/two-modes":  {"guard", "--warn", "--deny", "--from", acme},
		"guard/remove-and": {"guard", "--remove", "--labels", "--from", acme},
		"guard/empty":      {"guard", "--queue", "", "--from", acme},
		"guard/open":       {"guard", "--queue", "open", "--dry-run=client", "-o", "name", "--from", acme},
		"guard/offline":    {"guard", "--from", acme},
	})
}

func TestWhyCompletion(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"":           "kaiwojob/evaluate\nkaiwojob/pretrain\n",
		"kaiwojob/p": "kaiwojob/pretrain\n",
	} {
		got := execute(t, "", append(labWork("__complete", "why", "-n", "team-a"), typed)...)
		if offered, _, _ := strings.Cut(got.Stdout, ":"); offered != want {
			t.Errorf("%q: offered %q, want %q", typed, offered, want)
		}
	}
}
