package source_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func write(t testing.TB, s *rbac.Snapshot) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := source.WriteSnapshot(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func unzip(t testing.TB, data []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func zip(t testing.TB, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := io.WriteString(w, text)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// randomSnapshot returns a snapshot whose objects have distinct names, in the order that files keep.
func randomSnapshot(seed uint64) *rbac.Snapshot {
	random := rand.New(rand.NewPCG(seed, 7))
	word := func() string {
		words := []string{"", "*", "get", "a/b", "é", "\x1b[31m", "\"q\"", "<x>", "\u2028"}
		return words[random.IntN(len(words))]
	}
	words := func() []string {
		var out []string
		for range random.IntN(3) {
			out = append(out, word())
		}
		return out
	}
	s := &rbac.Snapshot{Cluster: word(), Marked: random.IntN(2) == 0}
	if random.IntN(2) == 0 {
		s.Taken = time.Unix(random.Int64N(1<<32), random.Int64N(1e9)).UTC()
	}
	for i := range random.IntN(6) {
		role := rbac.Role{Name: fmt.Sprint("r", i), Stored: random.IntN(2) == 0, Origin: word()}
		if random.IntN(2) == 0 {
			role.Labels = map[string]string{"k" + word(): word()}
		}
		for range random.IntN(3) {
			role.Rules = append(role.Rules, rbacv1.PolicyRule{
				Verbs: words(), APIGroups: words(), Resources: words(), ResourceNames: words(), NonResourceURLs: words(),
			})
		}
		switch random.IntN(3) {
		case 0:
			role.Aggregates = []metav1.LabelSelector{}
		case 1:
			role.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{"a": word()}}, {
				MatchExpressions: []metav1.LabelSelectorRequirement{{Key: word(), Operator: "In", Values: words()}},
			}}
		}
		s.Roles = append(s.Roles, role)
	}
	for i := range random.IntN(6) {
		binding := rbac.Binding{
			Namespace: "ns", Name: fmt.Sprint("b", i), Origin: word(), RoleRef: rbacv1.RoleRef{APIGroup: word(), Kind: word(), Name: word()},
			Annotations: map[string]string{"role": word()},
		}
		for range random.IntN(3) {
			binding.Subjects = append(binding.Subjects, rbacv1.Subject{Kind: word(), APIGroup: word(), Name: word(), Namespace: word()})
		}
		s.Bindings = append(s.Bindings, binding)
		s.Namespaces = append(s.Namespaces, rbac.Namespace{
			Name: fmt.Sprint("n", i), Labels: map[string]string{"a": word()}, Annotations: map[string]string{"owner": word()},
		})
		s.ServiceAccounts = append(s.ServiceAccounts, rbac.ObjectRef{Namespace: "ns", Name: fmt.Sprint("sa", i)})
		s.Resources = append(s.Resources, rbac.Resource{Group: word(), Version: "v1", Name: fmt.Sprint("x", 9-i), Kind: word(), Verbs: words()})
		gap := rbac.Gap{What: fmt.Sprint("g", i), Namespace: word(), Cause: word()}
		if random.IntN(2) == 0 {
			gap.Missing = &rbacv1.PolicyRule{Verbs: []string{"list"}}
		}
		s.Gaps = append(s.Gaps, gap)
	}
	return s
}

func TestSnapshotRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(500) {
		want := randomSnapshot(seed)
		data := write(t, want)
		got, err := source.ReadSnapshot(bytes.NewReader(data), "s.ghs")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		// Empty and missing lists mean the same, but for aggregates.
		empty := cmp.FilterPath(func(p cmp.Path) bool { return !strings.HasSuffix(p.String(), "Aggregates") }, cmpopts.EquateEmpty())
		if diff := cmp.Diff(want, got, empty); diff != "" {
			t.Fatalf("seed %d (-want +got):\n%s", seed, diff)
		}
		plain, err := source.ReadSnapshot(strings.NewReader(unzip(t, data)), "s.json")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if diff := cmp.Diff(got, plain); diff != "" {
			t.Fatalf("seed %d, plain (-zipped +plain):\n%s", seed, diff)
		}
	}
}

