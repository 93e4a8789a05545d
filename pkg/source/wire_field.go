package source

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// metadata is what is read of an object's.
type metadata struct {
	namespace, name string
	labels          map[string]string
	annotations     map[string]string // those that say what the object is for
}

// metadata reads the name, and what else is asked for: labels, and the annotations that are marks.
func (w *wire) metadata(data []byte, labels, marks bool, meta *metadata) error {
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return err
		}
		rest = next
		switch field {
		case metaName:
			meta.name = w.names.string(value)
		case metaNamespace:
			meta.namespace = w.names.string(value)
		case metaLabels:
			if labels {
				err = w.entry(value, every, &meta.labels)
			}
		case metaAnnotations:
			if marks {
				err = w.entry(value, plan.Identifies, &meta.annotations)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// every is the choice of all keys.
func every(string) bool { return true }

// entry reads an entry of a map, if its key is one of those that are chosen.
func (w *wire) entry(data []byte, chosen func(key string) bool, into *map[string]string) error {
	var key, text []byte
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return err
		}
		rest = next
		switch field {
		case mapKey:
			key = value
		case mapValue:
			text = value
		}
	}
	if name := w.names.string(key); chosen(name) {
		if *into == nil {
			*into = map[string]string{}
		}
		(*into)[name] = w.names.string(text)
	}
	return nil
}

// object reads the metadata of any object, with its labels, and with its marks or without.
func (w *wire) object(data []byte, marks bool) (metadata, error) {
	var meta metadata
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return meta, err
		}
		rest = next
		if field == objectMetadata {
			if err := w.metadata(value, true, marks, &meta); err != nil {
				return meta, err
			}
		}
	}
	return meta, nil
}

// nextField splits the first field off a message. Everything that is read by hand is length-delimited; for a field of
// another type the number is 0, which no field has.
func nextField(data []byte) (field int, value, rest []byte, err error) {
	// Nearly all fields have a number below 16 and less than 128 bytes: one byte each for tag and length.
	if len(data) > 1 && data[0]&0x87 == byte(protowire.BytesType) && data[0] > 7 && data[1] < 0x80 {
		if end := 2 + int(data[1]); end <= len(data) {
			return int(data[0] >> 3), data[2:end], data[end:], nil
		}
	}
	number, typ, n := protowire.ConsumeTag(data)
	if n < 0 {
		return 0, nil, nil, fmt.Errorf("broken protobuf: %w", protowire.ParseError(n))
	}
	data = data[n:]
	if typ == protowire.BytesType {
		field = int(number)
		value, n = protowire.ConsumeBytes(data)
	} else {
		n = protowire.ConsumeFieldValue(number, typ, data)
	}
	if n < 0 {
		return 0, nil, nil, fmt.Errorf("broken protobuf: %w", protowire.ParseError(n))
	}
	return field, value, data[n:], nil
}
