package change_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// A repair that makes k0rdent replace a control plane says so before it is carried out, and so does what takes it back.
func TestFixRolls(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/acme/k0rdent/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d manifests, %v", len(files), err)
	}
	var manifests []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		manifests = append(manifests, string(text))
	}
	w := &world{text: strings.Join(manifests, "\n---\n")}
	p := propose(t, w, change.Wish{Verb: change.Fix, Finding: &finding.Finding{ID: "KC020", Object: "clusterauthentication edge-north/acme-sso"}})
	want := []string{
		"cluster edge-north/edge-oslo: 1 pod of its control plane will be replaced (hash 9b965868 to 85b358c9)",
		"warning: clusterdeployment edge-north/edge-oslo (KC040): its control plane has a single pod: the API server is gone while it is replaced",
		"clusterdeployment edge-north/edge-oslo (KC045): pods that still run may take up the new configuration before they are replaced",
	}
	if diff := cmp.Diff(want, p.Remarks); diff != "" {
		t.Errorf("remarks (-want +got):\n%s", diff)
	}
	again := propose(t, w, change.Wish{Verb: change.Undo, Back: &p.Plan}) // as good as any plan that was made before
	if diff := cmp.Diff(want, again.Remarks); diff != "" {
		t.Errorf("remarks of an undo (-want +got):\n%s", diff)
	}
}
