package expect

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// How much of it a message shows; the rest is counted.
const (
	mostRequests = 3
	mostPlaces   = 4
	mostReasons  = 5
)

func (j *judge) report(id, message, why string) {
	if j.expected.Reason != "" {
		why = strings.TrimPrefix(why+"\nexpected because: "+j.expected.Reason, "\n")
	}
	j.findings = append(j.findings, finding.Finding{
		ID: id, Severity: finding.Error, Object: j.expected.Name, Message: message, Why: why, Location: j.expected.Location,
	})
}

// missing tells that somebody may not do what he must, or, where a right to do it may be hidden, that nobody knows.
func (j *judge) missing(message, why string) {
	// Of a namespace as an object the name says in which namespace a RoleBinding can allow it.
	gaps := j.hiding(slices.Concat(j.places, texts(j.expected.Request.Names)))
	if len(gaps) == 0 {
		j.report(IDMissing, message, why)
		return
	}
	j.report(IDUndecided, "cannot be decided: "+message+", for all that could be read", why+"\n"+gapLines(gaps))
	j.findings[len(j.findings)-1].Severity = finding.Warning
}

// unknown tells that a word means nothing that is known, or, where what it means may be hidden, that nobody knows.
func (j *judge) unknown(severity finding.Severity, w Word, message string, gaps []rbac.Gap) {
	j.nothingMeant(severity, w, message)
	if len(gaps) > 0 {
		f := &j.findings[len(j.findings)-1]
		f.ID, f.Severity, f.Why = IDUndecided, finding.Warning, gapLines(gaps)
		f.Message = "cannot be decided: " + message + ", for all that could be read"
	}
}

func (j *judge) nothingMeant(severity finding.Severity, w Word, message string) {
	j.findings = append(j.findings, finding.Finding{
		ID: IDNothingMeant, Severity: severity, Object: j.expected.Name, Message: message,
		Location: finding.Location{File: j.expected.Location.File, Line: w.Line},
	})
}

// undecided notes that the answer rests on what could be read. What somebody may is proven by what is there; that
// nobody else may, or that a pattern matches nobody else, takes all of it.
func (j *judge) undecided() {
	words := slices.Concat(j.expected.Subjects, j.expected.Request.Namespaces)
	patterns := slices.ContainsFunc(words, func(w Word) bool { return strings.Contains(w.Text, "*") })
	gaps := j.partial(j.places)
	if !slices.ContainsFunc(j.expected.Request.Resources, func(w Word) bool { return strings.Contains(w.Text, "*") }) {
		// What else there may be matters to stars; a word that is not known has been told.
		gaps = slices.DeleteFunc(gaps, func(gap rbac.Gap) bool { return subjectOf(gap) == "resources" })
	}
	told := slices.ContainsFunc(j.findings, func(f finding.Finding) bool { return f.ID == IDUndecided })
	if len(gaps) == 0 || told || j.expected.Mode == Can && !patterns || finding.Worst(j.findings) == finding.Error {
		return
	}
	j.findings = append(j.findings, finding.Finding{
		ID: IDUndecided, Severity: finding.Warning, Object: j.expected.Name,
		Message: "cannot be decided: not everything could be read", Why: gapLines(gaps), Location: j.expected.Location,
	})
}

func gapLines(gaps []rbac.Gap) string {
	var lines []string
	for _, gap := range gaps {
		lines = append(lines, "not read: "+gap.What+": "+gap.Cause)
	}
	return strings.Join(lines, "\n")
}

// describeHits says what is asked and where: "get, list secrets in dev, qa; delete pods everywhere".
func describeHits(hits []hit) string {
	type line struct {
		action rbac.Action // without the verb
		where  string
		verbs  []string
	}
	var lines []*line
	for _, h := range hits {
		a, where := h.ask.action, h.where()
		a.Verb, a.Namespace = "", ""
		i := slices.IndexFunc(lines, func(l *line) bool { return l.action == a && l.where == where })
		if i < 0 {
			i = len(lines)
			lines = append(lines, &line{action: a, where: where})
		}
		lines[i].verbs = append(lines[i].verbs, h.ask.action.Verb)
	}
	var parts []string
	for _, l := range lines[:min(len(lines), mostRequests)] {
		l.action.Verb = strings.Join(rbac.SortVerbs(l.verbs), ", ")
		parts = append(parts, l.action.String()+l.where)
	}
	text := strings.Join(parts, "; ")
	if more := len(lines) - mostRequests; more > 0 {
		text += fmt.Sprintf("; and %d more", more)
	}
	return text
}

