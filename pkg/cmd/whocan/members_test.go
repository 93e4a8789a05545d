package whocan

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func TestWithMembers(t *testing.T) {
	t.Parallel()
	grant := func(s rbac.Subject, names []string, places ...string) row {
		g := rbac.Grant{Subject: s, Names: names}
		for _, place := range places {
			g.Everywhere = g.Everywhere || place == "everywhere"
			if place != "everywhere" {
				g.Namespaces = append(g.Namespaces, place)
			}
		}
		return row{grant: g}
	}
	rows := []row{
		{grant: rbac.Grant{Subject: rbac.Group(rbac.GroupMasters), Superuser: true, Everywhere: true}},
		grant(rbac.User("carol"), nil, "dev"),
		grant(rbac.Group("aaa"), nil, "dev"),
		grant(rbac.Group("zzz"), nil, "everywhere"),
		grant(rbac.Group("keys"), []string{"db"}, "dev", "qa"),
		grant(rbac.User("dave"), []string{"own"}, "dev"),
	}
	tests := map[string]struct {
		groups source.Groups
		want   []string
	}{
		"all groups count":                      {source.Groups{"bob": {"aaa", "zzz"}}, []string{"user:bob everywhere dev via aaa zzz"}},
		"the own row is joined":                 {source.Groups{"carol": {"zzz"}}, []string{"user:carol everywhere dev via zzz"}},
		"a superuser among several":             {source.Groups{"bob": {"aaa", rbac.GroupMasters}}, []string{"user:bob everywhere superuser dev via aaa system:masters"}},
		"names stay where they limit":           {source.Groups{"bob": {"aaa", "keys"}}, []string{"user:bob dev via aaa keys", "user:bob qa only db via aaa keys"}},
		"names of oneself and of a group":       {source.Groups{"dave": {"keys"}}, []string{"user:dave dev qa only db via keys", "user:dave dev only own via keys"}},
		"groups that may not":                   {source.Groups{"bob": {"nobody"}}, nil},
		"a user without groups keeps his row":   {source.Groups{"carol": {}}, []string{"user:carol dev"}},
		"everywhere leaves no limit to tell of": {source.Groups{"bob": {"keys", "zzz"}}, []string{"user:bob everywhere via keys zzz"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, r := range withMembers(rows, tt.groups) {
				if _, asked := tt.groups[r.grant.Subject.Name]; !asked || r.grant.Subject.Kind != rbacv1.UserKind {
					continue
				}
				line := []string{r.grant.Subject.String()}
				if r.grant.Everywhere {
					line = append(line, "everywhere")
				}
				if r.grant.Superuser {
					line = append(line, "superuser")
				}
				line = append(line, r.grant.Namespaces...)
				if len(r.grant.Names) > 0 {
					line = append(append(line, "only"), r.grant.Names...)
				}
				if len(r.groups) > 0 {
					line = append(append(line, "via"), r.groups...)
				}
				got = append(got, strings.Join(line, " "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestIdentityOfMe(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "groups.yaml")
	if err := os.WriteFile(path, []byte("alice: [file]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := &inputs{groups: []string{"flag"}, groupsFile: path}
	asked := &cluster{self: func(context.Context) (string, []string, error) { return "alice", []string{"server"}, nil }}
	got, err := in.identity(t.Context(), asked, "me")
	if err != nil {
		t.Fatal(err)
	}
	want := rbac.NewIdentity(rbac.User("alice"), "file", "flag", "server")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
