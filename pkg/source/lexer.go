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
