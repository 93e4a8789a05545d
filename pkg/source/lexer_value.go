package source

import "bytes"

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
