package source

import (
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"
)

// metadata is what is read of an object's.
type metadata struct {
	namespace, name string
	labels          map[string]string
}

func (w *wire) metadata(data []byte, labels bool, meta *metadata) error {
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
				err = w.label(value, meta)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *wire) label(data []byte, meta *metadata) error {
	var key, text string
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return err
		}
		rest = next
		switch field {
		case mapKey:
			key = w.names.string(value)
		case mapValue:
			text = w.names.string(value)
		}
	}
	if meta.labels == nil {
		meta.labels = map[string]string{}
	}
	meta.labels[key] = text
	return nil
}

// object reads the metadata of any object, with its labels.
func (w *wire) object(data []byte) (metadata, error) {
	var meta metadata
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return meta, err
		}
		rest = next
		if field == objectMetadata {
			if err := w.metadata(value, true, &meta); err != nil {
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
