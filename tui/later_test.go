package tui_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// A page of a big cluster gets its findings by itself, and keeps them in sight when a new state comes.
func TestFindingsComeLater(t *testing.T) {
	t.Parallel()
	manifest := &strings.Builder{}
	for i := range 400 {
		fmt.Fprintf(manifest, "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: plain-%03d}\n", i)
	}
	manifest.WriteString(`---
apiVersion: v1
kind: Namespace
metadata: {name: owned, labels: {gatehouse.dev/profile: "true"}, annotations: {gatehouse.dev/owner: "user:ann"}}
`)
	path := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(path, []byte(manifest.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	from := manifests{[]string{path}}
	s, err := tui.NewStage(t.Context(), tui.Options{
		Source: from, Frame: world.Frame{Context: "big", Offline: true, ReadOnly: true}, Clock: clocktesting.NewFakeClock(now()), Colourless: true,
	}, 120, 20)
	if err != nil {
		t.Fatal(err)
	}
	if view := s.View(); !strings.Contains(view, "1 error") || strings.Contains(view, "…  ") {
		t.Errorf("there is no finding on\n%s", view)
	}
	if err := from.Run(t.Context(), func(m source.Moment) { s.Publish(m) }); err != nil {
		t.Fatal(err)
	}
	if view := s.View(); !strings.Contains(view, "1 error") {
		t.Errorf("the finding is gone from\n%s", view)
	}
}
