package controlplane_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func TestApplyKnown(t *testing.T) {
	t.Parallel()
	for range 2 { // what is there already is no error
		got, err := shared.ApplyKnown(t.Context(), "testdata/widgets")
		if err != nil {
			t.Fatal(err)
		}
		want := controlplane.Applied{Objects: 3, Skipped: map[string]int{"Gadget.unknown.example.com": 1, "": 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("applied (-want +got):\n%s", diff)
		}
	}
	raw, err := client(t, shared.Admin()).RESTClient().Get().
		AbsPath("/apis/widgets.example.com/v1/namespaces/widgets/widgets/one").DoRaw(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(raw), `"size":3`) {
		t.Errorf("widget: %s", raw)
	}
}

func TestApplyErrors(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		content string
		want    []string // parts of the error
	}{
		"broken yaml":       {"a: [", []string{"read ", "in.yaml: "}},
		"unknown kind":      {"apiVersion: x.example.com/v1\nkind: X\nmetadata: {name: a}", []string{"in.yaml: X a: ", "no matches for kind"}},
		"no object":         {"- 1", []string{"in.yaml: "}},
		"no name":           {"apiVersion: v1\nkind: ConfigMap", []string{"in.yaml: ConfigMap : object has no name"}},
		"refused":           {"apiVersion: v1\nkind: Namespace\nmetadata: {name: Upper}", []string{"in.yaml: Namespace Upper: ", "RFC 1123"}},
		"missing namespace": {"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: gone}", []string{"in.yaml: ConfigMap gone/a: ", `namespaces "gone" not found`}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "in.yaml")
			if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			err := shared.Apply(t.Context(), file)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got error %q, want one with %q", err, want)
				}
			}
		})
	}
	if err := shared.Apply(t.Context(), "testdata/no-such-file.yaml"); err == nil {
		t.Error("missing file: no error")
	}
}
