package source

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
	return !c.lexer.anchored && (!c.inItems || c.item.hasKind || c.root.complete())
}

// complete reports whether a list says what its items are.
func (h *head) complete() bool { return h.hasKind && h.hasVersion }
