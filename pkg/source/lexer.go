package source

import "bytes"

// lexer follows the lines of one YAML document just closely enough to tell keys from text: it knows when a line is
// inside a block scalar, a quoted or plain text of several lines, or a flow collection. It reads no values and keeps no
// copies, so that documents nobody asks for cost little. It is not a YAML parser: at whatever it isn't sure of it gives
// up, and the document goes to the real one.
type lexer struct {
	mode   lexMode
	parent int  // blockText, plainText: deeper lines belong to the text
	quote  byte // the open quote, in quotedText and inside a flow collection
	depth  int  // open brackets of a flow collection
	last   byte // the last significant byte in a flow collection
	open   int  // the column of the key or dash whose value may follow on the next line; -1 for none

	// anchored says that there was an anchor, which may be used anywhere after it.
	anchored bool
}

type lexMode int

const (
	blockLines lexMode = iota // keys and dashes
	blockText                 // after | or >
	plainText                 // an unquoted text, which may go on
	quotedText                // in a quoted text of several lines
	flowLines                 // in a { or [ of several lines
)

// lexed is what a line is.
type lexed struct {
	content bool   // not blank, not a comment
	inside  bool   // belongs to what an earlier line began
	dash    int    // the column of the first dash, or -1
	column  int    // the column of the key, or -1
	key     []byte // without quotes
	value   []byte // a value of one word or one quoted text, without quotes; else nil
	empty   bool   // the key has no value on this line
}

func newLexer() lexer { return lexer{open: -1} }

// hasBreak reports whether a text has one of the other ends of line that YAML 1.1 knows: CR, NEL, LS or PS.
func hasBreak(text []byte) bool {
	for at, c := range text {
		switch {
		case c == '\r':
			return true
		case c < 0x80:
		case bytes.HasPrefix(text[at:], []byte("\u0085")), bytes.HasPrefix(text[at:], []byte("\u2028")),
			bytes.HasPrefix(text[at:], []byte("\u2029")):
			return true
		}
	}
	return false
}

// line takes the next line, without its end. The second result is false when the lexer gives up.
func (x *lexer) line(text []byte) (lexed, bool) {
	out := lexed{dash: -1, column: -1}
	indent := len(text) - len(bytes.TrimLeft(text, " "))
	blank := len(bytes.TrimLeft(text[indent:], "\t")) == 0
	switch x.mode {
	case quotedText:
		out.inside, out.content = true, true
		return out, x.quoted(text)
	case flowLines:
		out.inside, out.content = true, true
		return out, x.flow(text)
	case blockText, plainText:
		if blank || indent > x.parent {
			out.inside, out.content = true, !blank
			return out, true
		}
		x.mode = blockLines
	case blockLines:
	}
	if blank || text[indent] == '#' {
		return out, true
	}
	out.content = true
	return out, x.block(text, indent, &out)
}

// block reads a line that is in no text: dashes, then a key or a value.
func (x *lexer) block(text []byte, at int, out *lexed) bool {
	open := x.open
	x.open = -1
	for isIndicator(text, at, '-') {
		if out.dash < 0 {
			out.dash = at
		}
		open = at
		if at++; at == len(text) {
			x.open = open
			return true
		}
		for at < len(text) && text[at] == ' ' {
			at++
		}
		if ended(text[at-1:]) {
			x.open = open
			return true
		}
	}
	if isIndicator(text, at, '?') || isIndicator(text, at, ':') {
		return false
	}
	switch text[at] {
	case '\t', '@', '`', '%', ',', ']', '}', '&', '!', '*':
		// An anchor or a tag before a key is too rare to be followed; before a value of a list it is a plain end.
		return open >= 0 && x.property(text[at:])
	case '|', '>', '{', '[':
		return open >= 0 && x.value(text[at:], open, out)
	case '"', '\'':
		end := closing(text[at+1:], text[at])
		if end < 0 {
			return open >= 0 && x.value(text[at:], open, out)
		}
		inner, rest := text[at+1:at+1+end], text[at+end+2:]
		after := bytes.TrimLeft(rest, " ")
		if !isIndicator(after, 0, ':') {
			return open >= 0 && ended(rest)
		}
		if bytes.ContainsAny(inner, `\'`) {
			return false
		}
		out.column, out.key = at, inner
		return x.value(after[1:], at, out)
	}
	colon := keyEnd(text[at:])
	if colon < 0 {
		return open >= 0 && x.value(text[at:], open, &lexed{})
	}
	out.column, out.key = at, bytes.TrimRight(text[at:at+colon], " \t")
	return x.value(text[at+colon+1:], at, out)
}

// property accepts an alias, or an anchor or tag, that stands alone on its line or before one word.
func (x *lexer) property(text []byte) bool {
	if text[0] != '&' && text[0] != '!' && text[0] != '*' {
		return false
	}
	word, rest, _ := bytes.Cut(text, []byte{' '})
	return bytes.IndexByte(word, '\t') < 0 && !bytes.HasSuffix(word, []byte{':'}) && ended(rest) && text[0] == '*'
}

