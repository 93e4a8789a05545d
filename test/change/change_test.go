package change_test

import (
	"bytes"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// run runs a command as a shell does, as the superuser and without asking.
func run(t *testing.T, command string) {
	t.Helper()
	// The shell splits the words, and hands them to us instead of kubectl.
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `kubectl() { for word; do printf '%s\0' "$word"; done; }; `+command).Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	words := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	plugins := map[string]func(*cli.Env) *cobra.Command{"contrib": contrib.NewCommand, "profile": profile.NewCommand}
	newCommand, known := plugins[words[0]]
	if !known {
		t.Fatalf("%s: no such plugin", command)
	}
	var told bytes.Buffer
	env := cli.NewEnv(genericiooptions.IOStreams{In: &bytes.Buffer{}, Out: &told, ErrOut: &told}, clock.RealClock{}, "kubectl "+words[0])
	args := slices.Concat(words[1:], []string{"--yes", "--kubeconfig", server.cp.Admin(), "--cache-dir", t.TempDir()})
	if code := cli.Run(t.Context(), env, newCommand, args); code != cli.ExitOK {
		t.Fatalf("%s: exit code %d:\n%s", command, code, told.String())
	}
}

// TestChanges makes each change, compares it with what its command does to a workspace like it, takes it back, does it
// again, and takes it back once more.
func TestChanges(t *testing.T) {
	t.Parallel()
	until := time.Date(2034, 5, 6, 7, 8, 9, 0, time.UTC)
	own := &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kubeflow-kubernetes-view"}
	tests := map[string]struct {
		wish    change.Wish
		prepare func(p *place)
		effects []string
	}{
		"add": {
			wish:    change.Wish{Verb: change.Add, Subject: rbac.User("zoe o'hara"), Role: workspace.Viewer},
			effects: []string{"user:zoe o'hara gains"},
		},
		"add-for-a-while": {
			wish:    change.Wish{Verb: change.Add, Subject: rbac.Group("ml team"), Role: workspace.Editor, Expires: until},
			effects: []string{"group:ml team gains"},
		},
		"add-own": {
			wish:    change.Wish{Verb: change.Add, Subject: rbac.ServiceAccount("ci", "runner"), RoleRef: own},
			effects: []string{"sa:ci/runner gains"},
		},
		"remove":        {wish: change.Wish{Verb: change.Remove, Subject: rbac.User("bob@x.com")}, effects: []string{"user:bob@x.com loses"}},
		"remove-shared": {wish: change.Wish{Verb: change.Remove, Subject: rbac.User("dan@x.com"), Role: workspace.Viewer}, effects: []string{"user:dan@x.com loses"}},
		"weaker":        {wish: change.Wish{Verb: change.SetRole, Subject: rbac.User("bob@x.com"), Role: workspace.Viewer}, effects: []string{"user:bob@x.com loses"}},
		"stronger": {
			wish:    change.Wish{Verb: change.SetRole, Subject: rbac.User("carol@x.com"), Role: workspace.Owner, Expires: until},
			effects: []string{"user:carol@x.com gains"},
		},
		"date":    {wish: change.Wish{Verb: change.Expire, Subject: rbac.User("bob@x.com"), Role: workspace.Editor, Expires: until}},
		"no-date": {wish: change.Wish{Verb: change.Expire, Subject: rbac.User("carol@x.com")}},
		"fix-missing": {
			prepare: func(p *place) { p.delete(policies, "user-bob-x-com-clusterrole-edit") },
			wish:    change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "KF004", Object: "rolebinding NS/user-bob-x-com-clusterrole-edit"}},
		},
		"fix-wrong": {
			prepare: func(p *place) {
				p.patch(bindings, "user-bob-x-com-clusterrole-edit", `{"metadata": {"annotations": {"role": "admin"}}}`)
			},
			wish: change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "KF006", Object: "rolebinding NS/user-bob-x-com-clusterrole-edit"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := makerOf(t, "")
			mine, theirs := newPlace(t, "mine-"+name), newPlace(t, "their-"+name)
			if tt.prepare != nil {
				tt.prepare(mine)
				tt.prepare(theirs)
			}
			wish := tt.wish
			wish.Workspace = mine.name
			if wish.Finding != nil {
				ill := *wish.Finding
				ill.Object = strings.ReplaceAll(ill.Object, "NS", mine.name)
				wish.Finding = &ill
			}
			before := mine.state()
			p := propose(t, m, wish)
			if diff := cmp.Diff(before, mine.state()); diff != "" {
				t.Errorf("the proposal has changed something (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.effects, effects(p)); diff != "" {
				t.Errorf("effects (-want +got):\n%s", diff)
			}
			result := carried(t, m, p)
			after := mine.state()
			if cmp.Equal(before, after) {
				t.Error("nothing has changed")
			}
			run(t, strings.ReplaceAll(p.Command, mine.name, theirs.name))
			if diff := cmp.Diff(theirs.state(), after); diff != "" {
				t.Errorf("%s does something else (-command +browser):\n%s", p.Command, diff)
			}
			for i, want := range []map[string]string{before, after, before} {
				back := propose(t, m, change.Wish{Verb: change.Undo, Back: result.Back})
				if summary := []string{"undo: ", "redo: ", "undo: "}[i] + p.Plan.Summary; back.Plan.Summary != summary {
					t.Errorf("summary %q, want %q", back.Plan.Summary, summary)
				}
				result = carried(t, m, back)
				if diff := cmp.Diff(want, mine.state()); diff != "" {
					t.Errorf("undo %d (-want +got):\n%s", i+1, diff)
				}
			}
			again := propose(t, m, wish)
			if diff := cmp.Diff(steps(p), steps(again)); diff != "" {
				t.Errorf("proposed anew (-first +again):\n%s", diff)
			}
		})
	}
}

