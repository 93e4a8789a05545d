package expect

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Result is how expectations compare with what is.
type Result struct {
	// Findings are sorted, worst first. Their object is the name of the expectation.
	Findings []finding.Finding
	// Passed names the expectations that hold beyond doubt, in their order.
	Passed []string
	// Failed and Undecided count expectations: those with an error, and the others that can't be decided because
	// something could not be read.
	Failed, Undecided int
}

// Evaluate compares every expectation of the set with the index. Where the snapshot has gaps, what was found stands, and
// what was not found is undecided.
func Evaluate(ix *rbac.Index, set *Set) Result {
	w := newWorld(ix, set.Groups)
	var r Result
	for i := range set.Expectations {
		j := &judge{world: w, expected: &set.Expectations[i]}
		j.decide()
		finding.Sort(j.findings)
		switch {
		case finding.Worst(j.findings) == finding.Error:
			r.Failed++
		case slices.ContainsFunc(j.findings, func(f finding.Finding) bool { return f.ID == IDUndecided }):
			r.Undecided++
		case finding.Worst(j.findings) != finding.Warning:
			r.Passed = append(r.Passed, j.expected.Name)
		}
		r.Findings = append(r.Findings, j.findings...)
	}
	finding.Sort(r.Findings)
	return r
}

// judge decides one expectation.
type judge struct {
	*world
	expected *Expectation
	patterns []pattern
	// places are the namespaces to ask in; nil when the expectation names none.
	places   []string
	findings []finding.Finding
}

// hit is a request that is answered against the expectation, with the places.
type hit struct {
	ask   ask
	grant *rbac.Grant // nil where nothing grants it
	// Everywhere, or in the places. Of a request that has its own place both are empty.
	everywhere bool
	places     []string
}

func (j *judge) decide() {
	for _, w := range j.expected.Subjects {
		p, err := parsePattern(w.Text)
		if err != nil { // was checked when the file was read
			j.nothingMeant(finding.Error, w, err.Error())
			continue
		}
		j.patterns = append(j.patterns, p)
		j.tellSubject(w, p)
	}
	j.expand()
	asks := j.asks()
	if j.expected.Request.Namespaces != nil && j.places == nil {
		return // all its patterns match nothing: that is an error already
	}
	switch j.expected.Mode {
	case Can:
		j.can(asks)
	case Cannot:
		j.cannot(asks)
	case NobodyBut:
		j.nobodyBut(asks)
	}
	j.undecided()
}

// tellSubject tells about a subject that is nobody.
func (j *judge) tellSubject(w Word, p pattern) {
	switch {
	case p.many && len(j.meant(p, j.expected.IncludeSystem)) > 0:
	case p.many && j.expected.Mode == NobodyBut:
		j.unknown(finding.Warning, w, fmt.Sprintf("subject %q matches nobody that is known", w.Text), j.unlistedIn(false))
	case p.many:
		j.unknown(finding.Error, w, fmt.Sprintf("subject %q matches nobody that is known", w.Text), j.unlistedIn(false))
	case !j.known(p.subject):
		if near := j.lookAlikes(p.subject); len(near) > 0 {
			j.nothingMeant(finding.Info, w, fmt.Sprintf("%s is in no binding; did you mean %s?", p.subject, strings.Join(near, ", ")))
		}
	}
}

// expand finds the places.
func (j *judge) expand() {
	for _, w := range j.expected.Request.Namespaces {
		if strings.Contains(w.Text, "*") {
			found := j.inPlaces(w.Text)
			if len(found) == 0 {
				j.unknown(finding.Error, w, fmt.Sprintf("namespace %q matches none that is known", w.Text), j.unlistedIn(false))
			}
			j.places = append(j.places, found...)
			continue
		}
		if _, known := slices.BinarySearch(j.namespaces, w.Text); !known {
			// Without a list of namespaces, one that no binding names may well be there.
			severity, message := finding.Warning, fmt.Sprintf("namespace %q is not known: asked as written", w.Text)
			if len(j.index.Snapshot().Namespaces) == 0 {
				severity, message = finding.Info, fmt.Sprintf("namespace %q is in no binding: asked as written", w.Text)
			}
			if near := rbac.Nearest(w.Text, j.namespaces); len(near) > 0 {
				message += "; did you mean " + strings.Join(near, ", ") + "?"
			}
			j.nothingMeant(severity, w, message)
		}
		j.places = append(j.places, w.Text)
	}
	slices.Sort(j.places)
	j.places = slices.Compact(j.places)
}

