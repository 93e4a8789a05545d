package kalm

import (
	"encoding/csv"
	"maps"
	"slices"
	"strings"
)

// How many fields a line of each section has, and how many of them count.
const (
	grantFields = 4
	linkFields  = 2
)

// write writes a line of the policy, and reads it as Casbin does: the text may be no line, or several.
func (p *Policy) write(made Line, section string, fields ...string) {
	text := section + ", " + strings.Join(fields, ", ")
	p.text = append(p.text, text)
	pieces := strings.Split(text, "\n")
	for _, piece := range pieces {
		line := made
		if !p.read(piece, &line) {
			continue
		}
		line.Injected = len(pieces) > 1 || line.Section != section || !slices.Equal(line.Fields, fields)
		p.keep(line)
	}
}

// read reads one line of text. It is false for what is passed over: empty lines, comments, and what is no list of values, such
// as text with a quotation mark in it.
func (p *Policy) read(text string, line *Line) bool {
	if text == "" || strings.HasPrefix(text, "#") {
		return false
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.TrimLeadingSpace = '#', true
	fields, err := r.Read()
	if err != nil {
		p.mark(Dropped, *line, "")
		return false
	}
	line.Section, line.Fields = fields[0], fields[1:]
	switch line.Section {
	case "p", "g":
		return true
	case "r", "e", "m":
		// There are such sections, which nobody asks for lines.
		return false
	}
	p.stopped = true
	p.mark(Stops, *line, "")
	return false
}

// keep adds a line to what decides.
func (p *Policy) keep(line Line) {
	if line.Injected {
		p.mark(Injected, line, line.String())
	}
	if line.Section == "p" {
		if len(line.Fields) != grantFields {
			p.broken = true
			p.mark(Denies, line, line.String())
		}
		p.grants = append(p.grants, line)
		return
	}
	if len(line.Fields) < linkFields {
		p.stopped = true
		p.mark(Stops, line, line.String())
		return
	}
	from, to := line.Fields[0], line.Fields[1]
	p.links[from] = append(p.links[from], line)
	p.holders[to] = append(p.holders[to], line)
}

// match reports whether an object is one that a line speaks of: what stands before the first asterisk has to begin it.
// Source: objectMatch of api/rbac/model.go.
func match(object, pattern string) bool {
	before, _, all := strings.Cut(pattern, "*")
	if !all {
		return object == pattern
	}
	return strings.HasPrefix(object, before)
}

// allows reports whether a line of p allows what is asked.
func (l Line) allows(r Request) bool {
	return len(l.Fields) == grantFields && l.Fields[1] == string(r.Action) && match(r.Object(), l.Fields[3]) &&
		(l.Fields[2] == All || l.Fields[2] == r.place())
}

// subject returns whom the line names, or which role; a line without fields names nobody.
func (l Line) subject() string {
	if len(l.Fields) == 0 {
		return ""
	}
	return l.Fields[0]
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
