package kubeflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// text is what an error says; empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCheckProfileName(t *testing.T) {
	t.Parallel()
	const never = "its namespace can never be made: "
	tests := map[string]struct{ name, want string }{
		"good":          {"team-a", ""},
		"63 characters": {strings.Repeat("a", 63), ""},
		"digits":        {"1", ""},
		"empty":         {"", "check profile name: it is empty"},
		"64 characters": {strings.Repeat("a", 64), `check profile name "` + strings.Repeat("a", 64) + `": ` + never +
			"it has 64 characters, and a namespace at most 63"},
		"dots":     {"team.a", `check profile name "team.a": ` + never + "the name of a namespace has no dots"},
		"capitals": {"danielNamespace", `check profile name "danielNamespace": ` + never + "the name of a namespace is lower case"},
		"dash": {"-a", `check profile name "-a": ` + never +
			"the name of a namespace consists of a-z, 0-9 and -, and begins and ends with a letter or digit"},
		"escape": {"a\x1bb", `check profile name "a\x1bb": ` + never +
			"the name of a namespace consists of a-z, 0-9 and -, and begins and ends with a letter or digit"},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, text(kubeflow.CheckProfileName(tt.name))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCheckPair(t *testing.T) {
	t.Parallel()
	long := func(n int) string { return strings.Repeat("a", n) }
	over := `check pair of "` + long(40) + `"...: the name of the policy would have 254 characters, 1 more than there may be`
	tests := map[string]struct {
		subject    rbac.Subject
		role, want string
	}{
		"good":                  {rbac.User("bob@x.com"), "edit", ""},
		"231 for edit":          {rbac.User(long(231)), "edit", ""},
		"232 for edit":          {rbac.User(long(232)), "edit", over},
		"231 for view":          {rbac.User(long(231)), "view", ""},
		"232 for view":          {rbac.User(long(232)), "view", over},
		"230 for admin":         {rbac.User(long(230)), "admin", ""},
		"231 for admin":         {rbac.User(long(231)), "admin", over},
		"230 for a group":       {rbac.Group(long(230)), "edit", ""},
		"231 for a group":       {rbac.Group(long(231)), "edit", over},
		"signs do not count":    {rbac.User(long(231) + strings.Repeat("@", 300)), "edit", ""},
		"empty":                 {rbac.User(""), "edit", "check pair: the name of the subject is empty"},
		"role of one's own":     {rbac.User("bob"), "cluster-admin", `check pair of "bob": the role "cluster-admin" is none of admin, edit and view`},
		"everybody":             {rbac.User("*"), "edit", `check pair of "*": Istio takes the name for a pattern that lets others in`},
		"everybody of a domain": {rbac.User("*@x.com"), "edit", `check pair of "*@x.com": Istio takes the name for a pattern that lets others in`},
		"everybody called so":   {rbac.User("bob*"), "edit", `check pair of "bob*": Istio takes the name for a pattern that lets others in`},
		"star within":           {rbac.User("b*b"), "edit", ""},
		"account has no policy": {rbac.ServiceAccount("ns", long(250)), "edit", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, text(kubeflow.CheckSubjectPair(tt.subject, tt.role))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if tt.subject.Kind != "User" {
				return
			}
			if diff := cmp.Diff(tt.want, text(kubeflow.CheckPair(tt.subject.Name, tt.role))); diff != "" {
				t.Errorf("of the user (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCheckEmail(t *testing.T) {
	t.Parallel()
	tests := map[string]bool{
		"bob@x.com": true, "bob+a@x.com": true, "b.o'b@x.photography": true, "bob@localhost": true, "BOB@X.COM": true,
		"": false, "bob": false, "bob@": false, "@x.com": false, "bob@x..com": false, "bob@-x.com": false, "b ob@x.com": false,
		"josé@x.com": false, "system:serviceaccount:ns:sa": false, "bob@x.com\n": false,
	}
	for email, good := range tests {
		if err := kubeflow.CheckEmail(email); (err == nil) != good {
			t.Errorf("%q: %v, want good: %v", email, err, good)
		}
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	type row struct{ Role, ClusterRole, Back, Dashboard, Label string }
	var got []row
	for _, role := range append(kubeflow.Roles(), "kubeflow-edit", "cluster-admin", "") {
		name := kubeflow.ClusterRole(role)
		got = append(got, row{role, name, kubeflow.RoleShort(name), kubeflow.DashboardRole(role), kubeflow.AggregateLabel(role)})
	}
	const label = "rbac.authorization.kubeflow.org/aggregate-to-"
	want := []row{
		{"view", "kubeflow-view", "view", "viewer", label + "kubeflow-view"},
		{"edit", "kubeflow-edit", "edit", "contributor", label + "kubeflow-edit"},
		{"admin", "kubeflow-admin", "admin", "owner", label + "kubeflow-admin"},
		{Role: "kubeflow-edit"},
		{Role: "cluster-admin"},
		{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if short := kubeflow.RoleShort("edit"); short != "" {
		t.Errorf("Kubernetes' own role edit is taken for kubeflow's %q", short)
	}
}
