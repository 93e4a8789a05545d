package kube

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// protobufMagic starts every protobuf answer; a runtime.Unknown message follows it.
// Source: k8s.io/apimachinery/pkg/runtime/serializer/protobuf.
const protobufMagic = "k8s\x00"

// Field numbers of runtime.Unknown, runtime.TypeMeta, meta/v1.ListMeta, and of every list type.
// Source: generated.proto of k8s.io/apimachinery/pkg/runtime and .../apis/meta/v1.
const (
	unknownTypeMeta        = 1
	unknownRaw             = 2
	unknownContentEncoding = 3
	typeMetaKind           = 2
	listMetadata           = 1
	listItems              = 2
	listMetaVersion        = 2
	listMetaContinue       = 3
)

const (
	// maxItem is far above what a server stores (1.5 MiB by default); a longer item is a broken answer.
	maxItem = 64 << 20
	// maxMeta limits the envelope's small parts.
	maxMeta = 1 << 20
)

// errTruncated is what an answer gives that ends before its own lengths say.
var errTruncated = fmt.Errorf("the answer ends too early: %w", io.ErrUnexpectedEOF)

// message reads the fields of one protobuf message from a stream. left counts the bytes to its end; it is negative
// for the outermost message, which ends with the stream.
type message struct {
	r    *bufio.Reader
	left int64
	buf  []byte // for what doesn't fit into the reader's buffer
}

// readProtobufList reads the envelope and the list inside it, and returns how it ends.
func readProtobufList(r *bufio.Reader, sink Sink) (listEnd, error) {
	if _, err := r.Discard(len(protobufMagic)); err != nil {
		return listEnd{}, truncated(err)
	}
	var (
		envelope = &message{r: r, left: -1}
		found    bool
		end      listEnd
	)
	for {
		field, wire, err := envelope.tag()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return listEnd{}, err
		}
		switch {
		case field == unknownTypeMeta && wire == protowire.BytesType:
			data, err := envelope.bytes(maxMeta)
			if err != nil {
				return listEnd{}, err
			}
			if kind := stringField(data, typeMetaKind); !strings.HasSuffix(kind, "List") {
				return listEnd{}, fmt.Errorf("the server answers with a %q, not with a list", kind)
			}
		case field == unknownContentEncoding && wire == protowire.BytesType:
			data, err := envelope.bytes(maxMeta)
			if err != nil {
				return listEnd{}, err
			}
			if len(data) > 0 {
				return listEnd{}, fmt.Errorf("the answer has the unknown encoding %q", data)
			}
		case field == unknownRaw && wire == protowire.BytesType:
			length, err := envelope.varint()
			if err != nil {
				return listEnd{}, truncated(err)
			}
			if length > 1<<62 {
				return listEnd{}, errors.New("the answer is broken: impossible length")
			}
			list := &message{r: r, left: int64(length)}
			if end, err = list.items(sink); err != nil {
				return listEnd{}, err
			}
			found = true
		default:
			if err := envelope.skip(field, wire); err != nil {
				return listEnd{}, err
			}
		}
	}
	if !found {
		return listEnd{}, errTruncated
	}
	return end, nil
}

// items hands the items of a list message to the sink and returns how it ends.
func (m *message) items(sink Sink) (listEnd, error) {
	var end listEnd
	for n := 0; m.left > 0; {
		field, wire, err := m.tag()
		if err != nil {
			return listEnd{}, truncated(err)
		}
		switch {
		case field == listItems && wire == protowire.BytesType:
			data, err := m.bytes(maxItem)
			if err != nil {
				return listEnd{}, fmt.Errorf("read item %d: %w", n, err)
			}
			if err := sink.Item(data, Protobuf); err != nil {
				return listEnd{}, fmt.Errorf("read item %d: %w", n, err)
			}
			n++
		case field == listMetadata && wire == protowire.BytesType:
			data, err := m.bytes(maxMeta)
			if err != nil {
				return listEnd{}, fmt.Errorf("read list metadata: %w", err)
			}
			end = listEnd{next: stringField(data, listMetaContinue), version: stringField(data, listMetaVersion)}
		default:
			if err := m.skip(field, wire); err != nil {
				return listEnd{}, err
			}
		}
	}
	return end, nil
}