func TestSnapshotIsStable(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 1))
	for seed := range uint64(100) {
		s := randomSnapshot(seed)
		want := write(t, s)
		random.Shuffle(len(s.Roles), func(i, j int) { s.Roles[i], s.Roles[j] = s.Roles[j], s.Roles[i] })
		random.Shuffle(len(s.Bindings), func(i, j int) { s.Bindings[i], s.Bindings[j] = s.Bindings[j], s.Bindings[i] })
		random.Shuffle(len(s.Namespaces), func(i, j int) { s.Namespaces[i], s.Namespaces[j] = s.Namespaces[j], s.Namespaces[i] })
		random.Shuffle(len(s.Gaps), func(i, j int) { s.Gaps[i], s.Gaps[j] = s.Gaps[j], s.Gaps[i] })
		if !bytes.Equal(want, write(t, s)) {
			t.Fatalf("seed %d: the order of the objects changes the file", seed)
		}
	}
}

func TestSnapshotForm(t *testing.T) {
	t.Parallel()
	rule := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}}
	got := unzip(t, write(t, &rbac.Snapshot{
		Cluster: "prod", Taken: noon,
		Roles: []rbac.Role{
			{Name: "b", Rules: []rbacv1.PolicyRule{rule}, Stored: true}, {Namespace: "dev", Name: "a", Rules: []rbacv1.PolicyRule{rule}, Stored: true},
		},
		Bindings: []rbac.Binding{{Namespace: "dev", Name: "x", RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}}},
		Gaps:     []rbac.Gap{{What: "namespaces", Cause: "no"}},
	}))
	want := `{"apiVersion":"gatehouse.dev/v1alpha1","kind":"Snapshot","cluster":"prod","taken":"2026-05-04T12:00:00Z",
"gaps":[
{"what":"namespaces","cause":"no"}],
"rules":[
{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}],
"roles":[
{"name":"b","rules":[0],"stored":true},
{"namespace":"dev","name":"a","rules":[0],"stored":true}],
"bindings":[
{"namespace":"dev","name":"x","roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"bob"}]}]}
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadSnapshotErrors(t *testing.T) {
	t.Parallel()
	const head = `{"apiVersion":"gatehouse.dev/v1alpha1","kind":"Snapshot"`
	whole := write(t, randomSnapshot(3))
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-6] ^= 1 // the checksum
	tests := map[string]struct {
		data []byte
		want string
	}{
		"empty":           {want: "read x: the snapshot is cut off"},
		"cut off":         {data: whole[:len(whole)/2], want: "read x: the snapshot is cut off"},
		"without its end": {data: whole[:len(whole)-3], want: "read x: the snapshot is cut off"},
		"damaged":         {data: damaged, want: "read x: the snapshot is damaged: gzip: invalid checksum"},
		"text":            {data: []byte("hello"), want: "read x: this is not a Gatehouse snapshot"},
		"zipped text":     {data: zip(t, "hello"), want: "read x: this is not a Gatehouse snapshot"},
		"other JSON":      {data: []byte(`{"kind":"Pod"}`), want: "read x: this is not a Gatehouse snapshot"},
		"a list":          {data: []byte(`[]`), want: "read x: this is not a Gatehouse snapshot"},
		"later version": {
			data: zip(t, strings.Replace(head, "v1alpha1", "v2", 1)+`,"roles":7}`),
			want: `read x: the snapshot is of the version "gatehouse.dev/v2"; this program reads gatehouse.dev/v1alpha1`,
		},
		"rules that are not there": {
			data: []byte(head + `,"rules":[{"verbs":["get"]}],"roles":[{"name":"r","rules":[0,1]}]}`),
			want: `read x: the snapshot is damaged: role "r" has rule 1 of 1`,
		},
		"negative rule": {
			data: []byte(head + `,"roles":[{"name":"r","rules":[-1]}]}`), want: `read x: the snapshot is damaged: role "r" has rule -1 of 0`,
		},
		"wrong type": {
			data: []byte(head + `,"bindings":[{"name":1}]}`),
			want: "read x: the snapshot is damaged: json: cannot unmarshal number into Go struct field snapshotBinding.name of type string",
		},
		"no list":  {data: []byte(head + `,"roles":{}}`), want: "read x: the snapshot is damaged: a list is missing"},
		"bad time": {data: []byte(head + `,"taken":"noon"}`), want: `read x: the snapshot is damaged: taken "noon" is not a time`},
		"more after it": {
			data: []byte(head + `} {}`), want: "read x: the snapshot is damaged: more follows after its end",
		},
		"bomb of blanks": {
			data: zip(t, head+`,"gaps":[`+strings.Repeat(" ", 3<<20)+`]}`), want: "read x: the snapshot is damaged: it is mostly blank",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := source.ReadSnapshot(bytes.NewReader(tc.data), "x")
			if err == nil {
				t.Fatalf("want an error, got %+v", got)
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestSnapshotsAmongFiles reads snapshots where manifests are read.
func TestSnapshotsAmongFiles(t *testing.T) {
	tree(t, map[string]string{"a.yaml": roleYAML, "bad.ghs": "\x1f\x8bx"})
	stored := &rbac.Snapshot{
		Cluster: "prod", Taken: noon, Gaps: []rbac.Gap{{What: "namespaces", Cause: "no"}},
		Roles:     []rbac.Role{{Namespace: "dev", Name: "reader", Stored: true}, {Namespace: "qa", Name: "x", Stored: true}},
		Resources: []rbac.Resource{{Version: "v1", Name: "pods", Kind: "Pod"}},
	}
	if err := source.WriteSnapshotFile("prod.ghs", stored); err != nil {
		t.Fatal(err)
	}
	got, warnings, err := load(t, nil, "prod.ghs")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(stored, got, cmpopts.EquateEmpty()); diff != "" || len(warnings) > 0 {
		t.Errorf("alone (-want +got):\n%s\nwarnings %q", diff, warnings)
	}
	got, warnings, err = load(t, nil, "prod.ghs", "a.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"role/dev/reader a.yaml:1", "role/qa/x "}, objects(got)); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"a.yaml, prod", noon, stored.Gaps, stored.Resources}, []any{got.Cluster, got.Taken, got.Gaps, got.Resources}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a.yaml:1: role/dev/reader replaces the one of a snapshot"}, warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if _, _, err := load(t, nil, "bad.ghs"); err == nil || err.Error() != "read bad.ghs: the snapshot is cut off" {
		t.Errorf("bad.ghs: %v", err)
	}
}

func TestWriteSnapshotFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "s"+source.SnapshotExtension)
	for _, cluster := range []string{"a", "b"} { // the second replaces the first
		if err := source.WriteSnapshotFile(path, &rbac.Snapshot{Cluster: cluster}); err != nil {
			t.Fatal(err)
		}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := source.ReadSnapshot(bytes.NewReader(data), path)
	if err != nil || got.Cluster != "b" {
		t.Errorf("got %+v, %v", got, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
	err = source.WriteSnapshotFile(filepath.Join(dir, "no", "s.ghs"), &rbac.Snapshot{})
	if want := "write " + filepath.Join(dir, "no", "s.ghs") + ": no such file or directory"; err == nil || err.Error() != want {
		t.Errorf("want %q, got %v", want, err)
	}
}

// FuzzReadSnapshot gives the reader what is no snapshot, or nearly one.
func FuzzReadSnapshot(f *testing.F) {
	for seed := range uint64(10) {
		f.Add([]byte(unzip(f, write(f, randomSnapshot(seed)))))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := source.ReadSnapshot(bytes.NewReader(data), "x")
		if err != nil {
			return
		}
		again, err := source.ReadSnapshot(bytes.NewReader(write(t, s)), "x")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(write(t, s), write(t, again)) {
			t.Error("what was read is not written and read back the same")
		}
	})
}
