package source

import "hash/maphash"

const (
	internSlots = 1 << 13 // a power of two
	internLimit = 128     // longer strings are hardly ever repeated
)

// interner gives equal bytes the same string, so that names that come again and again (namespaces, kinds, verbs, role
// names) are kept once. It remembers a bounded number of strings: a forgotten one costs memory, not correctness.
type interner struct {
	seed  maphash.Seed
	slots []string
}

func newInterner() *interner {
	return &interner{seed: maphash.MakeSeed(), slots: make([]string, internSlots)}
}

func (n *interner) string(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	if len(b) > internLimit {
		return string(b)
	}
	slot := &n.slots[maphash.Bytes(n.seed, b)&(internSlots-1)]
	if *slot != string(b) {
		*slot = string(b)
	}
	return *slot
}

// text is string for what is a string already.
func (n *interner) text(s string) string {
	if len(s) == 0 || len(s) > internLimit {
		return s
	}
	slot := &n.slots[maphash.String(n.seed, s)&(internSlots-1)]
	if *slot != s {
		*slot = s
	}
	return *slot
}
