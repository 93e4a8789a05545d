package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// A Secret that could not be read hides itself, and no other of its namespace.
func TestEncryptedSecret(t *testing.T) {
	t.Parallel()
	encrypted := func(name string) rbac.Gap {
		return rbac.Gap{What: "secrets " + name + " in namespace team-a", Namespace: "team-a", Cause: "it is encrypted"}
	}
	missing := []string{
		"error KC015 clusterauthentication team-a/dex: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there",
	}
	tests := map[string]struct {
		gaps   []rbac.Gap
		unread bool
		want   []string
	}{
		"it is missing":             {want: missing},
		"another is encrypted":      {gaps: []rbac.Gap{encrypted("other")}, want: missing},
		"one of this begin is":      {gaps: []rbac.Gap{encrypted("dex-ca-2")}, want: missing},
		"it is encrypted":           {gaps: []rbac.Gap{encrypted("dex-ca")}, unread: true},
		"both are":                  {gaps: []rbac.Gap{encrypted("other"), encrypted("dex-ca")}, unread: true},
		"a snapshot has no Secrets": {gaps: []rbac.Gap{{What: "secrets"}}, unread: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, kcm, withCA)
			inv.Gaps = tt.gaps
			s := NewState(inv, Options{})
			a, err := s.Authentication("team-a", "dex")
			checkRefusal(t, err, "", "")
			if a.CAUnread != tt.unread {
				t.Errorf("unread %v, want %v: %v", a.CAUnread, tt.unread, a.CAProblem)
			}
			var got []string
			for _, line := range lines(Judge(s)) {
				if strings.Contains(line, "KC015") {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
