package source

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// maxSnapshot limits what a snapshot may unpack to: some twenty times what a very large cluster has.
const maxSnapshot = 256 << 20

// maxBlanks is how many blanks may follow each other.
const maxBlanks = 1 << 20

var errNoSnapshot = errors.New("this is not a Gatehouse snapshot")

// ReadSnapshot reads what [WriteSnapshot] wrote, or the same as plain JSON. The name is for errors. A file that is cut
// off, changed, far too large, of another version, or no snapshot at all is an error that says so.
func ReadSnapshot(r io.Reader, name string) (*rbac.Snapshot, error) {
	s, err := readSnapshot(bufio.NewReader(r), maxSnapshot)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return s, nil
}

// isSnapshot reports whether a file that begins like this is a snapshot, or claims to be one: no other gzip'd files are
// read.
func isSnapshot(start []byte) bool {
	if bytes.HasPrefix(start, []byte{0x1f, 0x8b}) {
		return true
	}
	text := bytes.TrimLeft(start, " \t\r\n")
	return bytes.HasPrefix(text, []byte("{")) &&
		bytes.Contains(text, []byte(`"gatehouse.dev/`)) && bytes.Contains(text, []byte(`"`+snapshotKind+`"`))
}

// readSnapshot reads a snapshot that unpacks to at most limit bytes.
func readSnapshot(r *bufio.Reader, limit int64) (*rbac.Snapshot, error) {
	start, err := r.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, withoutPath(err)
	}
	plain := io.Reader(r)
	if bytes.Equal(start, []byte{0x1f, 0x8b}) {
		zipped, err := gzip.NewReader(r)
		if err != nil {
			return nil, snapshotError(err)
		}
		plain = zipped
	}
	limited := &io.LimitedReader{R: plain, N: limit + 1}
	s := &snapshotReader{json: json.NewDecoder(noBlanks(limited)), names: newInterner()}
	err = s.read()
	if limited.N <= 0 {
		return nil, fmt.Errorf("the snapshot is larger than %d MiB", limit>>20)
	}
	if err != nil {
		return nil, snapshotError(err)
	}
	return &s.snapshot, nil
}

// noBlanks returns a reader that refuses endless blanks: the JSON decoder looks at a run of them again and again.
func noBlanks(r io.Reader) io.Reader {
	run := 0
	return readerFunc(func(p []byte) (int, error) {
		n, err := r.Read(p)
		rest := bytes.TrimLeft(p[:n], " \t\r\n")
		if len(rest) > 0 {
			run = 0
		}
		if run += len(p[:n]) - len(rest); run > maxBlanks {
			return 0, errors.New("the snapshot is damaged: it is mostly blank")
		}
		return n, err
	})
}

// snapshotError says what the errors of the layers below mean for a snapshot.
func snapshotError(err error) error {
	var (
		syntax *json.SyntaxError
		types  *json.UnmarshalTypeError
	)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the snapshot is cut off")
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("the snapshot is damaged: %w", err)
	case errors.As(err, &syntax), errors.As(err, &types):
		return fmt.Errorf("the snapshot is damaged: %w", err)
	}
	return err
}

// snapshotReader reads a snapshot object by object.
type snapshotReader struct {
	json     *json.Decoder
	names    *interner
	rules    []rbacv1.PolicyRule
	version  string
	kind     string
	snapshot rbac.Snapshot
}

func (s *snapshotReader) read() error {
	if first, err := s.json.Token(); err != nil || first != json.Delim('{') {
		var syntax *json.SyntaxError
		if err == nil || errors.As(err, &syntax) {
			return errNoSnapshot
		}
		return err
	}
	for s.json.More() {
		key, err := s.json.Token()
		if err != nil {
			return err
		}
		if err := s.member(fmt.Sprint(key)); err != nil {
			return err
		}
	}
	if _, err := s.json.Token(); err != nil {
		return err
	}
	if err := s.known(); err != nil {
		return err
	}
	// The end of the file has to come: only there gzip compares the checksum.
	if _, err := s.json.Token(); !errors.Is(err, io.EOF) {
		if err != nil {
			return err
		}
		return errors.New("the snapshot is damaged: more follows after its end")
	}
	return nil
}

