package queueaccess

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// The queue that works, and the cluster with a mistake in each namespace.
const (
	fineDir = "../../../examples/queues/fine"
	labDir  = "../../../examples/queues/lab"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	compare(t, map[string][]string{
		"check/acme":         {"check", "--from", acme},
		"check/fine":         {"check", "--from", fineDir},
		"check/lab":          {"check", "--from", labDir},
		"check/lab-info":     {"check", "--severity", "info", "--from", labDir},
		"check/lab-text":     {"check", "-o", "text", "--from", labDir},
		"check/lab-json":     {"check", "-o", "json", "--rule", "QA003,QA101", "--from", labDir},
		"check/lab-sarif":    {"check", "-o", "sarif", "--rule", "QA002,QA105", "--from", labDir},
		"check/lab-junit":    {"check", "-o", "junit", "--from", labDir},
		"check/lab-fix":      {"check", "--fix", "--dry-run=client", "--from", labDir},
		"check/namespace":    {"check", "-n", "nlp", "--from", labDir},
		"check/no-namespace": {"check", "-n", "nlq", "--from", labDir},
		"check/queue":        {"check", "--queue", "audio,clusterqueue/vision", "--from", labDir},
		"check/no-queue":     {"check", "--queue", "team-b", "--from", labDir},
		"check/rights":       {"check", "--queue", "team-a", "--subject", "group:ml-team", "--from", labDir},
		"check/no-rights":    {"check", "--queue", "team-a", "--subject", "bob@lab.example", "--can", "submit,logs", "-o", "text", "--from", labDir},
		"check/members":      {"check", "--members", "testdata/check/members.txt", "--queue", "team-a", "--from", labDir},
		"check/members-yaml": {"check", "--members", "testdata/check/members.yaml", "--from", labDir},
		"check/open":         {"check", "--queue", "open", "--subject", "nobody@acme.example", "--can", "submit", "--from", acme, "-o", "junit"},
		"check/open-place":   {"check", "--queue", "open", "--subject", "nobody@acme.example", "--can", "submit", "-n", "data-lake", "--from", acme},
		"check/kueue":        {"check", "--queue", "batch", "--subject", "nobody@acme.example", "--from", "testdata/kueue.yaml", "-o", "junit"},
		"check/empty":        {"check", "--subject", "", "--from", labDir},
		"check/argument":     {"check", "science", "--from", labDir},
		"check/empty-queue":  {"check", "--queue", "", "--from", labDir},
		"check/ended":        {"check", "--rule", "QA108", "--from", lab},
		"check/operator":     {"check", "--operator", "--severity", "info", "--rule", "QA301,QA308", "--from", labDir},
		"check/by-rule":      {"check", "--severity", "info", "--rule", "QA308", "--from", labDir},
		"check/none":         {"check", "--from", filepath.Join(acme, "native")},
		"check/bad-can":      {"check", "--can", "sumbit", "--from", labDir},
		"check/bad-subject":  {"check", "--subject", "me", "--from", labDir},
		"check/bad-rule":     {"check", "--rule", "QA999", "--from", labDir},
	})
}

// A file of members comes from stdin, too, and what is wrong in it is said with its line.
func TestCheckMembers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stdin string
		args  []string
		code  int
		want  []string
	}{
		"all may":         {stdin: "group:ml-team\n", code: 0, want: []string{"no findings"}},
		"one may not":     {stdin: "group:ml-team\nzoe@lab.example\n", code: 1, want: []string{"user:zoe@lab.example is to work with queue team-a here"}},
		"csv":             {stdin: "team-a,zoe@lab.example,editor\n", code: 1, want: []string{"user:zoe@lab.example is to work with queue team-a here"}},
		"viewers only":    {stdin: "team-a:\n  zoe@lab.example: viewer\n", code: 2, want: []string{"names nobody who is to use queues"}},
		"nobody":          {stdin: "# nobody yet\n", code: 2, want: []string{"names nobody who is to use queues"}},
		"a slip":          {stdin: "group:ml-team\nme\n", code: 2, want: []string{"-:2: "}},
		"no role":         {stdin: "- {workspace: team-a, subject: bob@lab.example}\n", code: 2, want: []string{"its role is missing"}},
		"stdin, twice":    {stdin: "a\n", args: []string{"--from", "-"}, code: 2, want: []string{"stdin can be the members or the manifests, not both"}},
		"only one of two": {stdin: "team-a:\n  group:ml-team: editor\nspeech:\n  group:ml-team: editor\n", args: []string{"--queue", "speech"}, code: 1, want: []string{"namespace speech"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"check", "--members", "-", "--from", labDir, "--rule", "QA101"}, tt.args...)
			if !slices.Contains(tt.args, "--queue") {
				args = append(args, "--queue", "team-a")
			}
			got := execute(t, tt.stdin, args...)
			if got.Code != tt.code {
				t.Errorf("exit %d, want %d\n%s", got.Code, tt.code, got)
			}
			for _, want := range tt.want {
				if !strings.Contains(got.Stdout+got.Stderr, want) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
		})
	}
	if got := execute(t, "", "check", "--members", "testdata/check/none.txt", "--from", labDir); got.Code != 2 || !strings.Contains(got.Stderr, "read members: ") {
		t.Errorf("a file that is not there: %s", got)
	}
}

// The doctor of everything asks the same, without the operators, and says nothing where there are no queues.
func TestDoctor(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]int{labDir: 10, fineDir: 0, filepath.Join(acme, "native"): 0} {
		env := cli.NewEnv(genericiooptions.NewTestIOStreamsDiscard(), clocktesting.NewFakePassiveClock(time.Time{}), "kubectl gatehouse")
		clinic := Doctor(env, reading.NewFlags(env))
		cmd := &cobra.Command{}
		clinic.Sources.AddFlags(cmd)
		if cmd.Flags().Lookup("operator") != nil {
			t.Error("it has flags of the command")
		}
		if err := cmd.ParseFlags([]string{"--from", dir}); err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(clinic.Rules, func(r finding.Rule) bool { return slices.Contains(queue.OperatorRules(), r.ID) }) {
			t.Error("the operators are no part of it")
		}
		ward, err := clinic.Admit(t.Context(), inventory.Want{Kinds: clinic.Kinds})
		if err != nil {
			t.Fatal(err)
		}
		found, err := ward.Judge(t.Context(), func(string) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		if got := len(finding.AtOrAbove(found, finding.Warning)); got != want {
			t.Errorf("%s: %d findings, want %d", dir, got, want)
		}
	}
}

// The help says all that can be found, and the README of the examples what is found in them.
func TestCheckExamples(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile(filepath.Join(labDir, "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	got := execute(t, "", "check", "--from", labDir, "-o", "csv")
	var ids []string
	for line := range strings.Lines(got.Stdout) {
		if id, _, _ := strings.Cut(line, ","); strings.HasPrefix(id, "QA") && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	var named []string
	for word := range strings.FieldsFuncSeq(string(readme), func(r rune) bool { return r == ' ' || r == ',' || r == '|' || r == '\n' }) {
		if strings.HasPrefix(word, "QA") && !slices.Contains(named, word) {
			named = append(named, word)
		}
	}
	slices.Sort(ids)
	slices.Sort(named)
	if diff := cmp.Diff(ids, slices.Compact(named)); diff != "" {
		t.Errorf("found and told (-found +told):\n%s", diff)
	}
}
