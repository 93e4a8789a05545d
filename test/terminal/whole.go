package terminal

import (
	"bytes"
	"unicode/utf8"
)

// Whole is how many bytes of what a program wrote end where a rune and an escape sequence do. An emulator that is given the
// rest without what follows loses it, and whatever else it is told in between becomes part of it.
func Whole(written []byte) int {
	end := len(written)
	for back := 1; back <= utf8.UTFMax && back <= len(written); back++ {
		if start := len(written) - back; utf8.RuneStart(written[start]) {
			if !utf8.FullRune(written[start:]) {
				end = start
			}
			break
		}
	}
	if esc := bytes.LastIndexByte(written[:end], 0x1b); esc >= 0 && !complete(written[esc:end]) {
		// What ends a string of an operating system command is a sequence of its own.
		if before := bytes.LastIndexByte(written[:esc], 0x1b); before >= 0 && !complete(written[before:esc]) {
			return before
		}
		return esc
	}
	return end
}

// complete reports whether an escape sequence, which may have text behind it, is whole.
func complete(sequence []byte) bool {
	if len(sequence) < 2 {
		return false
	}
	switch sequence[1] {
	case '[':
		return bytes.ContainsFunc(sequence[2:], func(r rune) bool { return r >= 0x40 && r <= 0x7e })
	case ']', 'P', '_', '^', 'X': // strings, up to BEL; that up to ESC \ is seen by its ESC
		return bytes.IndexByte(sequence, '\a') >= 0
	case '(', ')', '*', '+', '#', '%', ' ':
		return len(sequence) > 2
	}
	return true
}
