package screen_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text  string
		limit int
		want  []string
	}{
		"nothing": {"", 50, []string{
			"page Namespaces", "page Grants", "page Roles", "page Bindings", "page Subjects", "page Who can", "page Findings",
			"page Queues", "page Cluster auth", "page Clusters",
		}},
		"a kind first":           {"ro", 3, []string{"page Roles", "clusterrole role-keeper", "role payments/rollout"}},
		"by the word":            {"whoc", 1, []string{"page Who can"}},
		"exact before longer":    {"catalog", 2, []string{"namespace catalog", "role catalog/debug-pods"}},
		"a person":               {"DANA", 2, []string{"user user:Dana@acme.example", "user user:dana@acme.example"}},
		"whose role it is":       {"research/kaiwo", 1, []string{"role research/kaiwo-scientist-role"}},
		"several words":          {"edit nlp binding", 1, nil},
		"parts of a name":        {"nlp editor", 2, []string{"rolebinding team-nlp/default-editor", "service account sa:team-nlp/default-editor"}},
		"letters in their order": {"tmvsn", 1, []string{"namespace team-vision"}},
		"a queue":                {"science", 1, []string{"queue science"}},
		"an authentication":      {"partner-sso", 1, []string{"clusterauthentication kcm-system/partner-sso"}},
		"a cluster":              {"edge-berlin", 1, []string{"cluster kcm-system/edge-berlin"}},
		"nobody":                 {"zzzzz", 5, nil},
		"none wanted":            {"team", 0, nil},
		"a namespace, said so":   {"namespace team-vision", 1, []string{"namespace team-vision"}},
		"a role, said so":        {"role kubeflow-edit", 1, []string{"clusterrole kubeflow-edit"}},
		"in short":               {"ns vis", 2, []string{"namespace team-vision"}},
		"several":                {"users dana", 2, []string{"user user:Dana@acme.example", "user user:dana@acme.example"}},
		"a resource":             {"secr", 2, []string{"question who can get secrets"}},
		"a resource, in short":   {"cm", 1, []string{"question who can get configmaps"}},
		"a subresource":          {"pods/ex", 1, []string{"question who can get pods/exec"}},
		"a kind without a name":  {"namespace", 1, []string{"page Namespaces"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, hit := range screen.Search(acmeWorld(t), tt.text, tt.limit) {
				got = append(got, hit.What+" "+hit.Text)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSearchLeads opens everything that is found.
func TestSearchLeads(t *testing.T) {
	t.Parallel()
	w := acmeWorld(t)
	last := 0
	for i, hit := range screen.Search(w, "e", 400) {
		if i > 0 && hit.Score > last {
			t.Errorf("%s comes after what fits worse", hit.Text)
		}
		last = hit.Score
		if _, err := screen.Build(w, hit.Place); err != nil {
			t.Errorf("%s %s: %v", hit.What, hit.Text, err)
		}
	}
}
