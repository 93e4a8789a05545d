package kalm

import (
	"cmp"
	"slices"
	"strings"
)

// maxDepth is how many links of roles Casbin follows. Source: enforcer.go of casbin: NewRoleManager(10).
const maxDepth = 10

// Asker is who asks: a user with groups, as the login says, or an AccessToken by its name.
type Asker struct {
	User   string
	Groups []string
	Token  string
}

// Way is a way by which something is allowed.
type Way struct {
	// Subject is who is allowed: of an asker, himself or one of his groups.
	Subject Subject
	// Path leads from the subject to the line that allows it: any number of "g", and one "p".
	Path []Line
}

// Binding returns the binding that the way begins with, or nil when it is by rules of a token.
func (w Way) Binding() *Binding { return w.Path[0].Binding }

// Rule returns the token and its rule that the way ends with, or false when it is by a role.
func (w Way) Rule() (*Token, Rule, bool) {
	last := w.Path[len(w.Path)-1]
	if last.Token == nil || last.Rule >= len(last.Token.Rules) {
		return nil, Rule{}, false
	}
	return last.Token, last.Token.Rules[last.Rule], true
}

// Decision is the answer of Kalm's API.
type Decision struct {
	Allowed bool
	// Ways are all ways by which it is allowed, those of the user first. They are there also when a defect of the policy makes
	// the API say no to everybody.
	Ways []Way
	// Unknown says that the asker's token does not exist, or has run out: Kalm's API does not know who asks.
	Unknown bool
	// Flags are what is odd about the objects that the answer rests on, or could have rested on.
	Flags []Flag
	// Broken and Stopped are those of the policy.
	Broken, Stopped bool
}

// Decide returns whether Kalm's API would allow what is asked. It asks for the user first and then for each group, as that does.
func (p *Policy) Decide(who Asker, r Request) Decision {
	d := Decision{Broken: p.broken, Stopped: p.stopped}
	names := []Subject{{Name: who.User}}
	for _, group := range who.Groups {
		names = append(names, Subject{Name: group, Group: true})
	}
	if who.Token != "" {
		names = []Subject{{Name: who.Token, Token: true}}
		t := p.tokens[who.Token]
		d.Unknown = t == nil || t.Expired(p.world.Now)
	}
	for _, subject := range names {
		if subject.Name != "" {
			d.Ways = append(d.Ways, p.ways(subject, r)...)
		}
	}
	d.Allowed = len(d.Ways) > 0 && !d.Unknown && !d.Broken && !d.Stopped
	d.Flags = p.about(names, d.Ways)
	return d
}

// ways returns all ways of a subject to what is asked.
func (p *Policy) ways(s Subject, r Request) []Way {
	name := subjectName(s.Name, s.Group)
	var ways []Way
	for _, line := range p.grants {
		if line.subject() == name && line.allows(r) {
			ways = append(ways, Way{Subject: s, Path: []Line{line}})
		}
	}
	for _, first := range p.links[name] {
		if path := p.path(first, r); path != nil {
			ways = append(ways, Way{Subject: s, Path: path})
		}
	}
	return ways
}

// path returns the shortest way from a first link to a line that allows what is asked, or nil.
func (p *Policy) path(first Line, r Request) []Line {
	type step struct {
		role string
		path []Line
	}
	seen := map[string]bool{}
	for queue := []step{{first.Fields[1], []Line{first}}}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		if seen[here.role] || len(here.path) > maxDepth {
			continue
		}
		seen[here.role] = true
		for _, line := range p.grants {
			if line.subject() == here.role && line.allows(r) {
				return append(here.path, line)
			}
		}
		for _, next := range p.links[here.role] {
			queue = append(queue, step{next.Fields[1], append(slices.Clone(here.path), next)})
		}
	}
	return nil
}

// about returns the flags that concern an answer: those of the ways, those of whatever names the askers, also in other letters,
// and those that spoil all answers.
func (p *Policy) about(names []Subject, ways []Way) []Flag {
	bindings, tokens := map[*Binding]bool{}, map[*Token]bool{}
	for _, way := range ways {
		for _, line := range way.Path {
			bindings[line.Binding], tokens[line.Token] = true, true
		}
	}
	for i := range p.world.Bindings {
		b := &p.world.Bindings[i]
		for _, s := range names {
			if b.Group == s.Group && strings.EqualFold(b.Subject, s.Name) {
				bindings[b] = true
			}
		}
	}
	for _, s := range names {
		if s.Token {
			tokens[p.tokens[s.Name]] = true
		}
	}
	delete(bindings, nil)
	delete(tokens, nil)
	return slices.DeleteFunc(p.Flags(), func(f Flag) bool {
		return f.Mark != Denies && f.Mark != Stops && !bindings[f.Binding] && !tokens[f.Token]
	})
}

// Who returns every way by which anybody may do what is asked, by subject: users first, then groups, then tokens. When the policy
// is [Policy.Broken] or [Policy.Stopped] nobody may, whatever it says.
func (p *Policy) Who(r Request) []Way {
	var ways []Way
	for _, s := range p.Subjects() {
		if t := p.tokens[s.Name]; s.Token && t.Expired(p.world.Now) {
			continue
		}
		ways = append(ways, p.ways(s, r)...)
	}
	return ways
}

// Subjects returns whom the policy names, in order: users, groups, tokens. Whoever only text that broke out of its place names
// is among them.
func (p *Policy) Subjects() []Subject {
	names := map[string]bool{}
	for name := range p.links {
		names[name] = true
	}
	for _, line := range p.grants {
		names[line.subject()] = true
	}
	var subjects []Subject
	for name := range names {
		if rest, ok := strings.CutPrefix(name, "user-"); ok {
			subjects = append(subjects, Subject{Name: rest, Token: p.tokens[rest] != nil})
		}
		if rest, ok := strings.CutPrefix(name, "group-"); ok {
			subjects = append(subjects, Subject{Name: rest, Group: true})
		}
	}
	rank := func(s Subject) int {
		switch {
		case s.Token:
			return 2
		case s.Group:
			return 1
		}
		return 0
	}
	slices.SortFunc(subjects, func(a, b Subject) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Name, b.Name)) })
	return subjects
}
