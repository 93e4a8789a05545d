package kube

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Field numbers of meta/v1.ObjectMeta and of every object. Source: generated.proto of k8s.io/apimachinery/pkg/apis/meta/v1.
const (
	objectMeta        = 1
	objectMetaVersion = 6
)

// watchBuffer is what is read of a stream at once: a stream is quiet most of the time, and there are many.
const watchBuffer = 16 << 10

func newStream(body io.ReadCloser, what, version string) *Stream {
	r := bufio.NewReaderSize(body, watchBuffer)
	return &Stream{body: body, what: what, version: version, frames: frames{r: r, message: message{r: r, left: -1}}}
}

// frames takes a stream apart. In protobuf an event comes after its length, which has four bytes; JSON has one object
// after the other. The first byte tells them apart, since no event is as long as a brace would say.
type frames struct {
	r       *bufio.Reader
	message message
	decoder *json.Decoder // of a stream of JSON
}

// next reads an event. The error is io.EOF, not wrapped, when the stream ends between two.
func (f *frames) next() (Event, error) {
	if f.decoder == nil {
		start, err := f.r.Peek(1)
		switch {
		case err == io.EOF: // a reader gives it as it is, at the end only
			return Event{}, err
		case err != nil:
			return Event{}, broken(err)
		}
		if start[0] != '{' {
			return f.protobuf()
		}
		f.decoder = json.NewDecoder(f.r)
	}
	return f.json()
}

func (f *frames) json() (Event, error) {
	var event struct {
		Type   Change          `json:"type"`
		Object json.RawMessage `json:"object"`
	}
	if err := f.decoder.Decode(&event); err != nil {
		if err == io.EOF { // a decoder gives it as it is, at the end of a value only
			return Event{}, err
		}
		return Event{}, broken(err)
	}
	return Event{Change: event.Type, Object: event.Object, Encoding: JSON}, nil
}

func (f *frames) protobuf() (Event, error) {
	var length [4]byte
	if _, err := io.ReadFull(f.r, length[:]); err != nil {
		return Event{}, broken(err)
	}
	n := binary.BigEndian.Uint32(length[:])
	if n > maxItem {
		return Event{}, fmt.Errorf("the answer is broken: an event of %d bytes", n)
	}
	data, err := f.message.long(int(n))
	if err != nil {
		return Event{}, err
	}
	var event metav1.WatchEvent
	if err := event.Unmarshal(data); err != nil {
		return Event{}, fmt.Errorf("the answer is broken: %w", err)
	}
	raw := event.Object.Raw
	if len(raw) < len(protobufMagic) || string(raw[:len(protobufMagic)]) != protobufMagic {
		return Event{Change: Change(event.Type), Object: raw, Encoding: JSON}, nil
	}
	var envelope runtime.Unknown
	if err := envelope.Unmarshal(raw[len(protobufMagic):]); err != nil {
		return Event{}, fmt.Errorf("the answer is broken: %w", err)
	}
	return Event{Change: Change(event.Type), Object: envelope.Raw, Encoding: Protobuf}, nil
}

// failure is the error that the server ends a stream with.
func failure(event Event) error {
	var (
		status metav1.Status
		err    error
	)
	if event.Encoding == JSON {
		err = json.Unmarshal(event.Object, &status)
	} else {
		err = status.Unmarshal(event.Object)
	}
	if err != nil {
		return fmt.Errorf("the answer is broken: %w", err)
	}
	return apierrors.FromObject(&status)
}

// versionOf returns the version of an event's object.
func versionOf(event Event) (string, error) {
	if event.Encoding == JSON {
		var object struct {
			Metadata struct {
				ResourceVersion string `json:"resourceVersion"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(event.Object, &object); err != nil {
			return "", broken(err)
		}
		return object.Metadata.ResourceVersion, nil
	}
	number, wire, n := protowire.ConsumeTag(event.Object)
	if n < 0 || number != objectMeta || wire != protowire.BytesType {
		return "", errors.New("the answer is broken: an object without metadata")
	}
	meta, n := protowire.ConsumeBytes(event.Object[n:])
	if n < 0 {
		return "", errors.New("the answer is broken: metadata that is cut off")
	}
	return stringField(meta, objectMetaVersion), nil
}
