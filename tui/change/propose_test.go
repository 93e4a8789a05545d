package change_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

var (
	ann   = rbac.User("ann@x.com")
	bob   = rbac.User("bob@x.com")
	carol = rbac.User("carol@x.com")
	eve   = rbac.User("eve@x.com")
)

// effects shows effects: "bob@x.com in dev: 2 gained, 1 lost".
func effects(p *change.Proposal) []string {
	out := []string{}
	for _, e := range p.Effects {
		line := e.Subject.Name + " in " + e.Namespace + ":"
		for _, a := range e.Gained {
			line += " +" + a.String()
		}
		for _, a := range e.Lost {
			line += " -" + a.String()
		}
		out = append(out, line)
	}
	return out
}

func TestPropose(t *testing.T) {
	t.Parallel()
	newYear := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	own := &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "it's own"}
	tests := map[string]struct {
		wish    change.Wish
		steps   []string
		effects []string
		remarks []string
		notes   []string
		command string
		nothing bool
	}{
		"add, and never in the place of an end": {
			wish:    change.Wish{Verb: change.Add, Workspace: "dev", Subject: bob, Role: workspace.Editor, Never: true},
			steps:   []string{"update rolebinding dev/user-bob-x-com-clusterrole-edit", "update authorizationpolicy dev/user-bob-x-com-clusterrole-edit"},
			notes:   []string{"bob@x.com: the role editor in dev no longer ends (2026-12-31T00:00:00Z)"},
			command: "kubectl contrib add bob@x.com --role editor --expires never -n dev",
		},
		"add": {
			wish:    change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve, Role: workspace.Editor, Expires: newYear},
			steps:   []string{"create rolebinding dev/user-eve-x-com-clusterrole-edit", "create authorizationpolicy dev/user-eve-x-com-clusterrole-edit"},
			effects: []string{"eve@x.com in dev: +get pods +create pods +get secrets +create secrets"},
			remarks: []string{"warning: eve@x.com can then read secrets, run pods with any secret and as any service account"},
			command: "kubectl contrib add eve@x.com --role editor --expires 2027-01-01T00:00:00Z -n dev",
		},
		"add a role of one's own": {
			wish:  change.Wish{Verb: change.Add, Workspace: "dev", Subject: rbac.Group("a team"), RoleRef: own},
			steps: []string{"create rolebinding dev/group-a-team-clusterrole-it-s-own", "create authorizationpolicy dev/group-a-team-clusterrole-it-s-own"},
			notes: []string{
				"group:a team: Kubeflow's dashboard and web apps do not know groups: the role works with kubectl, and the policy where tokens carry a groups claim",
				"group:a team: the dashboard shows no role for clusterrole/it's own: its lists leave such members out",
			},
			remarks: []string{"warning: clusterrole/it's own does not exist: it gives nothing until it does"},
			command: `kubectl contrib add 'group:a team' --role 'clusterrole/it'\''s own' -n dev`,
		},
		"add what is there": {
			wish:    change.Wish{Verb: change.Add, Workspace: "dev", Subject: bob, Role: workspace.Editor, Expires: time.Date(2026, 12, 31, 0, 0, 0, 0, time.UTC)},
			command: "kubectl contrib add bob@x.com --role editor --expires 2026-12-31T00:00:00Z -n dev", nothing: true,
		},
		"remove": {
			wish:    change.Wish{Verb: change.Remove, Workspace: "dev", Subject: bob},
			steps:   []string{"delete authorizationpolicy dev/user-bob-x-com-clusterrole-edit", "delete rolebinding dev/user-bob-x-com-clusterrole-edit"},
			effects: []string{"bob@x.com in dev: -get pods -create pods -get secrets -create secrets"},
			command: "kubectl contrib remove bob@x.com -n dev",
		},
		"remove one role": {
			wish:    change.Wish{Verb: change.Remove, Workspace: "dev", Subject: carol, Role: workspace.Viewer},
			steps:   []string{"delete rolebinding dev/user-carol-x-com-clusterrole-view"},
			effects: []string{"carol@x.com in dev: -get pods"},
			command: "kubectl contrib remove carol@x.com --role viewer -n dev",
		},
		"remove nobody": {
			wish:    change.Wish{Verb: change.Remove, Workspace: "dev", Subject: eve},
			notes:   []string{"eve@x.com: is no member of dev: nothing to remove"},
			command: "kubectl contrib remove eve@x.com -n dev", nothing: true,
		},
		"another role": {
			// The date was another one when the wish was made.
			wish: change.Wish{Verb: change.SetRole, Workspace: "dev", Subject: bob, Role: workspace.Viewer, Expires: newYear},
			steps: []string{
				"create rolebinding dev/user-bob-x-com-clusterrole-view", "create authorizationpolicy dev/user-bob-x-com-clusterrole-view",
				"delete authorizationpolicy dev/user-bob-x-com-clusterrole-edit", "delete rolebinding dev/user-bob-x-com-clusterrole-edit",
			},
			effects: []string{"bob@x.com in dev: -create pods -get secrets -create secrets"},
			notes: []string{
				"bob@x.com: ends at 2026-12-31T00:00:00Z, as before: --expires never lifts that",
				"bob@x.com: the policy lets a viewer use running notebooks, and those may edit: --no-http leaves it out",
			},
			command: "kubectl contrib set-role bob@x.com --role viewer -n dev",
		},
		"a date": {
			wish:    change.Wish{Verb: change.Expire, Workspace: "dev", Subject: bob, Role: workspace.Editor, Expires: newYear},
			steps:   []string{"update rolebinding dev/user-bob-x-com-clusterrole-edit", "update authorizationpolicy dev/user-bob-x-com-clusterrole-edit"},
			command: "kubectl contrib add bob@x.com --role editor --expires 2027-01-01T00:00:00Z -n dev",
		},
		"no date": {
			wish:    change.Wish{Verb: change.Expire, Workspace: "dev", Subject: bob},
			steps:   []string{"update rolebinding dev/user-bob-x-com-clusterrole-edit", "update authorizationpolicy dev/user-bob-x-com-clusterrole-edit"},
			notes:   []string{"bob@x.com: the role editor in dev no longer ends (2026-12-31T00:00:00Z)"},
			command: "kubectl contrib add bob@x.com --role editor --expires never -n dev",
		},
		"a date, and no way in as before": {
			wish:    change.Wish{Verb: change.Expire, Workspace: "dev", Subject: carol, Role: workspace.Viewer, Expires: newYear},
			steps:   []string{"update rolebinding dev/user-carol-x-com-clusterrole-view"},
			notes:   []string{"carol@x.com has no way in through the gateway, as before"},
			command: "kubectl contrib add carol@x.com --role viewer --expires 2027-01-01T00:00:00Z --no-http -n dev",
		},
		"a date, and no policy as before": {
			wish:    change.Wish{Verb: change.Expire, Workspace: "dev", Subject: rbac.User("dan@x.com"), Expires: newYear},
			steps:   []string{"update rolebinding dev/user-dan-x-com-clusterrole-edit"},
			notes:   []string{"dan@x.com has no way in through the gateway, as before"},
			command: "kubectl contrib add dan@x.com --role editor --expires 2027-01-01T00:00:00Z --no-http -n dev",
		},
		"a finding": {
			wish:    change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "KF004", Object: "rolebinding dev/user-dan-x-com-clusterrole-edit"}},
			steps:   []string{"create authorizationpolicy dev/user-dan-x-com-clusterrole-edit"},
			command: "kubectl profile doctor --rule KF004 --fix -n dev",
		},
		"a finding that is gone": {
			wish:    change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "KF004", Object: "rolebinding dev/user-bob-x-com-clusterrole-edit"}},
			notes:   []string{"KF004 is not found any more"},
			nothing: true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{text: company}
			p := propose(t, w, tt.wish)
			type shown struct {
				Steps, Effects, Remarks, Notes []string
				Command                        string
				Nothing                        bool
				Refused                        int
				DryRun                         error
			}
			want := shown{Steps: tt.steps, Effects: tt.effects, Remarks: tt.remarks, Notes: tt.notes, Command: tt.command, Nothing: tt.nothing}
			got := shown{p.Plan.Changes().Strings(), effects(p), p.Remarks, p.Notes, p.Command, p.Nothing(), len(p.Refused), p.DryRun}
			for _, list := range []*[]string{&got.Steps, &got.Effects, &got.Remarks, &got.Notes} {
				if len(*list) == 0 {
					*list = nil
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, want := range w.wants {
				if want.Namespace == "" && tt.wish.Verb != change.Fix {
					t.Errorf("read %v everywhere", want.Kinds)
				}
			}
		})
	}
}

