package screen_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestPlaces compares the pages of namespaces, grants and findings with what is in testdata/places.
func TestPlaces(t *testing.T) {
	t.Parallel()
	in := func(name, tab string) screen.Place { return screen.Place{Kind: screen.Workspace, Name: name, Tab: tab} }
	tests := map[string]screen.Place{
		"namespaces":           {Kind: screen.Namespaces},
		"grants":               {Kind: screen.Grants},
		"findings":             {Kind: screen.Findings},
		"workspace":            in("team-vision", ""),
		"workspace-bindings":   in("team-vision", "bindings"),
		"workspace-quota":      in("team-vision", "quota"),
		"workspace-findings":   in("team-nlp", "findings"),
		"workspace-half":       in("team-nlp", "contributors"),
		"workspace-native":     in("catalog", ""),
		"namespace":            in("training", ""),
		"namespace-quota":      in("training", "quota"),
		"namespace-findings":   in("kcm-system", "findings"),
		"namespace-no-finding": in("training", "findings"),
	}
	for name, place := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(acmeWorld(t), place)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, dump(page), "places/"+name)
		})
	}
}

// TestFindingPages opens every finding of the example by its key, and compares two of the pages.
func TestFindingPages(t *testing.T) {
	t.Parallel()
	w := acmeWorld(t)
	pages := map[string]string{}
	for _, f := range w.Findings() {
		page, err := screen.Build(w, screen.Place{Kind: screen.Finding, Name: world.FindingKey(&f)})
		if err != nil {
			t.Fatal(err)
		}
		pages[f.ID+" "+f.Object] = dump(page)
	}
	golden.Equal(t, pages["KF003 authorizationpolicy team-vision/user-yuki-acme-example-clusterrole-edit"], "places/finding-fix")
	golden.Equal(t, pages["KC001 clusterdeployment kcm-system/edge-hamburg"], "places/finding-decision")
}

func TestNoSuchPlace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		place screen.Place
		want  string
	}{
		"namespace": {screen.Place{Kind: screen.Workspace, Name: "nowhere"}, "open namespace nowhere: there is none of this name"},
		"tab": {
			screen.Place{Kind: screen.Workspace, Name: "team-nlp", Tab: "odd"},
			"open tab odd of namespace team-nlp: there is no such tab",
		},
		"finding": {screen.Place{Kind: screen.Finding, Name: "KF003 gone"}, "open finding KF003 gone: it is not found any more"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := screen.Build(acmeWorld(t), tt.place); err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}
