package clusterauth

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	const off = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: dex, namespace: team-a}
`
	tests := map[string]struct {
		object  string
		issuers []string
		refusal bool
	}{
		"plain":                     {object: dex, issuers: []string{"https://dex.example.com:5556"}},
		"with a CA that is unread":  {object: withCA, issuers: []string{"https://dex.example.com:5556"}},
		"of which nothing is known": {object: off, refusal: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, tt.object)
			found, err := s.Explain(s.Authentications()[0])
			if _, refused := err.(*Refusal); refused != tt.refusal { //nolint:errorlint // it is documented to be one
				t.Fatalf("error %v, want a refusal: %v", err, tt.refusal)
			}
			var issuers []string
			for _, issuer := range found {
				issuers = append(issuers, issuer.URL)
				if len(issuer.Lines) == 0 {
					t.Errorf("nothing is said of %s", issuer.URL)
				}
			}
			if diff := cmp.Diff(tt.issuers, issuers); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
