package kalm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mark is what is odd about an object, or about what it gives. The words are stable.
type Mark string

// The marks.
const (
	// Injected: text of the object breaks out of its line of the policy, and makes another one.
	Injected Mark = "injected"
	// Dropped: the line cannot be read, because of a quotation mark, and gives nothing.
	Dropped Mark = "dropped"
	// Denies: the line has too few or too many fields; while it is there Kalm's API says no to everybody, whatever they ask.
	Denies Mark = "denies-all"
	// Stops: the line stops Kalm's API, each time that it starts.
	Stops Mark = "stops"
	// Trap: the binding is in the namespace called cluster, where the roles are those of the whole cluster.
	Trap Mark = "cluster-namespace"
	// Inert: the binding's namespace does not carry the label that makes it an application.
	Inert Mark = "inert"
	// Over: the binding or the token has run out.
	Over Mark = "expired"
	// Withheld: another binding suspends exactly this subject.
	Withheld Mark = "suspended"
	// Leaks: the user is suspended; what groups give stays, and so does the way through protected endpoints.
	Leaks Mark = "suspension-leaks"
	// Case: the e-mail address has capital letters: logins compare it in small ones, and the policy as it is written.
	Case Mark = "case"
	// Alone: a rule of a token that edits or manages without one that views the same.
	Alone Mark = "edit-without-view"
	// Prefix: the rule's kind has an asterisk in it: everything counts that begins as it does up to there.
	Prefix Mark = "prefix"
	// Unknown: the role is none that Kalm has, and gives nothing.
	Unknown Mark = "unknown-role"
)

// Flag is something odd about an object: a Binding, or a Token and one of its rules.
type Flag struct {
	Mark    Mark
	Binding *Binding
	Token   *Token
	// Rule is the position of the token's rule.
	Rule int
	// Text is the line of the policy in question, fit for a terminal; empty where there is none.
	Text string
}

// Flags returns all that is odd in the world, by the names of the objects.
func (p *Policy) Flags() []Flag { return slices.Clone(p.flags) }

// Broken reports whether Kalm's API would say no to everybody, and Stopped whether it would not run at all.
func (p *Policy) Broken() bool { return p.broken }

// Stopped reports whether Kalm's API would end as soon as it reads the policy.
func (p *Policy) Stopped() bool { return p.stopped }

// Object returns how the flag's object is called.
func (f Flag) Object() string {
	switch {
	case f.Binding != nil:
		return f.Binding.Ref()
	case f.Token != nil:
		return f.Token.Ref()
	}
	return ""
}

// Ref returns how the binding is called in an answer: "rolebinding.core.kalm.dev/shop/alice".
func (b Binding) Ref() string { return "rolebinding.core.kalm.dev/" + b.Namespace + "/" + b.Name }

// Ref returns how the token is called in an answer: "accesstoken/<name>".
func (t Token) Ref() string { return "accesstoken/" + t.Name }

// Why says in a sentence what the mark means.
func (f Flag) Why() string {
	switch f.Mark {
	case Injected:
		return "text of it breaks out of its line and makes another line of the policy: " + f.Text
	case Dropped:
		return "its line of the policy cannot be read because of a quotation mark: it gives nothing"
	case Denies:
		return fmt.Sprintf("its line of the policy has the wrong number of fields: while it is there Kalm's API says no to everybody (%s)", f.Text)
	case Stops:
		return "its line of the policy is none: Kalm's API ends when it reads it"
	case Trap:
		return "in a namespace called cluster the roles are those of the whole cluster"
	case Inert:
		return fmt.Sprintf("namespace %s has no label %s=%s: nothing that is bound in it counts", plain(f.Binding.Namespace), EnabledLabel, EnabledValue)
	case Over:
		return "it has run out"
	case Withheld:
		return "a binding with the role suspended takes it away"
	case Leaks:
		return "suspension takes away what names the user; what the user's groups are given stays, and protected endpoints let the user through"
	case Case:
		return "logins compare e-mail addresses in small letters and the policy compares them as they are written: nobody who logs in matches it"
	case Alone:
		return "it has a rule that edits or manages, and none that views the same: none of the actions holds another"
	case Prefix:
		return "the kind of a rule has an asterisk: every kind that begins as it does up to there is meant, and the name does not count"
	case Unknown:
		return "Kalm has no such role: it gives nothing"
	}
	return string(f.Mark)
}

// mark notes what is odd about the object behind a line.
func (p *Policy) mark(m Mark, line Line, text string) {
	p.flags = append(p.flags, Flag{Mark: m, Binding: line.Binding, Token: line.Token, Rule: line.Rule, Text: text})
}

// flag notes what is odd about objects, apart from their lines, and puts the flags in order.
func (p *Policy) flag() {
	enabled := map[string]bool{}
	for _, ns := range p.world.Namespaces {
		enabled[ns.Name] = ns.Enabled
	}
	for i := range p.world.Bindings {
		p.flagBinding(&p.world.Bindings[i], enabled)
	}
	for i := range p.world.Tokens {
		p.flagToken(&p.world.Tokens[i])
	}
	slices.SortStableFunc(p.flags, func(a, b Flag) int {
		return cmp.Or(cmp.Compare(a.Object(), b.Object()), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Mark, b.Mark), cmp.Compare(a.Text, b.Text))
	})
	p.flags = slices.CompactFunc(p.flags, func(a, b Flag) bool { return a == b })
}

func (p *Policy) flagBinding(b *Binding, enabled map[string]bool) {
	line := Line{Binding: b}
	switch {
	case !b.Role.Known():
		p.mark(Unknown, line, "")
	case b.Role == Suspended && !b.Group:
		p.mark(Leaks, line, "")
	case b.Role.Gives() && p.suspends(b):
		p.mark(Withheld, line, "")
	case b.Role.Gives() && b.Namespace == TrapNamespace && !b.Role.Cluster():
		p.mark(Trap, line, "")
	case b.Role.Gives() && !b.Role.Cluster() && !enabled[b.Namespace]:
		p.mark(Inert, line, "")
	}
	if b.Expired(p.world.Now) && b.Role != Suspended {
		p.mark(Over, line, "")
	}
	if !b.Group && b.Subject != strings.ToLower(b.Subject) {
		p.mark(Case, line, "")
	}
}

func (p *Policy) suspends(b *Binding) bool {
	return slices.ContainsFunc(p.bindings[subjectName(b.Subject, b.Group)], func(other *Binding) bool { return other.Role == Suspended })
}

func (p *Policy) flagToken(t *Token) {
	if t.Expired(p.world.Now) {
		p.mark(Over, Line{Token: t}, "")
	}
	for i, rule := range t.Rules {
		line := Line{Token: t, Rule: i}
		if strings.Contains(rule.Kind, "*") && (rule.Kind != All || rule.Name != All) {
			p.mark(Prefix, line, "")
		}
		if Action(rule.Verb) == View {
			continue
		}
		views := slices.ContainsFunc(t.Rules, func(other Rule) bool {
			return Action(other.Verb) == View && (other.Namespace == All || other.Namespace == rule.Namespace) &&
				match(rule.Kind+"/"+rule.Name, other.Kind+"/"+other.Name)
		})
		if !views {
			p.mark(Alone, line, "")
		}
	}
}
