package kubeflow_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestBindingName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ kind, name, role, want string }{
		"dots and capitals":       {"User", "Bob.Smith@x.com", "edit", "user-bob-smith-x-com-clusterrole-edit"},
		"dot":                     {"User", "alice.b@example.com", "edit", "user-alice-b-example-com-clusterrole-edit"},
		"dash collides":           {"User", "alice-b@example.com", "edit", "user-alice-b-example-com-clusterrole-edit"},
		"underscore collides":     {"User", "alice_b@example.com", "edit", "user-alice-b-example-com-clusterrole-edit"},
		"plus collides":           {"User", "alice+b@example.com", "edit", "user-alice-b-example-com-clusterrole-edit"},
		"capitals collide":        {"User", "ALICE.B@EXAMPLE.COM", "edit", "user-alice-b-example-com-clusterrole-edit"},
		"at and dot change place": {"User", "a.b@c-d.com", "edit", "user-a-b-c-d-com-clusterrole-edit"},
		"dot and at change place": {"User", "a@b.c.d.com", "edit", "user-a-b-c-d-com-clusterrole-edit"},
		"accent":                  {"User", "josé@example.com", "edit", "user-jos-example-com-clusterrole-edit"},
		"accent left out":         {"User", "jos@example.com", "edit", "user-jos-example-com-clusterrole-edit"},
		"no ASCII at all":         {"User", "张三", "edit", "user-clusterrole-edit"},
		"nothing":                 {"User", "", "edit", "user-clusterrole-edit"},
		"service account":         {"User", "system:serviceaccount:ns:sa", "edit", "user-system-serviceaccount-ns-sa-clusterrole-edit"},
		"admin":                   {"User", "a@b.c", "admin", "user-a-b-c-clusterrole-admin"},
		"view":                    {"User", "a@b.c", "view", "user-a-b-c-clusterrole-view"},
		"group":                   {"Group", "ML Team", "view", "group-ml-team-clusterrole-view"},
		"runs":                    {"User", "--a..b--", "edit", "user-a-b-clusterrole-edit"},
		"Kelvin sign is no K":     {"User", "a\u212ab", "edit", "user-a-b-clusterrole-edit"},
		"not UTF-8":               {"User", "a\xff\xfeb", "edit", "user-a-b-clusterrole-edit"},
		"terminal escape":         {"User", "a\x1b[31mb", "edit", "user-a-31mb-clusterrole-edit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, kubeflow.BindingName(tt.kind, tt.name, tt.role)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPairName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		subject rbac.Subject
		want    string
	}{
		"user":            {rbac.User("Bob@x.com"), "user-bob-x-com-clusterrole-edit"},
		"group":           {rbac.Group("ml-team"), "group-ml-team-clusterrole-edit"},
		"service account": {rbac.ServiceAccount("team-a", "ci"), "serviceaccount-team-a-ci-clusterrole-edit"},
	}
	for name, tt := range tests {
		if diff := cmp.Diff(tt.want, kubeflow.PairName(tt.subject, "edit")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestLegacyBindingNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		kind, name, role string
		want             []string
	}{
		"capitals vanish in 1.1, digits before": {"User", "Alice2@Example.com", "edit", []string{
			"user-lice2-xample-com-clusterrole-edit", // 1.1, 1.2
			"user-alice-example-com-clusterrole-edit",
			"alice2-example-com-edit",
		}},
		"plain address": {"User", "bob@x.com", "view", []string{"bob-x-com-view"}},
		"escapes leave letters": {"User", "josé+a@x.com", "edit", []string{
			"user-jos-c-a-ba-x-com-clusterrole-edit",
			"user-jos--a-x-com-clusterrole-edit", // deployKF replaces characters one by one
			"jos--a-x-com-edit",
		}},
		"two dots": {"User", "a..b@x.com", "edit", []string{
			"user-a--b-x-com-clusterrole-edit",
			"a--b-x-com-edit",
		}},
		"group": {"Group", "Team7", "edit", []string{
			"group-eam7-clusterrole-edit",
			"group-team-clusterrole-edit",
		}},
		"the automator cuts off": {"User", strings.Repeat("a", 70), "edit", []string{strings.Repeat("a", 63)}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, kubeflow.LegacyBindingNames(tt.kind, tt.name, tt.role)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRegistrationName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		email, want string
		refused     bool
	}{
		"plain":             {email: "bob@x.com", want: "bob"},
		"dots":              {email: "Bob.van.Dyke@x.com", want: "bob-van-dyke"},
		"plus":              {email: "bob+test@x.com", want: "bob-test"},
		"no runs are taken": {email: "a..b@x.com", want: "a--b"},
		"ends":              {email: ".bob.@x.com", want: "bob"},
		"underscores":       {email: "b_o_b@x.com", want: "bob"},
		"accent":            {email: "josé.m@x.com", want: "jos--m"},
		"beyond 16 bits":    {email: "a🙂b@x.com", want: "a--b"},
		"no at":             {email: "bob", want: "bob"},
		"only signs":        {email: "___@x.com", want: "", refused: true},
		"dash bared":        {email: "_-bob@x.com", want: "-bob", refused: true},
		"too long":          {email: strings.Repeat("a", 64) + "@x.com", want: strings.Repeat("a", 64), refused: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := kubeflow.RegistrationName(tt.email)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if err := kubeflow.CheckProfileName(got); (err != nil) != tt.refused {
				t.Errorf("check of %q: %v, want an error: %v", got, err, tt.refused)
			}
		})
	}
}