// value reads what follows a key or a dash at the column parent.
func (x *lexer) value(text []byte, parent int, out *lexed) bool {
	text = bytes.TrimLeft(text, " \t")
	plain := true // no anchor and no tag, which may change what the value means
	for len(text) > 0 && (text[0] == '&' || text[0] == '!') {
		plain, x.anchored = false, x.anchored || text[0] == '&'
		end := bytes.IndexAny(text, " \t")
		if end < 0 {
			end = len(text)
		}
		text = bytes.TrimLeft(text[end:], " \t")
	}
	if len(text) == 0 || text[0] == '#' {
		x.open, out.empty = parent, plain
		return true
	}
	if isIndicator(text, 0, '-') || isIndicator(text, 0, '?') || isIndicator(text, 0, ':') {
		return false
	}
	switch text[0] {
	case '@', '`', '%', ',', ']', '}':
		return false
	case '*':
		_, rest, _ := bytes.Cut(text, []byte{' '})
		return ended(rest)
	case '|', '>':
		header := bytes.TrimLeft(text[1:], "+-0123456789")
		x.mode, x.parent = blockText, parent
		return ended(header)
	case '{', '[':
		x.mode, x.depth, x.quote, x.last = flowLines, 0, 0, ','
		return x.flow(text)
	case '"', '\'':
		end := closing(text[1:], text[0])
		if end < 0 {
			x.mode, x.quote, x.depth = quotedText, text[0], 0
			return true
		}
		if inner := text[1 : 1+end]; plain && !bytes.ContainsAny(inner, `\'`) {
			out.value = inner
		}
		return ended(text[end+2:])
	}
	if keyEnd(text) >= 0 {
		return false
	}
	x.mode, x.parent = plainText, parent
	if plain {
		out.value = withoutComment(text)
	}
	return true
}

// quoted goes on in a quoted text.
func (x *lexer) quoted(text []byte) bool {
	end := closing(text, x.quote)
	if end < 0 {
		return true
	}
	x.mode = blockLines
	return ended(text[end+1:])
}

// flow goes on in a flow collection.
func (x *lexer) flow(text []byte) bool {
	for at := 0; at < len(text); at++ {
		if x.quote != 0 {
			end := closing(text[at:], x.quote)
			if end < 0 {
				return true
			}
			at += end
			x.quote, x.last = 0, 'a'
			continue
		}
		switch c := text[at]; c {
		case ' ', '\t':
			continue
		case '#':
			if at == 0 || text[at-1] == ' ' || text[at-1] == '\t' {
				return true
			}
			x.last = c
		case '"', '\'':
			if !startsValue(x.last) || glued(text[:at]) {
				return false // within a plain text
			}
			x.quote = c
		case '{', '[':
			if !startsValue(x.last) {
				return false
			}
			x.depth++
			x.last = c
		case '}', ']':
			x.depth--
			x.last = c
			if x.depth == 0 {
				x.mode = blockLines
				return ended(text[at+1:])
			}
		case '&', '!', '*', '|', '>', '%', '@', '`', '?':
			if startsValue(x.last) {
				return false
			}
			x.last = c
		default:
			x.last = c
		}
	}
	return true
}

// startsValue reports whether a value may come after that byte in a flow collection.
func startsValue(last byte) bool {
	return last == '[' || last == '{' || last == ',' || last == ':'
}

// glued reports whether a text ends with a colon that may belong to a plain text, as in {a:"b"}. After a quoted key it
// doesn't.
func glued(text []byte) bool {
	n := len(text)
	return n > 0 && text[n-1] == ':' && (n == 1 || text[n-2] != '"' && text[n-2] != '\'')
}

// isIndicator reports whether the byte stands at the position as an indicator: with a blank or nothing after it.
func isIndicator(text []byte, at int, c byte) bool {
	return at < len(text) && text[at] == c && (at+1 == len(text) || text[at+1] == ' ' || text[at+1] == '\t')
}

// keyEnd returns the position of the colon that ends a plain key, or -1.
func keyEnd(text []byte) int {
	for at := 0; ; at++ {
		n := bytes.IndexByte(text[at:], ':')
		if n < 0 {
			return -1
		}
		if at += n; isIndicator(text, at, ':') {
			if comment := bytes.Index(text[:at], []byte(" #")); comment >= 0 {
				return -1
			}
			return at
		}
	}
}

// closing returns the position of the quote that ends a text, or -1.
func closing(text []byte, quote byte) int {
	for at := 0; at < len(text); at++ {
		switch {
		case text[at] == '\\' && quote == '"':
			at++
		case text[at] != quote:
		case quote == '\'' && at+1 < len(text) && text[at+1] == quote:
			at++
		default:
			return at
		}
	}
	return -1
}

// ended reports whether nothing but a comment follows a value.
func ended(text []byte) bool {
	trimmed := bytes.TrimLeft(text, " \t")
	return len(trimmed) == 0 || trimmed[0] == '#' && len(trimmed) < len(text)
}

func withoutComment(text []byte) []byte {
	if n := bytes.Index(text, []byte(" #")); n >= 0 {
		text = text[:n]
	}
	return bytes.TrimRight(text, " \t")
}