// TestProposeRefuses is about wishes that can't be: in the words of the commands, with what can be done instead.
func TestProposeRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wish      change.Wish
		err, hint string
		// asked says that something has to be read to know it.
		asked bool
	}{
		"no verb":      {wish: change.Wish{}, err: `propose "": want add, remove, role, expiry, fix or undo`},
		"no workspace": {wish: change.Wish{Verb: change.Add, Subject: bob}, err: "which workspace is meant?", hint: "-n NAME names it"},
		"bad workspace": {
			wish: change.Wish{Verb: change.Remove, Workspace: "De v", Subject: bob},
			err:  `workspace "De v": it is no name of a namespace`, hint: "kubectl profile list shows the workspaces",
		},
		"unknown workspace": {
			wish: change.Wish{Verb: change.Add, Workspace: "prod", Subject: bob, Role: workspace.Viewer}, asked: true,
			err: "workspace prod: there is no such namespace", hint: "kubectl profile list shows the workspaces",
		},
		"nobody": {
			wish: change.Wish{Verb: change.Remove, Workspace: "dev"}, err: "change the members of dev: whose role is meant?",
			hint: "name the subject, such as bob@x.com, group:team or sa:namespace/name",
		},
		"no role": {
			wish: change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve}, asked: true,
			err: "give eve@x.com a role in dev: which role?", hint: "--role viewer, editor or owner",
		},
		"past": {
			wish: change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve, Role: workspace.Viewer, Expires: today().Add(-time.Hour)}, asked: true,
			err: "give eve@x.com the role viewer in dev: it would have ended at 2026-11-22T11:00:00Z", hint: "--expires takes a time to come, such as 7d or 2030-01-31",
		},
		"past date": {
			wish: change.Wish{Verb: change.Expire, Workspace: "dev", Subject: bob, Role: workspace.Editor, Expires: today().Add(-time.Hour)}, asked: true,
			err: "give bob@x.com the role editor in dev: it would have ended at 2026-11-22T11:00:00Z", hint: "--expires takes a time to come, such as 7d or 2030-01-31",
		},
		"owner removed": {
			wish: change.Wish{Verb: change.Remove, Workspace: "dev", Subject: ann}, asked: true,
			err: "remove ann@x.com from dev: ann@x.com is the owner", hint: "kubectl profile transfer dev --owner NEW makes somebody else the owner",
		},
		"owner's date": {
			wish: change.Wish{Verb: change.Expire, Workspace: "dev", Subject: ann, Role: workspace.Owner}, asked: true,
			err:  "give ann@x.com the role owner in dev: ann@x.com is the owner already",
			hint: "kubectl profile transfer dev --owner NEW makes somebody else the owner",
		},
		"another role already": {
			wish: change.Wish{Verb: change.Add, Workspace: "dev", Subject: bob, Role: workspace.Viewer}, asked: true,
			err: "give bob@x.com the role viewer in dev: the role there is editor", hint: "kubectl contrib set-role bob@x.com --role viewer -n dev",
		},
		"no role to change": {
			wish: change.Wish{Verb: change.SetRole, Workspace: "dev", Subject: eve, Role: workspace.Viewer}, asked: true,
			err: "set the role of eve@x.com in dev: no role there yet", hint: "kubectl contrib add eve@x.com --role viewer -n dev",
		},
		"no role to end": {
			wish: change.Wish{Verb: change.Expire, Workspace: "dev", Subject: rbac.User("Bob@x.com")}, asked: true,
			err: "find the role of Bob@x.com in dev: there is none", hint: "did you mean bob@x.com?",
		},
		"another role to end": {
			wish: change.Wish{Verb: change.Expire, Workspace: "dev", Subject: bob, Role: workspace.Viewer}, asked: true,
			err: "find the role viewer of bob@x.com in dev: there is none", hint: "kubectl contrib list -n dev shows the members",
		},
		"a role of one's own to remove": {
			wish: change.Wish{Verb: change.Remove, Workspace: "dev", Subject: bob, RoleRef: &rbacv1.RoleRef{Kind: "ClusterRole", Name: "x"}},
			err:  "remove bob@x.com from dev: a role of one's own can't be taken alone", hint: "remove all that the subject has there, or take it out of the binding by hand",
		},
		"no finding": {wish: change.Wish{Verb: change.Fix}, err: "repair a finding: which one?"},
		"no undo":    {wish: change.Wish{Verb: change.Undo}, err: "undo: there is nothing to undo"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &world{text: company}
			p, err := w.maker().Propose(t.Context(), tt.wish)
			if p != nil || err == nil {
				t.Fatalf("Propose = %v, %v, want an error", p, err)
			}
			var hinted interface{ Hint() string }
			hint := ""
			if errors.As(err, &hinted) {
				hint = hinted.Hint()
			}
			if diff := cmp.Diff([]string{tt.err, tt.hint}, []string{err.Error(), hint}); diff != "" {
				t.Errorf("error and hint (-want +got):\n%s", diff)
			}
			if asked := len(w.wants) > 0; asked != tt.asked {
				t.Errorf("read something: %v, want %v", asked, tt.asked)
			}
		})
	}
}

func TestProposeInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := &world{text: company}
	_, err := w.maker().Propose(ctx, change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve, Role: workspace.Editor})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was interrupted", err)
	}
}

// A command reaches the cluster that the proposal is about, wherever it is pasted.
func TestProposeElsewhere(t *testing.T) {
	t.Parallel()
	m := change.New(&world{text: company}, today, "kubectl-gatehouse", "--context", "prod eu", "--as", "ann")
	for name, tt := range map[string]struct {
		wish change.Wish
		want string
	}{
		"a command":  {change.Wish{Verb: change.Remove, Workspace: "dev", Subject: bob}, "kubectl contrib remove bob@x.com -n dev --context 'prod eu' --as ann"},
		"no command": {change.Wish{Verb: change.Undo, Back: &plan.Plan{}}, ""},
	} {
		p, err := m.Propose(t.Context(), tt.wish)
		if err != nil || p.Command != tt.want {
			t.Errorf("%s: %v, command %q, want %q", name, err, p.Command, tt.want)
		}
	}
}

// TestFixAlone says when a command repairs more than was wished for.
func TestFixAlone(t *testing.T) {
	t.Parallel()
	w := &world{text: company + strings.ReplaceAll(`---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: user-NAME-x-com-clusterrole-edit, namespace: dev, uid: f, annotations: {user: NAME@x.com, role: edit}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: NAME@x.com}]
`, "NAME", "eve")}
	p := propose(t, w, change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "KF004", Object: "rolebinding dev/user-dan-x-com-clusterrole-edit"}})
	if diff := cmp.Diff([]string{"create authorizationpolicy dev/user-dan-x-com-clusterrole-edit"}, p.Plan.Strings()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	want := []string{"no command repairs this one alone: kubectl profile doctor --rule KF004 --fix -n dev repairs 1 more"}
	if diff := cmp.Diff(want, p.Notes); diff != "" || p.Command != "" {
		t.Errorf("command %q; notes (-want +got):\n%s", p.Command, diff)
	}
}
