package kube

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// counter counts items and the bytes in them.
type counter struct{ items, size int }

func (c *counter) Item(data []byte, _ Encoding) error {
	c.items++
	c.size += len(data)
	return nil
}

func (c *counter) Restart() { *c = counter{} }

// oneByte gives a byte at a time, as a slow network might.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) { return o.r.Read(p[:min(len(p), 1)]) }

// sample is a list of three items, two of them empty, with a continue token and fields nobody knows.
const sample = "k8s\x00" +
	"\x0a\x0e\x0a\x02v1\x12\x08RoleList" + // typeMeta
	"\x28\x01" + // field 5, a number
	"\x12\x1b" + // raw
	"\x12\x03abc" + "\x12\x00" + // items
	"\x1d1234" + // field 3, four bytes
	"\x0a\x04\x1a\x02tk" + // metadata
	"\x21" + "12345678" + // field 4, eight bytes
	"\x1a\x00\x22\x00" // content encoding and type

func TestReadList(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]io.Reader{
		"at once": strings.NewReader(sample), "byte by byte": oneByte{strings.NewReader(sample)},
	} {
		got := &counter{}
		end, err := readList(r, got)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff([]any{"tk", 2, 3}, []any{end.next, got.items, got.size}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for n := range len(sample) - 4 {
		if _, err := readList(strings.NewReader(sample[:n]), &counter{}); err == nil {
			t.Errorf("cut off after %d bytes: want an error", n)
		}
	}
}

// FuzzReadList feeds the reader what a broken or hostile server may send: it may fail, but neither panic nor hand out
// more bytes than came in.
func FuzzReadList(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("k8s\x00\x12\x04\x12\xff\xff\x7f"))
	f.Add([]byte(`{"kind":"RoleList","metadata":{"continue":"x"},"items":[{"a":1},{}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := &counter{}
		_, err := readList(bytes.NewReader(data), got)
		if got.size > len(data) {
			t.Errorf("%d bytes out of %d (%v)", got.size, len(data), err)
		}
	})
}