// where says in words where a request is answered so, with a blank in front.
func (h *hit) where() string {
	names := ""
	if h.grant != nil && len(h.grant.Names) > 0 {
		names = " (only " + short(h.grant.Names) + ")"
	}
	switch {
	case h.everywhere:
		return " everywhere" + names
	case len(h.places) > 0:
		return " in " + short(h.places) + names
	}
	return names
}

func short(names []string) string {
	if more := len(names) - mostPlaces; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:mostPlaces], ", "), more)
	}
	return strings.Join(names, ", ")
}

// why lists the paths through which it is allowed, each once.
func why(hits []hit) string {
	var lines []string
	for _, h := range hits {
		if h.grant.Superuser {
			lines = append(lines, h.grant.Subject.String()+": superuser, not checked against RBAC")
			continue
		}
		for i := range h.grant.Proofs {
			p := &h.grant.Proofs[i]
			if h.relevant(p) {
				lines = append(lines, path(p))
			}
		}
	}
	return limited(lines)
}

// relevant reports whether the proof is for one of the hit's places.
func (h *hit) relevant(p *rbac.Proof) bool {
	return p.Binding.Namespace == "" || len(h.places) == 0 || slices.Contains(h.places, p.Binding.Namespace)
}

// path writes a proof in one line, with where its binding was read.
func path(p *rbac.Proof) string {
	text := p.Subject.String() + ": " + p.Binding.ID().String() + " > " + p.Role.KindName()
	if p.Part != nil {
		text += " < " + p.Part.Name
	}
	if p.Binding.Origin != "" {
		text += " (" + p.Binding.Origin + ")"
	}
	return text
}

// whyNot lists what comes nearest to allowing the first of the refused requests.
func (j *judge) whyNot(id rbac.Identity, refused []hit) string {
	first := refused[0]
	a := first.ask.action
	if len(first.places) > 0 {
		a = first.ask.in(first.places[0])
	}
	var lines []string
	for _, m := range j.index.WhyNot(id, a) {
		text := "nearest: " + m.Binding.ID().String() + " > " + m.Binding.RoleKindName()
		if m.Subject != id.Subject {
			text += " (" + m.Subject.String() + ")"
		}
		lines = append(lines, text+": "+lacks(m))
	}
	if len(lines) == 0 {
		lines = append(lines, "no binding of "+id.Subject.String()+" or of its groups comes near")
	}
	return limited(lines)
}

// lacks says what a near miss has instead.
func lacks(m rbac.NearMiss) string {
	has := make([]string, len(m.Has))
	for i, name := range m.Has {
		has[i] = cmp.Or(name, "core")
	}
	switch m.Reason {
	case rbac.ReasonElsewhere:
		return "allows it in " + short(has) + " only"
	case rbac.ReasonClusterScope:
		return "a RoleBinding (in " + short(has) + "), and this takes a ClusterRoleBinding"
	case rbac.ReasonName:
		return "allows it for the names " + short(has) + " only"
	case rbac.ReasonVerb:
		return "allows the verbs " + short(has)
	case rbac.ReasonGroup:
		return "has the resource of the API group " + short(has)
	case rbac.ReasonSubresource:
		return "has " + short(has)
	case rbac.ReasonRoleMissing:
		return "the role does not exist"
	case rbac.ReasonSubject:
		return "allows it to somebody else, " + short(has)
	}
	return string(m.Reason)
}

func limited(lines []string) string {
	var distinct []string
	for _, l := range lines {
		if !slices.Contains(distinct, l) {
			distinct = append(distinct, l)
		}
	}
	if more := len(distinct) - mostReasons; more > 0 {
		distinct = append(distinct[:mostReasons], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(distinct, "\n")
}
