package grid

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// filter is a filter as [Arrange] reads it.
type filter struct {
	words   []word   // each has to be found
	without [][]byte // none may be
}

// word is a folded word of a filter.
type word struct {
	text    []byte
	pattern *pattern // nil when it is not found fuzzily
}

// parse reads a filter.
func parse(s string) filter {
	var f filter
	for field := range strings.FieldsSeq(string(fold(nil, s))) {
		not, excluded := strings.CutPrefix(field, "!")
		switch {
		case !excluded:
			f.words = append(f.words, word{text: []byte(field), pattern: newPattern(field)})
		case not != "":
			f.without = append(f.without, []byte(not))
		}
	}
	return f
}

func (f *filter) empty() bool { return len(f.words)+len(f.without) == 0 }

// narrows reports whether all that f finds is found by wider too: it has the same words or longer ones, and more of them.
func (f *filter) narrows(wider *filter) bool {
	if len(f.words) < len(wider.words) || len(f.without) < len(wider.without) {
		return false
	}
	for i, w := range wider.words {
		// A longer word may be found fuzzily where a short one that is not is missing.
		if !bytes.HasPrefix(f.words[i].text, w.text) || w.pattern == nil && f.words[i].pattern != nil {
			return false
		}
	}
	for i, w := range wider.without {
		if !bytes.Equal(f.without[i], w) {
			return false
		}
	}
	return true
}

// cost is what it takes to find all words in the folded texts of a row, 0 when each stands there as it is; -1 when the row
// is not one that the filter wants.
func (f *filter) cost(texts []byte) int {
	for _, w := range f.without {
		if bytes.Contains(texts, w) {
			return -1
		}
	}
	sum := 0
	for i := range f.words {
		w := &f.words[i]
		if bytes.Contains(texts, w.text) {
			continue
		}
		if w.pattern == nil {
			return -1
		}
		cost := w.pattern.cost(texts)
		if cost < 0 {
			return -1
		}
		sum += cost
	}
	return sum
}

// found says for each byte of a shown text whether a word of the filter was found there, and with fuzzy set also letters of
// words that are not there as a whole; nil when none was.
func (f *filter) found(shown string, fuzzy bool) []bool {
	if len(f.words) == 0 {
		return nil
	}
	text := fold(make([]byte, 0, len(shown)), shown)
	var at []bool
	mark := func(from, to int) {
		if at == nil {
			at = make([]bool, len(shown))
		}
		// A letter is found as a whole, with its marks.
		for from > 0 && !utf8.RuneStart(shown[from]) {
			from--
		}
		for to < len(shown) && !utf8.RuneStart(shown[to]) || isMark(shown[to:]) {
			to++
		}
		for i := from; i < to; i++ {
			at[i] = true
		}
	}
	for i := range f.words {
		w := &f.words[i]
		if fuzzy && w.pattern != nil && !bytes.Contains(text, w.text) {
			for _, place := range w.pattern.trace(text) {
				mark(place, place+1)
			}
			continue
		}
		for from := 0; ; {
			next := bytes.Index(text[from:], w.text)
			if next < 0 {
				break
			}
			mark(from+next, from+next+len(w.text))
			from += next + len(w.text)
		}
	}
	return at
}

func isMark(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsMark(r)
}

// fold appends s in lower case to b, byte for byte: a letter whose lower case takes another number of bytes stays as it is.
// A zero byte, which ends a text here, becomes a blank.
func fold(b []byte, s string) []byte {
	from := len(b)
	b = append(b, s...)
	text := b[from:]
	for i, c := range text {
		switch {
		case 'a' <= c && c <= 'z': // almost all
		case 'A' <= c && c <= 'Z':
			text[i] = c + 'a' - 'A'
		case c == 0:
			text[i] = ' '
		case c >= utf8.RuneSelf:
			foldRunes(text[i:])
			return b
		}
	}
	return b
}

// foldRunes does in place what [fold] does, for text with letters beyond ASCII.
func foldRunes(text []byte) {
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if r == 0 {
			r = ' '
		}
		if lower := unicode.ToLower(r); size > 1 && utf8.RuneLen(lower) == size || size == 1 && r < utf8.RuneSelf {
			utf8.EncodeRune(text, lower)
		}
		text = text[size:]
	}
}
