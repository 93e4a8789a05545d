package source

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// SnapshotExtension is how the names of snapshot files should end. It is not looked at: the content says what a file is.
const SnapshotExtension = ".ghs"

const (
	snapshotVersion = "gatehouse.dev/v1alpha1"
	snapshotKind    = "Snapshot"
)

// snapshotRole is a role in a snapshot file. Its rules are positions in the file's table of rules.
type snapshotRole struct {
	Namespace  string                 `json:"namespace,omitempty"`
	Name       string                 `json:"name"`
	Labels     map[string]string      `json:"labels,omitempty"`
	Rules      []int                  `json:"rules,omitempty"`
	Aggregates []metav1.LabelSelector `json:"aggregates,omitzero"`
	Stored     bool                   `json:"stored,omitempty"`
	Origin     string                 `json:"origin,omitempty"`
}

type snapshotBinding struct {
	Namespace   string            `json:"namespace,omitempty"`
	Name        string            `json:"name"`
	RoleRef     rbacv1.RoleRef    `json:"roleRef"`
	Subjects    []rbacv1.Subject  `json:"subjects,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Origin      string            `json:"origin,omitempty"`
}

// WriteSnapshot writes a snapshot file: gzip'd JSON of the API version gatehouse.dev/v1alpha1, one object a line, every
// distinct rule once. Equal snapshots give equal bytes, in whatever order their objects are; only the order of the
// resources counts, since it is the server's. The snapshot isn't changed. What programs of another age write or read of
// that version may lack some fields, and have others: what a reader doesn't know it passes over.
func WriteSnapshot(w io.Writer, s *rbac.Snapshot) error {
	zipped := gzip.NewWriter(w)
	if err := writeSnapshot(zipped, s); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// WriteSnapshotFile writes a snapshot to a file, which is there as a whole or, after an error, as it was before. Only
// the user may read it. A path that is no ordinary file, such as /dev/stdout, is written to as it is.
func WriteSnapshotFile(path string, s *rbac.Snapshot) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		file, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("write %s: %w", path, withoutPath(err))
		}
		return cmp.Or(WriteSnapshot(file, s), file.Close())
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, withoutPath(err))
	}
	err = cmp.Or(WriteSnapshot(file, s), file.Sync())
	err = cmp.Or(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name())
		return fmt.Errorf("write %s: %w", path, withoutPath(err))
	}
	return nil
}

func writeSnapshot(w io.Writer, s *rbac.Snapshot) error {
	out := &snapshotWriter{w: bufio.NewWriterSize(w, 64<<10)}
	table, texts, err := ruleTable(s.Roles)
	if err != nil {
		return err
	}
	out.text(`{"apiVersion":` + quote(snapshotVersion) + `,"kind":` + quote(snapshotKind) + `,"cluster":` + quote(s.Cluster))
	if !s.Taken.IsZero() {
		out.text(`,"taken":` + quote(s.Taken.UTC().Format(time.RFC3339Nano)))
	}
	if s.Marked {
		out.text(`,"marked":true`) // what older programs wrote has no annotations, and what they read may have some
	}
	writeList(out, "gaps", sorted(s.Gaps, compareGaps))
	writeList(out, "rules", texts)
	writeList(out, "roles", fileRoles(s.Roles, table))
	writeList(out, "bindings", fileBindings(s.Bindings))
	writeList(out, "namespaces", sorted(s.Namespaces, func(a, b rbac.Namespace) int { return cmp.Compare(a.Name, b.Name) }))
	writeList(out, "serviceAccounts", sorted(s.ServiceAccounts, func(a, b rbac.ObjectRef) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	}))
	writeList(out, "resources", s.Resources)
	out.text("}\n")
	if out.err != nil {
		return out.err
	}
	return out.w.Flush()
}

// ruleTable returns the distinct rules of all roles as JSON, sorted, and the position of each.
func ruleTable(roles []rbac.Role) (map[string]int, []json.RawMessage, error) {
	table := map[string]int{}
	for _, role := range roles {
		for i := range role.Rules {
			text, err := json.Marshal(role.Rules[i])
			if err != nil {
				return nil, nil, err
			}
			table[string(text)] = 0
		}
	}
	texts := make([]json.RawMessage, 0, len(table))
	for text := range table {
		texts = append(texts, json.RawMessage(text))
	}
	slices.SortFunc(texts, func(a, b json.RawMessage) int { return bytes.Compare(a, b) })
	for i, text := range texts {
		table[string(text)] = i
	}
	return table, texts, nil
}

func fileRoles(roles []rbac.Role, table map[string]int) []snapshotRole {
	out := make([]snapshotRole, 0, len(roles))
	for _, r := range roles {
		role := snapshotRole{
			Namespace: r.Namespace, Name: r.Name, Labels: r.Labels, Aggregates: r.Aggregates, Stored: r.Stored, Origin: r.Origin,
		}
		for i := range r.Rules {
			text, _ := json.Marshal(r.Rules[i]) // it was marshalled for the table before
			role.Rules = append(role.Rules, table[string(text)])
		}
		out = append(out, role)
	}
	slices.SortFunc(out, func(a, b snapshotRole) int {
		if d := cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name)); d != 0 {
			return d
		}
		return compareJSON(a, b)
	})
	return out
}

func fileBindings(bindings []rbac.Binding) []snapshotBinding {
	out := make([]snapshotBinding, 0, len(bindings))
	for _, b := range bindings {
		out = append(out, snapshotBinding(b))
	}
	slices.SortFunc(out, func(a, b snapshotBinding) int {
		if d := cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name)); d != 0 {
			return d
		}
		return compareJSON(a, b)
	})
	return out
}

// compareJSON orders what has the same name; a snapshot normally holds no name twice.
func compareJSON(a, b any) int {
	left, _ := json.Marshal(a)
	right, _ := json.Marshal(b)
	return bytes.Compare(left, right)
}

func compareGaps(a, b rbac.Gap) int {
	return cmp.Or(cmp.Compare(a.What, b.What), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Cause, b.Cause))
}

func sorted[T any](in []T, compare func(a, b T) int) []T {
	out := slices.Clone(in)
	slices.SortStableFunc(out, compare)
	return out
}

// snapshotWriter keeps the first error, so that callers need not look after each write.
type snapshotWriter struct {
	w   *bufio.Writer
	err error
}

func (s *snapshotWriter) text(text string) {
	if s.err == nil {
		_, s.err = s.w.WriteString(text)
	}
}

// writeList writes a key with a list, one item a line; an empty list not at all.
func writeList[T any](out *snapshotWriter, key string, items []T) {
	if len(items) == 0 {
		return
	}
	out.text(",\n" + quote(key) + ":[\n")
	for i := range items {
		if i > 0 {
			out.text(",\n")
		}
		text, err := json.Marshal(items[i])
		out.err = cmp.Or(out.err, err)
		out.text(string(text))
	}
	out.text("]")
}

func quote(text string) string {
	quoted, _ := json.Marshal(text) // strings never fail
	return string(quoted)
}
