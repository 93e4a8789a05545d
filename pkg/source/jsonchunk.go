package source

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"strings"
)

// jsonScanner cuts a stream of JSON objects into single ones, lists into their items, as [chunker] does with YAML. It
// looks at no more than keys and brackets: what is handed over gets a real parser.
type jsonScanner struct {
	r     *bufio.Reader
	line  int // the line of the next byte, from 1
	sieve sieve
	each  func(chunk) error
	skip  func(kind string)

	text     []byte // of the current object
	start    int
	over     bool
	mentions bool
	drops    int // how often text was dropped
}

// errNotJSON says that YAML goes on in the stream.
var errNotJSON = errors.New("not JSON")

// jsonChunks cuts the JSON objects of a stream. When something else comes after an object, such as a YAML document
// after "---", the error is errNotJSON and the reader stands before it; line is its line.
func jsonChunks(r *bufio.Reader, wanted sieve, each func(chunk) error, skip func(kind string)) (line int, err error) {
	s := &jsonScanner{r: r, line: 1, sieve: wanted, each: each, skip: skip}
	for {
		c, err := s.space()
		switch {
		case errors.Is(err, io.EOF):
			return s.line, nil
		case err != nil:
			return s.line, err
		case c != '{':
			return s.line, errNotJSON
		}
		if err := s.document(); err != nil {
			if errors.Is(err, io.EOF) {
				return s.line, atLine(s.line, "the JSON ends in the middle of the object that begins on line %d", s.start)
			}
			return s.line, err
		}
	}
}

// document reads one object of the stream, and hands over it or its items.
func (s *jsonScanner) document() error {
	s.begin()
	var (
		root    head
		orphans []chunk
		cut     bool
		item    = func(h head, sure bool) error {
			cut = true
			if sure && !h.hasKind && !root.complete() && !s.over {
				orphans = append(orphans, chunk{text: bytes.Clone(s.text), line: s.start, form: jsonObject})
				return nil
			}
			return s.give(h, sure, &root)
		}
	)
	sure, err := s.object(&root, item)
	if err != nil {
		return err
	}
	switch {
	case cut && !sure:
		return atLine(s.line, "broken JSON")
	case !cut:
		return s.give(root, sure, nil)
	}
	for _, orphan := range orphans {
		s.text, s.start, s.over = orphan.text, orphan.line, false
		if err := s.give(head{}, true, &root); err != nil {
			return err
		}
	}
	return nil
}

// give hands over the current object, or counts it. The list is nil when it is no item.
func (s *jsonScanner) give(h head, sure bool, list *head) error {
	ch := chunk{text: s.text, line: s.start, form: jsonObject, kind: h.kind, apiVersion: h.apiVersion}
	kind, version := h.kind, h.apiVersion
	if list != nil {
		ch.listKind, ch.listVersion = list.kind, list.apiVersion
		if !h.hasKind {
			kind, version = itemKind(list.kind), cmp.Or(version, list.apiVersion)
		}
	}
	if sure && !s.sieve.wants(kind) && (kind != "" || !isRBAC(version)) {
		if list != nil || !h.hasItems {
			s.skip(kind)
		}
		return nil
	}
	if !s.over {
		return s.each(ch)
	}
	if s.mentions || s.sieve.mentions(s.text) {
		return atLine(s.start, "an object of more than %d MiB", maxChunk>>20)
	}
	s.skip("")
	return nil
}

// begin starts the text of an object at the next byte.
func (s *jsonScanner) begin() {
	s.text, s.start, s.over, s.mentions = s.text[:0], s.line, false, false
}

// object reads an object whose opening bracket is next. Items, when not nil, gets the items of a list one by one. The
// first result is false when the object has a form that only a parser understands.
func (s *jsonScanner) object(h *head, item func(h head, sure bool) error) (bool, error) {
	if _, err := s.next(); err != nil {
		return false, err
	}
	for first := true; ; first = false {
		c, err := s.space()
		if err != nil {
			return false, err
		}
		if c == '}' {
			_, err = s.next()
			return true, err
		}
		if c == ',' && !first {
			if _, err = s.next(); err != nil {
				return false, err
			}
			if c, err = s.space(); err != nil {
				return false, err
			}
		}
		if c != '"' {
			return false, s.rest(1)
		}
		sure, err := s.member(h, item)
		if err != nil {
			return false, err
		}
		if !sure {
			return false, s.rest(1)
		}
	}
}

// member reads one key and its value.
func (s *jsonScanner) member(h *head, item func(h head, sure bool) error) (bool, error) {
	key, err := s.string()
	if err != nil {
		return false, err
	}
	c, err := s.space()
	if err != nil || c != ':' {
		return false, err
	}
	if _, err = s.next(); err != nil {
		return false, err
	}
	if c, err = s.space(); err != nil {
		return false, err
	}
	switch key {
	case "items":
		if h.hasItems || c != '[' {
			return false, nil
		}
		h.hasItems = true
		if item == nil {
			return false, nil // a list in a list
		}
		return true, s.items(item)
	case "kind", "apiVersion":
		if c != '"' {
			return false, nil
		}
		text, err := s.string()
		out := lexed{key: []byte(key), value: []byte(text)}
		if text == "" || strings.Contains(text, `\`) {
			out.value = nil
		}
		return h.note(out), err
	}
	return !strings.Contains(key, `\`), s.value()
}

// items reads a list of objects.
func (s *jsonScanner) items(item func(h head, sure bool) error) error {
	if _, err := s.next(); err != nil {
		return err
	}
	for {
		c, err := s.space()
		if err != nil {
			return err
		}
		switch c {
		case ']':
			_, err := s.next()
			s.begin()
			return err
		case ',':
			if _, err := s.next(); err != nil {
				return err
			}
		case '{':
			s.begin()
			var h head
			sure, err := s.object(&h, nil)
			if err != nil {
				return err
			}
			if err := item(h, sure); err != nil {
				return err
			}
		default:
			return atLine(s.line, "items holds something that is not an object")
		}
	}
}
