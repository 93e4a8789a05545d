package screen

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/tui/world"
)

// How a name fits what is looked for, and how much room the parts of a score have.
const (
	fitFuzzy = iota + 1
	fitPart
	fitPrefix
	fitExact

	scoreLength = 1 << 12
	scoreKind   = 1 << 5
)

// Search finds places by name: kinds of pages, namespaces, roles, bindings, subjects, and of a resource who can get it; at
// most limit, the best first. Names that only have the letters in their order are found where nothing fits better. A word in
// front may say what is meant: "role deployer", "ns team". An empty text finds the kinds. Last comes a namespace that is not
// known, for who may not list them. It looks at everything, and is for the background.
func Search(w *world.World, text string, limit int) []Hit {
	s := &search{limit: limit, parts: strings.Fields(strings.ToLower(text))}
	for i, k := range Kinds(w) {
		title := strings.ToLower(k.Title())
		hit := Hit{Text: k.Title(), What: "page", Place: Place{Kind: k}}
		fit, length := fits(s.parts, title, 0)
		if other, _ := fits(s.parts, string(k), 0); other > fit {
			fit = other
		}
		if len(s.parts) == 0 {
			fit, length = fitExact, i
		}
		s.take(fit, 0, length, hit.Text, func() Hit { return hit })
	}
	if len(s.parts) == 0 {
		return s.hits
	}
	for i := range w.Entries() {
		e := &w.Entries()[i]
		fit, length := fits(s.parts, e.Folded, e.Start)
		if len(s.parts) > 1 && isA(s.parts[0], e) {
			if other, otherLength := fits(s.parts[1:], e.Folded, e.Start); other > fit {
				fit, length = other, otherLength
			}
		}
		s.take(fit, int(e.Of)+1, length, e.Text, func() Hit { return hitOf(e) })
	}
	s.resources(w)
	s.strict()
	s.unlisted(w)
	return s.hits
}

// resources finds who can get, or else do the first thing with, resources whose name begins so.
func (s *search) resources(w *world.World) {
	if len(s.parts) != 1 {
		return
	}
	for i := range w.Names().Resources {
		r := &w.Names().Resources[i]
		fit, length := fits(s.parts, r.Word, 0)
		if slices.Contains(r.ShortNames, s.parts[0]) || r.Singular == s.parts[0] {
			fit = max(fit, fitPrefix)
		}
		sub := strings.Contains(r.Word, "/") && !strings.Contains(s.parts[0], "/")
		if fit < fitPrefix || sub || len(r.Verbs) == 0 {
			continue
		}
		verb := r.Verbs[0]
		if slices.Contains(r.Verbs, "get") {
			verb = "get"
		}
		query := verb + " " + r.Word
		s.take(fit, int(world.OfToken)+2, length, query, func() Hit {
			return Hit{Text: "who can " + query, What: "question", Place: Place{Kind: WhoCan, Query: query}}
		})
	}
}

// strict leaves out what only has the letters in their order, when something fits better.
func (s *search) strict() {
	fuzzy := func(hit Hit) bool { return hit.Score < fitPart*scoreKind*scoreLength }
	if len(s.hits) > 0 && !fuzzy(s.hits[0]) {
		s.hits = slices.DeleteFunc(s.hits, fuzzy)
	}
}

// unlisted adds the namespace of that name when not all may be listed, and it is none that is known.
func (s *search) unlisted(w *world.World) {
	name := ""
	switch {
	case len(s.parts) == 1:
		name = s.parts[0]
	case len(s.parts) == 2 && isA(s.parts[0], &world.Entry{Of: world.OfNamespace, What: "namespace"}):
		name = s.parts[1]
	}
	if s.limit <= 0 || !w.Closed() || len(validation.IsDNS1123Label(name)) > 0 || w.Namespace(name) != nil {
		return
	}
	s.hits = append(s.hits[:min(len(s.hits), s.limit-1)], Hit{
		Text: "open namespace " + name, What: "namespace", Place: Place{Kind: Workspace, Name: name},
	})
}

// search is one at work.
type search struct {
	parts []string
	limit int
	// hits are the best so far, the best first.
	hits []Hit
}

