package grid

import (
	"bytes"
	"math/bits"
)

// What a fuzzy match costs: nothing for a letter right behind the one before, and else for the jump to it. The first letter
// of the word costs one less. What costs more than dearest is no match.
const (
	toStart = 1 // to the start of a word
	inside  = 2 // into the middle of one
	dearest = 3
)

// A word is matched fuzzily when it has so many bytes: fewer are found in almost everything, and more don't fit.
const (
	leastFuzzy = 3
	mostFuzzy  = 64/(dearest+1) - 1
)

// pattern finds the letters of a word in their order, not necessarily side by side. A state of the search is bits, a level
// of them for each price from 0: bit j of a level says that the first j+1 letters were found for that price. A level has a
// bit more than the word has letters, which stays 0.
type pattern struct {
	word string
	// level is how many bits there are for a price.
	level int
	// places has for each byte the places in the word where it is, on all levels.
	places [256]uint64
	// last is the place of the last letter, on all levels.
	last uint64
}

// newPattern returns the pattern of a folded word; nil when it is not one to match fuzzily.
func newPattern(word string) *pattern {
	if len(word) < leastFuzzy || len(word) > mostFuzzy {
		return nil
	}
	p := &pattern{word: word, level: len(word) + 1}
	for price := range dearest + 1 {
		for i := range len(word) {
			p.places[word[i]] |= 1 << (price*p.level + i)
		}
		p.last |= 1 << (price*p.level + len(word) - 1)
	}
	return p
}

// reach is how far a word has been found in a text that is read byte by byte: at the byte that was read last, and anywhere
// so far.
type reach struct{ here, behind uint64 }

// step reads the next byte of a text, at, which comes after before. Nothing is found across a blank: names have none, and in
// a sentence the letters of almost any word can be found.
func (p *pattern) step(r reach, before, at byte) reach {
	places := p.places[at]
	switch {
	case at == ' ':
		return reach{}
	case places == 0:
		return reach{behind: r.behind}
	}
	price := jump(before, at)
	first := uint64(1) << ((price - 1) * p.level)
	here := (r.here<<1 | r.behind<<(price*p.level+1) | first) & places
	return reach{here, r.behind | here}
}

// cost is the least price at which the word is found within one of the folded texts, which end with a zero byte each; -1
// when it is in none. It is not there as it is: that would cost nothing.
func (p *pattern) cost(texts []byte) int {
	least := dearest + 1
	for len(texts) > 0 {
		text := texts
		if end := bytes.IndexByte(texts, 0); end >= 0 {
			text, texts = texts[:end], texts[end+1:]
		} else {
			texts = nil
		}
		if from := p.start(text); from >= 0 {
			least = min(least, p.costIn(text, from))
		}
	}
	if least > dearest {
		return -1
	}
	return least
}

// start is where the first letter of the word is in a text that has all of them in their order; -1 when it doesn't. That
// is quick to know, and rules out almost all texts.
func (p *pattern) start(text []byte) int {
	first, at := -1, 0
	for i := range len(p.word) {
		next := bytes.IndexByte(text[at:], p.word[i])
		if next < 0 {
			return -1
		}
		at += next + 1
		if first < 0 {
			first = at - 1
		}
	}
	return first
}

// costIn is the least price at which the word is found in a text from some byte on, more than dearest when it isn't.
func (p *pattern) costIn(text []byte, from int) int {
	least := dearest + 1
	var r reach
	before := byte(0)
	if from > 0 {
		before = text[from-1]
	}
	for _, b := range text[from:] {
		r = p.step(r, before, b)
		before = b
		if done := r.here & p.last; done != 0 {
			least = min(least, bits.TrailingZeros64(done)/p.level)
		}
	}
	return least
}

// trace returns where in a folded text the letters of the word are that [pattern.cost] finds; nil when they are not.
func (p *pattern) trace(text []byte) []int {
	price := p.cost(text)
	if price < 0 {
		return nil
	}
	steps := make([]reach, len(text)+1) // the first is before any byte
	before := byte(0)
	for i, b := range text {
		steps[i+1] = p.step(steps[i], before, b)
		before = b
	}
	at, letter := 0, len(p.word)-1
	has := func(at int) bool { return steps[at+1].here>>(price*p.level+letter)&1 != 0 }
	for !has(at) {
		at++
	}
	found := []int{at}
	for letter--; letter >= 0; letter-- {
		// Side by side when that is possible, and else at the nearest place from which the jump is paid.
		if at--; !has(at) {
			price -= jump(text[at], text[at+1])
			for !has(at) {
				at--
			}
		}
		found = append(found, at)
	}
	return found
}

// jump is the price of a jump to the byte that comes after before. Nothing starts in the middle of a character.
func jump(before, at byte) int {
	switch {
	case at&0xc0 == 0x80:
		return 64
	case between(before) && !between(at):
		return toStart
	}
	return inside
}

// between reports whether a byte stands between words.
func between(b byte) bool {
	return b < '0' || b > '9' && b < 'A' || b > 'Z' && b < 'a' || b > 'z' && b < 0x80
}
