package source

import (
	"bytes"
	"cmp"
	"errors"
	"io"
)

// maxChunk is the longest text of one object that is kept. An API server stores 1.5 MiB; what is longer can't be RBAC.
const maxChunk = 8 << 20

// chunk is the text of one object as it stands in a file.
type chunk struct {
	text []byte // valid until the next chunk
	line int    // the line of its first byte, from 1
	form chunkForm
	// kind and apiVersion, as far as they could be told without reading the text.
	kind, apiVersion string
	// listKind and listVersion are those of the list that the chunk is an item of.
	listKind, listVersion string
}

type chunkForm int

const (
	yamlDocument chunkForm = iota
	yamlItem               // a sequence of one: "- kind: Role"
	yamlItems              // the rest of a list, from an item on: needs "items:" before it
	jsonObject
)

// chunker cuts YAML text into objects: documents at "---", and documents that are lists into their items. What it hands
// over is worth reading or unclear; what is surely of another kind is only counted. It never holds more than one object.
type chunker struct {
	lines *lineReader
	sieve sieve
	each  func(chunk) error
	skip  func(kind string)
	state
}

// state is what a chunker knows of the current document.
type state struct {
	lexer lexer
	sure  bool // the lexer follows; when it gives up, the rest of the document is one chunk
	any   bool // there is content

	text     []byte // of the current object
	start    int    // the line on which text begins
	over     bool   // text got longer than maxChunk and was dropped
	mentions bool   // the dropped text may name a kind that is read

	root        head
	awaitsItems bool // the last line was "items:"
	inItems     bool
	cut         bool // the document is a list whose items were handed over
	itemsAt     int  // the column of the dashes of the items
	itemKeys    int  // the column of the keys of the current item
	item        head
}

// head is what is known of an object so far.
type head struct {
	kind, apiVersion string
	hasKind          bool
	hasVersion       bool
	hasItems         bool
	last             bool // the last line set the kind or the version
}

// yamlChunks cuts the lines of a file.
func yamlChunks(lines *lineReader, wanted sieve, each func(chunk) error, skip func(kind string)) error {
	c := &chunker{lines: lines, sieve: wanted, each: each, skip: skip}
	c.reset()
	for {
		line, whole, err := lines.next()
		if errors.Is(err, io.EOF) {
			return c.endDocument()
		}
		if err != nil {
			return err
		}
		if marker, rest := documentMarker(line); marker {
			if err := c.endDocument(); err != nil {
				return err
			}
			if rest {
				c.sure, c.any = false, true
				c.keep(line, whole)
			}
			continue
		}
		if err := c.add(line, whole); err != nil {
			return err
		}
	}
}

// documentMarker reports whether a line begins or ends a document, whatever stands around it, and whether content
// follows on the same line.
func documentMarker(line []byte) (marker, rest bool) {
	if !bytes.HasPrefix(line, []byte("---")) && !bytes.HasPrefix(line, []byte("...")) {
		return false, false
	}
	after := bytes.TrimRight(line[3:], " \t\r\n")
	if len(after) == 0 {
		return true, false
	}
	if after[0] != ' ' && after[0] != '\t' {
		return false, false
	}
	return true, bytes.TrimLeft(after, " \t")[0] != '#' && line[0] == '-'
}

func (c *chunker) reset() {
	c.state = state{text: c.text[:0], lexer: newLexer(), sure: true}
}

// add takes a line of the current document.
func (c *chunker) add(line []byte, whole bool) error {
	trimmed := bytes.TrimSpace(line)
	if !c.any && len(trimmed) > 0 && line[0] == '%' {
		return nil // a directive: %YAML 1.2
	}
	if c.sure {
		var err error
		if c.sure, err = c.lex(line, whole); err != nil {
			return err
		}
	}
	c.any = c.any || len(trimmed) > 0 && trimmed[0] != '#'
	c.keep(line, whole)
	return nil
}

// lex lets the lexer take a line. The result is false when it gives up.
func (c *chunker) lex(line []byte, whole bool) (bool, error) {
	if !whole {
		return false, nil
	}
	content := bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	if hasBreak(content) {
		return false, nil
	}
	out, sure := c.lexer.line(content)
	if !sure {
		return false, nil
	}
	return c.follow(out)
}

// keep adds a line to the text of the current object.
func (c *chunker) keep(line []byte, whole bool) {
	if len(c.text) == 0 && !c.over {
		c.start = c.lines.line
	}
	if !c.over && whole && len(c.text)+len(line) <= maxChunk {
		c.text = append(c.text, line...)
		return
	}
	if !c.over {
		c.mentions = c.sieve.mentions(c.text)
		c.over, c.text = true, c.text[:0]
	}
	// The rest of a line that is too long is not known.
	c.mentions = c.mentions || !whole || c.sieve.mentions(line)
}

func (c *chunker) drop() {
	c.text, c.over, c.mentions = c.text[:0], false, false
}

// endItem hands over the item that the text holds.
func (c *chunker) endItem() error {
	err := c.give(chunk{
		text: c.text, line: c.start, form: yamlItem, kind: c.item.kind, apiVersion: c.item.apiVersion,
		listKind: c.root.kind, listVersion: c.root.apiVersion,
	})
	c.drop()
	return err
}

// endDocument hands over what is left of a document, and begins the next.
func (c *chunker) endDocument() error {
	defer c.reset()
	if !c.any {
		return nil
	}
	return c.endText()
}

func (c *chunker) endText() error {
	rest := chunk{text: c.text, line: c.start, form: yamlDocument}
	switch {
	case !c.sure && c.inItems:
		rest.form, rest.listKind, rest.listVersion = yamlItems, c.root.kind, c.root.apiVersion
		return c.giveUnclear(rest)
	case !c.sure:
		return c.giveUnclear(rest)
	case c.inItems:
		return c.endItem()
	case c.cut:
		return nil
	}
	rest.kind, rest.apiVersion = c.root.kind, c.root.apiVersion
	return c.give(rest)
}

// give hands over a chunk whose kind is clear, or counts it.
func (c *chunker) give(ch chunk) error {
	kind, version := ch.kind, ch.apiVersion
	if ch.form == yamlItem && kind == "" {
		kind, version = itemKind(ch.listKind), cmp.Or(version, ch.listVersion)
	}
	switch {
	case c.sieve.wants(kind), kind == "" && isRBAC(version):
		return c.giveUnclear(ch)
	case ch.form == yamlItem || !isList(kind):
		c.skip(kind)
	}
	return nil
}

// giveUnclear hands over a chunk that may be anything.
func (c *chunker) giveUnclear(ch chunk) error {
	if !c.over {
		return c.each(ch)
	}
	if c.mentions {
		return atLine(ch.line, "an object of more than %d MiB", maxChunk>>20)
	}
	c.skip("")
	return nil
}