// take keeps a hit if it is among the best. Kinds of a smaller number come first among those that fit as well, then
// shorter ones.
func (s *search) take(fit, kind, length int, text string, found func() Hit) {
	if fit == 0 || s.limit <= 0 {
		return
	}
	score := (fit*scoreKind+scoreKind-1-kind)*scoreLength + scoreLength - 1 - min(length, scoreLength-1)
	if len(s.hits) == s.limit {
		worst := &s.hits[s.limit-1]
		if score < worst.Score || score == worst.Score && text > worst.Text {
			return // so it is with nearly all of what a huge cluster has
		}
	}
	hit := found()
	hit.Score = score
	at, _ := slices.BinarySearchFunc(s.hits, hit, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Text, b.Text), cmp.Compare(a.What, b.What), cmp.Compare(a.Place.Kind, b.Place.Kind))
	})
	if at == s.limit {
		return
	}
	s.hits = slices.Insert(s.hits[:min(len(s.hits), s.limit-1)], at, hit)
}

// isA reports whether a word, in the singular or the plural, says what an entry is: "clusterrole" or "role" for a
// ClusterRole.
func isA(word string, e *world.Entry) bool {
	switch strings.TrimSuffix(word, "s") {
	case "n", "workspace": // "ns", as kubectl takes it
		return e.Of == world.OfNamespace
	case "sa", "serviceaccount":
		return e.What == "service account"
	case "subject":
		return e.Of == world.OfSubject
	case "namespace", "role", "clusterrole", "binding", "rolebinding", "clusterrolebinding", "user", "group", "clusterauthentication",
		"cluster", "queue", "accesstoken", "token":
		return strings.HasSuffix(e.What, strings.TrimSuffix(word, "s"))
	}
	return false
}

// fits says how well a name, in lower case, fits the parts of what is looked for, and how much of it there is. The bare name
// begins at start.
func fits(parts []string, name string, start int) (fit, length int) {
	if len(parts) != 1 {
		for _, part := range parts {
			if !strings.Contains(name, part) {
				return 0, 0
			}
		}
		return fitPart, len(name)
	}
	part := parts[0]
	switch {
	case name == part, name[start:] == part:
		return fitExact, len(name)
	case strings.HasPrefix(name, part), strings.HasPrefix(name[start:], part):
		return fitPrefix, len(name)
	case strings.Contains(name, part):
		return fitPart, len(name)
	}
	if span := spread(name, part); span > 0 {
		return fitFuzzy, span
	}
	return 0, 0
}

// spread is the length of the piece of a name that has the letters of part in their order, taken greedily; 0 when there is
// none.
func spread(name, part string) int {
	if part == "" {
		return 0
	}
	first, next := -1, 0
	for i := range len(name) {
		if name[i] != part[next] {
			continue
		}
		if next == 0 {
			first = i
		}
		if next++; next == len(part) {
			return i - first + 1
		}
	}
	return 0
}

// hitOf is where an entry leads.
func hitOf(e *world.Entry) Hit {
	h := Hit{Text: e.Text, What: e.What}
	switch e.Of {
	case world.OfNamespace:
		h.Place = Place{Kind: Workspace, Name: e.Name}
	case world.OfRole:
		h.Place = Place{Kind: Role, Namespace: e.Namespace, Name: e.Name}
	case world.OfBinding:
		h.Place = Place{Kind: Binding, Namespace: e.Namespace, Name: e.Name}
	case world.OfSubject:
		h.Place = Place{Kind: Subject, Subject: *e.Subject}
	case world.OfClusterAuth:
		h.Place = Place{Kind: ClusterAuth, Namespace: e.Namespace, Name: e.Name}
	case world.OfCluster:
		h.Place = Place{Kind: Cluster, Namespace: e.Namespace, Name: e.Name}
	case world.OfQueue:
		h.Place = Place{Kind: Queue, Namespace: e.Namespace, Name: e.Name}
	case world.OfToken:
		h.Place = Place{Kind: Token, Name: "accesstoken/" + e.Name}
	}
	return h
}
