package kube

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readJSONList reads a list that came as JSON, item by item, and returns how it ends.
func readJSONList(r io.Reader, sink Sink) (listEnd, error) {
	decoder := json.NewDecoder(r)
	if err := expect(decoder, json.Delim('{')); err != nil {
		return listEnd{}, err
	}
	var (
		meta struct {
			Continue        string `json:"continue"`
			ResourceVersion string `json:"resourceVersion"`
		}
		kind string
		skip json.RawMessage
	)
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return listEnd{}, broken(err)
		}
		switch key {
		case "kind":
			if err := decoder.Decode(&kind); err != nil {
				return listEnd{}, broken(err)
			}
			if !strings.HasSuffix(kind, "List") {
				return listEnd{}, fmt.Errorf("the server answers with a %q, not with a list", kind)
			}
		case "metadata":
			err = decoder.Decode(&meta)
		case "items":
			err = readJSONItems(decoder, sink)
		default:
			err = decoder.Decode(&skip)
		}
		if err != nil {
			return listEnd{}, broken(err)
		}
	}
	if err := expect(decoder, json.Delim('}')); err != nil {
		return listEnd{}, err
	}
	if kind == "" {
		return listEnd{}, errors.New("the server answers with something that is not a list")
	}
	return listEnd{next: meta.Continue, version: meta.ResourceVersion}, nil
}

func readJSONItems(decoder *json.Decoder, sink Sink) error {
	first, err := decoder.Token()
	if err != nil || first == nil { // "items": null is an empty list
		return err
	}
	if first != json.Delim('[') {
		return errors.New("items is not a list")
	}
	var item json.RawMessage
	for n := 0; decoder.More(); n++ {
		if err := decoder.Decode(&item); err != nil {
			return fmt.Errorf("read item %d: %w", n, err)
		}
		if err := sink.Item(item, JSON); err != nil {
			return fmt.Errorf("read item %d: %w", n, err)
		}
	}
	_, err = decoder.Token()
	return err
}

func expect(decoder *json.Decoder, want json.Delim) error {
	got, err := decoder.Token()
	if err != nil {
		return broken(err)
	}
	if got != want {
		return errors.New("the server answers with something that is not a list")
	}
	return nil
}

func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errTruncated
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("the server's answer is neither protobuf nor JSON: %w", err)
	}
	return err
}
