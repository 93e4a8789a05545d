package contrib_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestHeld(t *testing.T) {
	t.Parallel()
	team := ofKubeflow("team-a", "alice@x.com")
	view, edit := pairOf("team-a", "bob@x.com", "view"), pairOf("team-a", "bob@x.com", "edit")
	own := &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "log-reader"}
	tests := map[string]struct {
		objects   []runtime.Object
		subject   rbac.Subject // bob when it is empty
		role      workspace.Role
		ref       *rbacv1.RoleRef
		want      contrib.Grant
		err, hint string
	}{
		"the only one":    {objects: all(team, view), want: grant("team-a", bob, workspace.Viewer)},
		"the one named":   {objects: all(team, view, edit), role: workspace.Editor, want: grant("team-a", bob, workspace.Editor)},
		"under two names": {objects: all(team, view, one(bindingOf("team-a", "bobs", "kubeflow-view", listed("bob@x.com"), bob))), want: grant("team-a", bob, workspace.Viewer)},
		"with a date": {
			objects: all(team, datedPair("bob@x.com", "view", "2026-12-01T00:00:00Z")),
			want:    contrib.Grant{Workspace: "team-a", Subject: bob, Role: workspace.Viewer, Expires: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)},
		},
		"without a way in": {
			objects: all(team, one(closed("bob@x.com", "view"))),
			want:    contrib.Grant{Workspace: "team-a", Subject: bob, Role: workspace.Viewer, NoHTTP: true},
		},
		"one's own": {
			objects: all(team, one(bindingOf("team-a", "logs", "log-reader", map[string]string{"user": "bob@x.com", "role": "log-reader"}, bob))),
			ref:     own, want: contrib.Grant{Workspace: "team-a", Subject: bob, RoleRef: own, NoHTTP: true},
		},
		"several": {
			objects: all(team, view, edit), err: "find the role of bob@x.com in team-a: there are several, editor, viewer", hint: "name one of them",
		},
		"none":         {objects: team, err: "find the role of bob@x.com in team-a: there is none", hint: "kubectl contrib list -n team-a shows the members"},
		"another":      {objects: all(team, view), role: workspace.Owner, err: "find the role owner of bob@x.com in team-a: there is none", hint: "kubectl contrib list -n team-a shows the members"},
		"another case": {objects: all(team, view), subject: rbac.User("BOB@x.com"), err: "find the role of BOB@x.com in team-a: there is none", hint: "did you mean bob@x.com?"},
		"another end": {
			objects: all(team, one(bindingOf("team-a", "logs", "log-reader", nil, bob))),
			err:     "find the role of bob@x.com in team-a: there is none", hint: "kubectl contrib list -n team-a shows the members",
		},
		"owner": {
			objects: team, subject: rbac.User("alice@x.com"), role: workspace.Owner,
			err: "give alice@x.com the role owner in team-a: alice@x.com is the owner already", hint: "kubectl profile transfer team-a --owner NEW makes somebody else the owner",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newCluster(tt.objects...).state()
			if tt.subject.Name == "" {
				tt.subject = bob
			}
			got, err := contrib.Held(s, "team-a", tt.subject, tt.role, tt.ref)
			message, hint := "", ""
			if err != nil {
				message = err.Error()
			}
			var hinted interface{ Hint() string }
			if errors.As(err, &hinted) {
				hint = hinted.Hint()
			}
			if diff := cmp.Diff([]string{tt.err, tt.hint}, []string{message, hint}); diff != "" {
				t.Errorf("error and hint (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("grant (-want +got):\n%s", diff)
			}
			if err != nil {
				return
			}
			p, _, err := contrib.Add(s, got)
			if err != nil {
				t.Fatalf("Add: %v", err)
			}
			for _, step := range p.Changes().Steps {
				// It may be noted that there is no way in.
				if step.Verb != plan.Update || step.Object.GetKind() != "RoleBinding" {
					t.Errorf("to give it again takes %s", step)
				}
			}
		})
	}
}
