package screen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// mostOffers is how many completions there are at most.
const mostOffers = 12

// wholeWhy is what follows "why".
const wholeWhy = "SUBJECT VERB RESOURCE"

// Complete offers at most a dozen words that may stand where the cursor is (in runes) in a question: a verb, a resource or
// subresource, a name, -n and a namespace, "why not SUBJECT"; the likeliest first. The place is where the question is asked:
// its namespace is the one that is meant when the question names none, and on the access tab of a workspace a resource is
// all there is to say.
func Complete(w *world.World, p Place, text string, cursor int) []Completion {
	runes := []rune(text)
	cursor = max(0, min(cursor, len(runes)))
	c := &completing{w: w, place: p, runes: runes}
	if p.Kind == Workspace {
		c.asked = &asked{}
		c.word = word{end: len(runes), slot: slotResource}
		c.typed = strings.TrimSpace(string(runes[:cursor]))
		c.resources()
		return c.offers()
	}
	words := split(text)
	at := slices.IndexFunc(words, func(w word) bool { return cursor <= w.end })
	if at < 0 {
		at = len(words)
	}
	if at == len(words) || cursor < words[at].start {
		words = slices.Insert(words, at, word{start: cursor, end: cursor})
	}
	c.asked = assign(words)
	c.word = words[at]
	c.first = at == 0 || words[at-1].slot == slotNone && len(c.asked.action) <= 1
	for _, typed := range split(string(runes[c.word.start:cursor])) {
		c.typed = typed.text
	}
	c.cut(cursor)
	c.fill()
	return c.offers()
}

// completing is a word to be completed.
type completing struct {
	w     *world.World
	place Place
	asked *asked
	runes []rune
	// word is the one under the cursor, typed what of it is before the cursor.
	word  word
	typed string
	// first says that no other word of the question is before it.
	first bool
	// tiers are what is offered: words that are meant for sure, those that begin so, and those that have it in them.
	tiers [3][]offer
}

// offer is a word with what it is, and what is put into the question: the word as a shell would take it, or several.
type offer struct{ word, hint, put string }

// cut leaves of a flag with its value ("--namespace=te") the value only.
func (c *completing) cut(cursor int) {
	if c.word.value == 0 || c.word.start+c.word.value > cursor {
		return
	}
	c.word.start += c.word.value
	typed := []rune(c.typed)
	c.typed = string(typed[min(c.word.value, len(typed)):])
}

// add offers a word if it fits what is typed.
func (c *completing) add(word, hint string) { c.addAs(offer{word: word, hint: hint}, "") }

// addAs offers a word that has another name, which may fit, too.
func (c *completing) addAs(o offer, name string) {
	tier := 2
	switch {
	case c.typed == "", strings.HasPrefix(o.word, c.typed), name != "" && strings.HasPrefix(name, c.typed):
		tier = 1
	case len(c.tiers[2]) >= mostOffers || !contains(o.word, c.typed):
		return
	}
	if len(c.tiers[tier]) < mostOffers && !slices.ContainsFunc(c.tiers[tier], func(have offer) bool { return have.word == o.word }) {
		c.tiers[tier] = append(c.tiers[tier], o)
	}
}

// contains reports whether a text has another in it, in whichever case.
func contains(text, part string) bool {
	return strings.Contains(text, part) || strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// offers puts the words into the question.
func (c *completing) offers() []Completion {
	all := slices.Concat(c.tiers[0], c.tiers[1], c.tiers[2])
	var out []Completion
	before, after := string(c.runes[:c.word.start]), c.runes[c.word.end:]
	for _, o := range all[:min(len(all), mostOffers)] {
		done := Completion{Word: o.word, Hint: o.hint}
		text := []rune(before + cmp.Or(o.put, shell.Word(o.word)))
		switch {
		case c.place.Kind == Workspace:
		case len(after) > 0:
			text = append(text, after[0])
			done.Text = string(text) + string(after[1:])
		default:
			text = append(text, ' ')
		}
		if done.Text == "" {
			done.Text = string(text)
		}
		done.Cursor = len(text)
		out = append(out, done)
	}
	return out
}
