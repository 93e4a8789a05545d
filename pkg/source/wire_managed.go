package source

import (
	"sync"

	"google.golang.org/protobuf/encoding/protowire"
)

// scratch has room for objects without their managed fields. Decoding copies all that it keeps.
var scratch = sync.Pool{New: func() any { return new([]byte) }}

// unmarshal reads an object but for its managed fields. Nobody asks for these, and on most objects they are the larger part.
func unmarshal(into interface{ Unmarshal(data []byte) error }, data []byte) error {
	room, _ := scratch.Get().(*[]byte)
	defer scratch.Put(room)
	lean, err := withoutManaged((*room)[:0], data)
	if err != nil {
		return err
	}
	*room = lean
	return into.Unmarshal(lean)
}

// withoutManaged appends an object to out, without its managed fields.
func withoutManaged(out, data []byte) ([]byte, error) {
	for rest := data; len(rest) > 0; {
		field, value, next, err := nextField(rest)
		if err != nil {
			return nil, err
		}
		whole := rest[:len(rest)-len(next)]
		rest = next
		if field != objectMetadata {
			out = append(out, whole...)
			continue
		}
		managed, err := managedLength(value)
		if err != nil {
			return nil, err
		}
		out = protowire.AppendTag(out, objectMetadata, protowire.BytesType)
		out = protowire.AppendVarint(out, uint64(len(value)-managed)) //nolint:gosec // a part is no longer than the whole
		for inner := value; len(inner) > 0; {
			field, _, next, err := nextField(inner)
			if err != nil {
				return nil, err
			}
			if field != metaManaged {
				out = append(out, inner[:len(inner)-len(next)]...)
			}
			inner = next
		}
	}
	return out, nil
}

// managedLength is how many bytes of an object's metadata are managed fields.
func managedLength(metadata []byte) (length int, err error) {
	for rest := metadata; len(rest) > 0; {
		field, _, next, err := nextField(rest)
		if err != nil {
			return 0, err
		}
		if field == metaManaged {
			length += len(rest) - len(next)
		}
		rest = next
	}
	return length, nil
}