// known is an error unless the file has said that it is a snapshot of a version that is read.
func (s *snapshotReader) known() error {
	switch {
	case s.kind != snapshotKind, s.version == "":
		return errNoSnapshot
	case s.version != snapshotVersion:
		return fmt.Errorf("the snapshot is of the version %q; this program reads %s", s.version, snapshotVersion)
	}
	return nil
}

func (s *snapshotReader) member(key string) error {
	switch key {
	case "apiVersion":
		return s.json.Decode(&s.version)
	case "kind":
		return s.json.Decode(&s.kind)
	}
	if err := s.known(); err != nil { // both come first
		return err
	}
	switch key {
	case "cluster":
		return s.json.Decode(&s.snapshot.Cluster)
	case "taken":
		return s.taken()
	case "marked":
		return s.json.Decode(&s.snapshot.Marked)
	case "gaps":
		return readItems(s.json, func(gap rbac.Gap) error {
			s.snapshot.Gaps = append(s.snapshot.Gaps, gap)
			return nil
		})
	case "rules":
		return readItems(s.json, s.rule)
	case "roles":
		return readItems(s.json, s.role)
	case "bindings":
		return readItems(s.json, s.binding)
	case "namespaces":
		return readItems(s.json, func(namespace rbac.Namespace) error {
			s.snapshot.Namespaces = append(s.snapshot.Namespaces, namespace)
			return nil
		})
	case "serviceAccounts":
		return readItems(s.json, func(ref rbac.ObjectRef) error {
			ref.Namespace, ref.Name = s.names.text(ref.Namespace), s.names.text(ref.Name)
			s.snapshot.ServiceAccounts = append(s.snapshot.ServiceAccounts, ref)
			return nil
		})
	case "resources":
		return readItems(s.json, func(resource rbac.Resource) error {
			s.snapshot.Resources = append(s.snapshot.Resources, resource)
			return nil
		})
	}
	var skip json.RawMessage
	return s.json.Decode(&skip)
}

func (s *snapshotReader) taken() error {
	var text string
	if err := s.json.Decode(&text); err != nil {
		return err
	}
	taken, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return fmt.Errorf("the snapshot is damaged: taken %q is not a time", text)
	}
	s.snapshot.Taken = taken.UTC()
	return nil
}

func (s *snapshotReader) rule(rule rbacv1.PolicyRule) error {
	for _, texts := range [][]string{rule.Verbs, rule.APIGroups, rule.Resources, rule.ResourceNames, rule.NonResourceURLs} {
		for i := range texts {
			texts[i] = s.names.text(texts[i])
		}
	}
	s.rules = append(s.rules, rule)
	return nil
}

func (s *snapshotReader) role(r snapshotRole) error {
	role := rbac.Role{
		Namespace: s.names.text(r.Namespace), Name: s.names.text(r.Name),
		Labels: r.Labels, Aggregates: r.Aggregates, Stored: r.Stored, Origin: r.Origin,
	}
	for _, n := range r.Rules {
		if n < 0 || n >= len(s.rules) {
			return fmt.Errorf("the snapshot is damaged: role %q has rule %d of %d", r.Name, n, len(s.rules))
		}
		role.Rules = append(role.Rules, s.rules[n])
	}
	s.snapshot.Roles = append(s.snapshot.Roles, role)
	return nil
}

func (s *snapshotReader) binding(b snapshotBinding) error {
	for _, text := range []*string{&b.Namespace, &b.Name, &b.RoleRef.APIGroup, &b.RoleRef.Kind, &b.RoleRef.Name} {
		*text = s.names.text(*text)
	}
	for i := range b.Subjects {
		subject := &b.Subjects[i]
		for _, text := range []*string{&subject.Kind, &subject.APIGroup, &subject.Namespace, &subject.Name} {
			*text = s.names.text(*text)
		}
	}
	s.snapshot.Bindings = append(s.snapshot.Bindings, rbac.Binding(b))
	return nil
}

// readItems reads a list item by item.
func readItems[T any](decoder *json.Decoder, each func(T) error) error {
	first, err := decoder.Token()
	if err != nil {
		return err
	}
	if first != json.Delim('[') {
		return errors.New("the snapshot is damaged: a list is missing")
	}
	for decoder.More() {
		var item T
		if err := decoder.Decode(&item); err != nil {
			return err
		}
		if err := each(item); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}