// tag returns the number and type of the next field; io.EOF when the outermost message is at its end.
func (m *message) tag() (protowire.Number, protowire.Type, error) {
	if m.left < 0 {
		if _, err := m.r.Peek(1); err != nil {
			return 0, 0, err
		}
	}
	v, err := m.varint()
	if err != nil {
		return 0, 0, truncated(err)
	}
	field, wire := protowire.DecodeTag(v)
	if field < protowire.MinValidNumber {
		return 0, 0, fmt.Errorf("the answer is broken: field number %d", field)
	}
	return field, wire, nil
}

func (m *message) varint() (uint64, error) {
	var v uint64
	for shift := uint(0); shift < 64; shift += 7 {
		if m.left == 0 {
			return 0, errTruncated
		}
		b, err := m.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if m.left > 0 {
			m.left--
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, errors.New("the answer is broken: number too long")
}

// bytes returns a length-delimited field. It is valid until the next read.
func (m *message) bytes(limit uint64) ([]byte, error) {
	length, err := m.varint()
	if err != nil {
		return nil, truncated(err)
	}
	if length > limit {
		return nil, fmt.Errorf("the answer is broken: %d bytes in one field, more than %d", length, limit)
	}
	n := int(length) //nolint:gosec // at most limit
	if m.left >= 0 {
		if int64(n) > m.left {
			return nil, errTruncated
		}
		m.left -= int64(n)
	}
	if n <= m.r.Size() {
		data, err := m.r.Peek(n)
		if err != nil {
			return nil, truncated(err)
		}
		_, err = m.r.Discard(n)
		return data, err
	}
	return m.long(n)
}

// long reads n bytes into the message's own buffer, which grows with what arrives and not with what is announced.
func (m *message) long(n int) ([]byte, error) {
	m.buf = m.buf[:0]
	for len(m.buf) < n {
		chunk := min(n-len(m.buf), m.r.Size())
		data, err := m.r.Peek(chunk)
		if err != nil {
			return nil, truncated(err)
		}
		m.buf = append(m.buf, data...)
		if _, err := m.r.Discard(chunk); err != nil {
			return nil, truncated(err)
		}
	}
	return m.buf, nil
}

// skip leaves out a field that this client doesn't know.
func (m *message) skip(field protowire.Number, wire protowire.Type) error {
	var n int
	switch wire {
	case protowire.VarintType:
		_, err := m.varint()
		return truncated(err)
	case protowire.BytesType:
		_, err := m.bytes(maxItem)
		return err
	case protowire.Fixed32Type:
		n = 4
	case protowire.Fixed64Type:
		n = 8
	case protowire.StartGroupType, protowire.EndGroupType:
		return fmt.Errorf("the answer is broken: field %d is a group", field)
	default:
		return fmt.Errorf("the answer is broken: field %d has type %d", field, wire)
	}
	if m.left >= 0 {
		if int64(n) > m.left {
			return errTruncated
		}
		m.left -= int64(n)
	}
	_, err := m.r.Discard(n)
	return truncated(err)
}

// stringField returns a string field of a small message; empty when it isn't there or the message is broken.
func stringField(data []byte, want protowire.Number) string {
	value := ""
	for len(data) > 0 {
		field, wire, n := protowire.ConsumeTag(data)
		if n < 0 {
			return ""
		}
		data = data[n:]
		if field == want && wire == protowire.BytesType {
			v, n := protowire.ConsumeBytes(data)
			if n < 0 {
				return ""
			}
			value, data = string(v), data[n:]
			continue
		}
		if n = protowire.ConsumeFieldValue(field, wire, data); n < 0 {
			return ""
		}
		data = data[n:]
	}
	return value
}

func truncated(err error) error {
	if errors.Is(err, io.EOF) {
		return errTruncated
	}
	return err
}