// can looks for what somebody may not.
func (j *judge) can(asks []ask) {
	for _, s := range j.everybody() {
		id := j.identity(s)
		var refused []hit
		for _, a := range asks {
			h := hit{ask: a}
			if !a.spread || j.places == nil {
				if !j.index.Allowed(id, a.action) {
					h.everywhere = a.spread
					refused = append(refused, h)
				}
				continue
			}
			for _, ns := range j.places {
				if !j.index.Allowed(id, a.in(ns)) {
					h.places = append(h.places, ns)
				}
			}
			if len(h.places) > 0 {
				refused = append(refused, h)
			}
		}
		if len(refused) > 0 {
			j.missing(fmt.Sprintf("%s may not %s", s, describeHits(refused)), j.whyNot(id, refused))
		}
	}
}

// in returns the action as it is in a namespace.
func (a ask) in(namespace string) rbac.Action {
	if a.spread {
		a.action.Namespace = namespace
	}
	return a.action
}

// everybody lists the subjects that the expectation is about, each once.
func (j *judge) everybody() []rbac.Subject {
	var out []rbac.Subject
	for _, p := range j.patterns {
		out = append(out, j.meant(p, j.expected.IncludeSystem)...)
	}
	slices.SortFunc(out, rbac.CompareSubjects)
	return slices.Compact(out)
}

// granted lists who may do what is asked, in the places that matter.
func (j *judge) granted(a ask) []hit {
	scope := rbac.InNamespace
	if a.spread || a.anyObject {
		scope = rbac.Anywhere
	}
	answer := j.index.WhoCan(a.action, scope)
	grants := slices.Concat(answer.Grants, answer.OnlyNamed)
	out := make([]hit, 0, len(grants))
	for i := range grants {
		h := hit{ask: a, grant: &grants[i]}
		switch {
		case a.spread:
			h.everywhere, h.places = grants[i].Everywhere, grants[i].Namespaces
		case !grants[i].Everywhere:
			h.places = grants[i].Namespaces // those of namespace objects
		}
		if a.spread && j.places != nil && !h.everywhere {
			h.places = slices.DeleteFunc(slices.Clone(h.places), func(ns string) bool { return !slices.Contains(j.places, ns) })
			if len(h.places) == 0 {
				continue
			}
		}
		out = append(out, h)
	}
	return out
}

// cannot looks for what somebody may.
func (j *judge) cannot(asks []ask) {
	found := map[rbac.Subject][]hit{}
	everybody := j.everybody()
	for _, a := range asks {
		bySubject := map[rbac.Subject][]hit{}
		for _, h := range j.granted(a) {
			bySubject[h.grant.Subject] = append(bySubject[h.grant.Subject], h)
		}
		for _, s := range everybody {
			id := j.identity(s)
			if id.User != "" {
				found[s] = append(found[s], bySubject[rbac.User(id.User)]...)
			}
			for _, g := range id.Groups {
				found[s] = append(found[s], bySubject[rbac.Group(g)]...)
			}
		}
	}
	for _, s := range everybody {
		if hits := found[s]; len(hits) > 0 {
			j.report(IDForbidden, fmt.Sprintf("%s may %s", s, describeHits(hits)), why(hits))
		}
	}
}

// nobodyBut looks for others who may.
func (j *judge) nobodyBut(asks []ask) {
	found := map[rbac.Subject][]hit{}
	var others []rbac.Subject
	for _, a := range asks {
		for _, h := range j.granted(a) {
			s := h.grant.Subject
			if j.exempt(s) {
				continue
			}
			if found[s] == nil {
				others = append(others, s)
			}
			found[s] = append(found[s], h)
		}
	}
	slices.SortFunc(others, rbac.CompareSubjects)
	for _, s := range others {
		j.report(IDSomebodyElse, fmt.Sprintf("%s may %s", s, describeHits(found[s])), why(found[s]))
	}
}

// exempt reports whether the subject is one of those that may, or a member of such a group.
func (j *judge) exempt(s rbac.Subject) bool {
	if !j.expected.IncludeSystem && j.builtin(s) {
		return true
	}
	id := j.identity(s)
	own := j.groups[s.UserName()]
	return slices.ContainsFunc(j.patterns, func(p pattern) bool {
		groups := id.Groups
		if p.many {
			groups = own // "group:*" does not mean everybody, although everybody is in some group of the API server's
		}
		return p.matches(s) || slices.ContainsFunc(groups, func(g string) bool { return p.matches(rbac.Group(g)) })
	})
}
