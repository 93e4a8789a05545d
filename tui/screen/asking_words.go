package screen

import (
	"slices"
	"strings"
)

// slot is what a word of a question stands for.
type slot int

const (
	slotNone slot = iota // a word too many, or one that says nothing: "kubectl", "not"
	slotMode             // "why", or the first word that may become it
	slotSubject
	slotVerb
	slotResource
	slotName
	slotFlag
	slotNamespace // the value of -n
	slotGroup     // the value of --group
	slotValue     // the value of a flag that does not matter here
)

// word is a word of a question, without quotes, and where it stands: in runes, quotes included.
type word struct {
	text       string
	start, end int
	slot       slot
	// value is where the text begins that is looked up: behind "--namespace=" in a flag that carries its value, else 0. It
	// counts runes of text.
	value int
}

// said is the part of the word that is looked up.
func (w *word) said() string { return string([]rune(w.text)[w.value:]) }

// asked is a question as it was typed, as far as it is there. It is in the words of "kubectl whocan": VERB RESOURCE
// [NAME], or "why SUBJECT VERB RESOURCE [NAME]", and flags anywhere.
type asked struct {
	// why says that it is about one subject; who that it began with "who", so that "can" is no question about one.
	why, who bool
	subject  string
	// action are verb, resource and name.
	action []string

	namespace    string
	all, cluster bool
	groups       []string
	// system and names show what is folded otherwise.
	system, names bool
	// wants is the slot of the value that the last flag waits for.
	wants slot
	// wrong says what can't be meant; empty for nothing.
	wrong string
}

// parse takes a question apart. Whatever is typed gives something.
func parse(text string) *asked { return assign(split(text)) }

// split cuts a text into words at blanks that are in no quotes, as a shell does. An open quote goes on to the end.
func split(text string) []word {
	var (
		words   []word
		b       strings.Builder
		start   = -1
		quote   rune
		escaped bool
	)
	runes := []rune(text)
	end := func(at int) {
		if start >= 0 {
			words = append(words, word{text: b.String(), start: start, end: at})
			start = -1
			b.Reset()
		}
	}
	for i, r := range runes {
		blank := r == ' ' || r == '\t' || r == '\n' || r == '\r'
		if blank && quote == 0 && !escaped {
			end(i)
			continue
		}
		if start < 0 {
			start = i
		}
		switch {
		case escaped:
			b.WriteRune(r)
			escaped = false
		case quote == 0 && r == '\\':
			escaped = true
		case r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote = r
		default:
			b.WriteRune(r)
		}
	}
	end(len(runes))
	return words
}

// assign says what each word stands for, in the words too.
func assign(words []word) *asked {
	a := &asked{}
	for i := range words {
		w := &words[i]
		switch {
		case a.wants != slotNone:
			w.slot = a.wants
			a.take(w)
		case len(w.text) > 1 && w.text[0] == '-':
			a.flag(w)
		default:
			a.plain(w)
		}
	}
	return a
}

// plain places a word that is no flag.
func (a *asked) plain(w *word) {
	first := !a.why && len(a.action) == 0
	switch {
	case first && (w.text == "kubectl" || w.text == "whocan" || a.who && w.text == "can"):
	case first && w.text == "who":
		a.who = true
	case first && (w.text == "why" || w.text == "can"):
		a.why, w.slot = true, slotMode
	case a.why && a.subject == "" && len(a.action) == 0 && w.text == "not":
	case a.why && a.subject == "":
		a.subject, w.slot = w.text, slotSubject
	default:
		slots := []slot{slotVerb, slotResource, slotName}
		if len(a.action) < len(slots) {
			w.slot = slots[len(a.action)]
		}
		a.action = append(a.action, w.text)
	}
}

// flags that take a value, and what that is.
func valueFlags() map[string]slot {
	return map[string]slot{"-n": slotNamespace, "--namespace": slotNamespace, "--group": slotGroup, "--from": slotValue}
}

// plainFlags are the others.
func plainFlags() []string {
	return []string{"-A", "--all-namespaces", "--cluster-scope", "--names", "--system"}
}

// flag places a word that begins with a dash.
func (a *asked) flag(w *word) {
	w.slot = slotFlag
	name, value, has := strings.Cut(w.text, "=")
	if !strings.HasPrefix(w.text, "--") && len(w.text) > 2 && w.text[1] == 'n' {
		name, value, has = "-n", strings.TrimPrefix(w.text[2:], "="), true
	}
	if s, ok := valueFlags()[name]; ok {
		a.wants = s
		if has {
			w.slot, w.value = s, len([]rune(w.text))-len([]rune(value))
			a.take(w)
		}
		return
	}
	switch w.text {
	case "-A", "--all-namespaces":
		a.all = true
	case "--cluster-scope":
		a.cluster = true
	case "--system":
		a.system = true
	case "--names":
		a.names = true
	default:
		a.wrong = "there is no flag " + w.text + ": want -n NAMESPACE, -A, " + strings.Join(plainFlags()[2:], ", ") + ", or --group GROUP"
	}
}

// take takes the value of the flag that waits for one.
func (a *asked) take(w *word) {
	a.wants = slotNone
	switch w.slot {
	case slotNamespace:
		a.namespace = w.said()
	case slotGroup:
		if !slices.Contains(a.groups, w.said()) {
			a.groups = append(a.groups, w.said())
		}
	default:
	}
}