func steps(p *change.Proposal) []string { return p.Plan.Changes().Strings() }

// carried carries a proposal out, which must go well, and has the progress told to the end.
func carried(t *testing.T, m *change.Maker, p *change.Proposal) *change.Result {
	t.Helper()
	var last plan.Event
	result, err := m.Carry(t.Context(), p, func(e plan.Event) { last = e })
	if err != nil || result.Err != nil || result.Left != nil {
		t.Fatalf("Carry: %v, %v, %v", err, result.Err, result.Left)
	}
	if result.Back == nil {
		t.Fatal("it can't be taken back")
	}
	if last.Done != len(p.Plan.Steps) || last.Total != last.Done {
		t.Errorf("the last progress is %d of %d, want all of %d", last.Done, last.Total, len(p.Plan.Steps))
	}
	return result
}

// effects says who gains and who loses.
func effects(p *change.Proposal) []string {
	var out []string
	for _, e := range p.Effects {
		line := e.Subject.String()
		if len(e.Gained) > 0 {
			line += " gains"
		}
		if len(e.Lost) > 0 {
			line += " loses"
		}
		out = append(out, line)
	}
	return out
}

// TestNothing is about wishes that change nothing.
func TestNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "nothing")
	m := makerOf(t, "")
	added := do(t, m, change.Wish{Verb: change.Add, Workspace: p.name, Subject: rbac.User("zoe@x.com"), Role: workspace.Viewer})
	p.delete(policies, "user-zoe-x-com-clusterrole-view")
	p.delete(bindings, "user-zoe-x-com-clusterrole-view")
	before := p.state()
	tests := map[string]struct {
		wish  change.Wish
		notes []string
	}{
		"there": {wish: change.Wish{Verb: change.Add, Workspace: p.name, Subject: rbac.User("bob@x.com"), Role: workspace.Editor}},
		"gone": {
			change.Wish{Verb: change.Remove, Workspace: p.name, Subject: rbac.User("Bob@x.com")},
			[]string{"Bob@x.com: is no member of nothing: nothing to remove", "bob@x.com is one: names differ by their case"},
		},
		"undone": {wish: change.Wish{Verb: change.Undo, Back: added.Back}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proposal := propose(t, m, tt.wish)
			if !proposal.Nothing() {
				t.Errorf("steps %v, want none", steps(proposal))
			}
			if diff := cmp.Diff(tt.notes, proposal.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			result, err := m.Carry(t.Context(), proposal, nil)
			if err != nil || result.Back != nil {
				t.Errorf("Carry: %v, back %v", err, result.Back)
			}
			if diff := cmp.Diff(before, p.state()); diff != "" {
				t.Errorf("something has changed (-want +got):\n%s", diff)
			}
		})
	}
}
