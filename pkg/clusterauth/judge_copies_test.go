package clusterauth

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// one returns the finding of a rule about an object.
func one(t *testing.T, findings []finding.Finding, id, object string) finding.Finding {
	t.Helper()
	for _, f := range findings {
		if f.ID == id && f.Object == object {
			return f
		}
	}
	t.Fatalf("there is no %s of %s", id, object)
	return finding.Finding{}
}

// A change of an object lets KCM do what has waited: the finding tells, and offers no fix that would break an API server.
func TestJudgeWeighsFixes(t *testing.T) {
	t.Parallel()
	certificate, _ := newCA(t, "copied")
	good := "apiVersion: v1\nkind: Secret\nmetadata: {name: dex-ca, namespace: kcm-system}\nstringData:\n  ca.crt: |\n    " +
		strings.ReplaceAll(strings.TrimSpace(string(certificate)), "\n", "\n    ") + "\n"
	cluster := deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 3}}")
	old := strings.Replace(cluster, "controlPlaneNumber: 3", "controlPlaneNumber: 3, k0s: {version: v1.32.6+k0s.0}", 1)
	stale := strings.ReplaceAll(copied("team-a"), "example-app", "old-app")
	const (
		rolls   = " Any change of it makes KCM look at the clusters that use it: cluster team-a/dev: 3 pods of its control plane will be replaced (hash abcdef01 to "
		command = "kubectl label clusterauthentication -n team-a dex k0rdent.mirantis.com/component=kcm"
		refused = " It is not fixed for you, since KCM would then act on what is wrong: clusterdeployment team-a/dev (KC005): "
	)
	tests := map[string]struct {
		documents []string
		id        string
		fix       bool
		why, not  []string
	}{
		"label, nobody uses it": {[]string{dex}, "KC023", true, []string{command}, []string{"Any change", "not fixed"}},
		"label, nothing waits": {
			[]string{dex, cluster, release("dev", hashA)}, "KC023", true, []string{command}, []string{"Any change", "not fixed"},
		},
		"label, a roll waits": {
			[]string{dex, cluster, release("dev", "abcdef01")}, "KC023", true, []string{command, rolls + hashA + ")."}, []string{"not fixed"},
		},
		"label, a roll waits that breaks the cluster": {
			[]string{dex, old, release("dev", "abcdef01")}, "KC023", false, []string{command, rolls + hashA + ").", refused}, nil,
		},
		"copy, nobody uses it": {[]string{original(), good, stale}, "KC020", true, nil, []string{"Any change", "not fixed"}},
		"copy, a cluster rolls": {
			[]string{original(), good, stale, cluster, release("dev", "abcdef01")}, "KC020", true, []string{rolls}, []string{"not fixed"},
		},
		"copy, the roll breaks the cluster": {
			[]string{original(), good, stale, old, release("dev", "abcdef01")}, "KC020", false, []string{rolls, refused}, nil,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, append([]string{kcm, namespaces("kcm-system", "team-a"), newShape}, tt.documents...)...)
			f := one(t, Judge(s), tt.id, "clusterauthentication team-a/dex")
			if (f.Fix != nil) != tt.fix {
				t.Errorf("its fix is %v, want one: %v", f.Fix, tt.fix)
			}
			for _, text := range tt.why {
				if !strings.Contains(f.Why, text) {
					t.Errorf("it says %q, want it to contain %q", f.Why, text)
				}
			}
			for _, text := range tt.not {
				if strings.Contains(f.Why, text) {
					t.Errorf("it says %q, want it not to contain %q", f.Why, text)
				}
			}
		})
	}
}

// A list that is too long is cut, and says so.
func TestListed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a": "a", "a b c d e": "a; b; c; d; e", "a b c d e f g": "a; b; c; d; e; and 2 more"} {
		if got := listed(strings.Fields(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}
