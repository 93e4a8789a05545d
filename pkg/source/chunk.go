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
	each  func(chunk) error
	skip  func(kind string)
	state
}

// state is what a chunker knows of the current document.
type state struct {
	lexer lexer
	clear bool // the lexer follows; when it gives up, the rest of the document is one chunk
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
func yamlChunks(lines *lineReader, each func(chunk) error, skip func(kind string)) error {
	c := &chunker{lines: lines, each: each, skip: skip}
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
				c.clear, c.any = false, true
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
	c.state = state{text: c.text[:0], lexer: newLexer(), clear: true}
}

// add takes a line of the current document.
func (c *chunker) add(line []byte, whole bool) error {
	trimmed := bytes.TrimSpace(line)
	if !c.any && len(trimmed) > 0 && line[0] == '%' {
		return nil // a directive: %YAML 1.2
	}
	if c.clear {
		var err error
		if c.clear, err = c.lex(line, whole); err != nil {
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
	out, clear := c.lexer.line(content)
	if !clear {
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
		c.mentions = mentions(c.text)
		c.over, c.text = true, c.text[:0]
	}
	// The rest of a line that is too long is not known.
	c.mentions = c.mentions || !whole || mentions(line)
}

func (c *chunker) drop() {
	c.text, c.over, c.mentions = c.text[:0], false, false
}

// follow takes what the lexer made of a line, before the line is added to the text. The result is false when the
// document has a form that only a parser understands.
func (c *chunker) follow(out lexed) (bool, error) {
	if out.inside {
		// A kind that goes on, on the next line, isn't the word that was seen.
		last := c.root.last
		if c.inItems {
			last = c.item.last
		}
		return !out.content || !last, nil
	}
	if !out.content {
		return true, nil
	}
	c.root.last, c.item.last = false, false
	if out.dash >= 0 && (c.awaitsItems || c.inItems && out.dash == c.itemsAt) {
		return c.nextItem(out)
	}
	c.awaitsItems = false
	if c.inItems {
		if out.dash >= 0 || out.column != 0 {
			return c.inItem(out), nil
		}
		if !c.separable() {
			return false, nil
		}
		if err := c.endItem(); err != nil {
			return false, err
		}
		c.inItems = false
	}
	return c.inRoot(out)
}

// inRoot takes a line of the document itself.
func (c *chunker) inRoot(out lexed) (bool, error) {
	if out.column != 0 {
		return c.any, nil // a document that is an object begins with a key in the first column
	}
	if string(out.key) == "items" {
		if c.root.hasItems {
			return false, atLine(c.lines.line, "key %q is given twice", "items")
		}
		c.root.hasItems, c.awaitsItems = true, true
		return out.empty, nil
	}
	return c.root.note(out), nil
}

// inItem takes a line of an item that is not its first.
func (c *chunker) inItem(out lexed) bool {
	switch {
	case out.column < 0 || out.column > c.itemKeys:
		return true
	case out.column < c.itemKeys || out.dash >= 0 || string(out.key) == "items":
		return false
	}
	return c.item.note(out)
}

// nextItem begins an item at a line with a dash.
func (c *chunker) nextItem(out lexed) (bool, error) {
	if !c.separable() {
		return false, nil
	}
	if c.inItems {
		if err := c.endItem(); err != nil {
			return false, err
		}
	}
	c.drop()
	c.awaitsItems, c.inItems, c.cut = false, true, true
	c.itemsAt, c.itemKeys, c.item = out.dash, out.column, head{}
	// An item that is no block mapping, or a list of its own, is for the parser.
	return out.column >= 0 && string(out.key) != "items" && c.item.note(out), nil
}

// note remembers the kind and version of an object. It is false when they are not plain to see.
func (h *head) note(out lexed) bool {
	switch string(out.key) {
	case "kind":
		if out.value == nil || h.hasKind {
			return false
		}
		h.kind, h.hasKind, h.last = string(out.value), true, true
	case "apiVersion":
		if out.value == nil || h.hasVersion {
			return false
		}
		h.apiVersion, h.hasVersion, h.last = string(out.value), true, true
	case "<<":
		return false
	}
	return true
}

// separable reports whether the text so far means the same without what follows: what has an anchor doesn't, nor does an
// item that leaves its kind to a list whose kind comes after the items.
func (c *chunker) separable() bool {
	return !c.lexer.anchored && (!c.inItems || c.item.hasKind || c.root.hasKind && c.root.hasVersion)
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
	case !c.clear && c.inItems:
		rest.form, rest.listKind, rest.listVersion = yamlItems, c.root.kind, c.root.apiVersion
		return c.giveUnclear(rest)
	case !c.clear:
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
	case wanted(kind), kind == "" && isRBAC(version):
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
