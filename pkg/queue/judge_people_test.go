package queue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const (
	submitRules = `{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [get, list, watch, create, update, patch]}, ` +
		`{apiGroups: [""], resources: [events, pods], verbs: [get, list, watch]}`
	createRule = `{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs], verbs: [create]}`
	execRule   = `{apiGroups: [""], resources: [pods/exec], verbs: [create]}`
)

// roleOf is a role in team-a with rules; boundTo binds mia to it.
func roleOf(rules ...string) string {
	return "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: some, namespace: team-a}, rules: [" + strings.Join(rules, ", ") + "]}"
}

func boundTo() string {
	return "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: mia, namespace: team-a}, " +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: some}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: mia}]}"
}

// What somebody lacks is judged by what he was told to do, or has begun to: who may only submit is let be, and no repair gives
// him more.
func TestJudgeLacking(t *testing.T) {
	t.Parallel()
	mia := rbac.User("mia")
	tests := map[string]struct {
		objects []string
		granted []kaiwo.Ability
		options queue.JudgeOptions
		want    []string
	}{
		"submits, and no more": {objects: []string{roleOf(submitRules), boundTo()}, want: nil},
		"may create, and not look": {objects: []string{roleOf(createRule), boundTo()}, want: []string{
			"get, list, watch events; get, list, watch, create, update, patch kaiwoservices.kaiwo.silogen.ai; get, list, watch, update, patch kaiwojobs.kaiwo.silogen.ai: submit",
		}},
		"may run commands, and see no pods": {
			objects: []string{roleOf(strings.ReplaceAll(submitRules, ", pods", ""), execRule), boundTo()}, want: []string{"get, list, watch pods: monitor,exec"},
		},
		"was asked about": {
			objects: []string{roleOf(submitRules), boundTo()}, options: queue.JudgeOptions{Abilities: []kaiwo.Ability{kaiwo.Submit, kaiwo.Logs}},
			want: []string{"get pods/log: logs"},
		},
		"was named": {
			objects: []string{roleOf(submitRules, execRule), boundTo()}, options: queue.JudgeOptions{Expected: []queue.Expected{{Subject: mia, Namespace: "team-a"}}},
			want: []string{"create pods/portforward; delete kaiwojobs.kaiwo.silogen.ai; delete kaiwoservices.kaiwo.silogen.ai; get pods/log: manage,logs"},
		},
		"was granted to submit": {granted: []kaiwo.Ability{kaiwo.Submit}, want: nil},
		"was granted logs, which somebody has taken from the role": {
			granted: []kaiwo.Ability{kaiwo.Submit, kaiwo.Logs}, objects: []string{strings.Replace(roleOf(submitRules), "name: some", "name: gatehouse-queue-submit-logs", 1)},
			want: []string{"get pods/log: submit,logs"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := base(t)
			if len(tt.granted) > 0 {
				p, _, err := queue.Give(c.state(t), queue.Grant{Subject: mia, Queue: "science", Can: tt.granted, Namespaces: []string{"team-a"}})
				if err != nil {
					t.Fatal(err)
				}
				c = c.apply(t, &p)
			}
			var got []string
			for _, f := range of("QA101", finding.Info, queue.JudgeWith(c.plus(t, tt.objects...).state(t), tt.options)) {
				if !strings.HasPrefix(f.Message, "user:mia ") {
					continue
				}
				_, lacks, _ := strings.Cut(f.Message, " takes here: ")
				rules := strings.Split(lacks, "; ")
				slices.Sort(rules)
				_, can, _ := strings.Cut(f.Why, " --can ")
				got = append(got, strings.Join(rules, "; ")+": "+strings.Fields(can)[0])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A name out of a manifest can't smuggle a command into a line that is there to be pasted.
func TestJudgePaste(t *testing.T) {
	t.Parallel()
	c := base(t).plus(t, config("kaiwo", `{name: "a; reboot", namespaces: [team-a, "b; reboot"], spec: {namespaceSelector: {}}}`, `{name: "c; reboot"}`),
		roleOf(createRule), boundTo())
	delete(c, "Namespace /team-b")
	seen := 0
	for _, f := range judged(t, c) {
		seen += strings.Count(f.Why, "reboot'")
		if rest := strings.ReplaceAll(strings.ReplaceAll(f.Why, "'a; reboot'", ""), "'c; reboot'", ""); strings.Contains(rest, "kubectl") && strings.Contains(rest, "reboot") {
			t.Errorf("%s: %s", f.ID, f.Why)
		}
	}
	if seen < 2 {
		t.Errorf("%d commands with such a name, want more: this tests nothing", seen)
	}
}

// A list with an item that is no name is read as far as it can be, and a repair of it keeps what it does not know of.
func TestListedInPart(t *testing.T) {
	t.Parallel()
	s := base(t).plus(t, config("kaiwo", "{name: science, namespaces: [7, team-a, team-z], spec: {namespaceSelector: {}}}")).state(t)
	if diff := cmp.Diff([]string{"team-a", "team-z"}, s.Queue("science").Listed); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
