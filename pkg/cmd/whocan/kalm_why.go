package whocan

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// kalmWhy is why somebody may do something by Kalm's policy, or why not.
type kalmWhy struct {
	world    *kalmWorld
	words    kalmWords
	asked    kalm.Asked
	who      string
	asker    kalm.Asker
	decision kalm.Decision
}

// runKalm asks Kalm's policy about one subject.
func (f *whyFlags) runKalm(ctx context.Context, args []string) error {
	w, err := parseKalm(args[1:])
	if err != nil {
		return err
	}
	if f.groupsFile != "" {
		return cli.UsageError(errors.New("--groups-file can't be used with --kalm: name groups with --group"))
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return cli.UsageError(err)
	}
	y := &kalmWhy{words: w}
	if y.who, y.asker, err = parseAsker(args[0], f.groups); err != nil {
		return err
	}
	f.silent = f.quiet
	ns, err := f.namespace(f.offline(), "")
	if err != nil {
		return err
	}
	if y.world, err = f.loadKalm(ctx); err != nil {
		return err
	}
	f.checkKalm(y.world, ns)
	y.spellOut()
	y.asked = w.ask(ns)
	y.decision = y.world.policy.Decide(y.asker, y.asked.Request)
	allowed := y.decision.Allowed || y.asked.Free && !y.decision.Unknown && !y.decision.Stopped
	if !f.quiet {
		f.tellWords(&w, y.asked)
		report := printer.Report{Object: func() any { return y.view(allowed) }, Text: func() []string { return y.lines(allowed) }}
		if err := p.Print(f.env.Out, report); err != nil {
			return err
		}
	}
	switch {
	case !allowed && !y.world.complete():
		return cli.Silent(cli.ExitPredicateError) // a proof may be in what could not be read
	case !allowed:
		return cli.Silent(cli.ExitNo)
	}
	return f.finishKalm(y.world)
}

// spellOut takes the beginning of a token's name for all of it, when only one token's begins so: that is how they are listed.
func (y *kalmWhy) spellOut() {
	const least = 8
	var names []string
	for _, t := range y.world.world.Tokens {
		if len(y.asker.Token) >= least && strings.HasPrefix(t.Name, y.asker.Token) {
			names = append(names, t.Name)
		}
	}
	if len(names) == 1 {
		y.asker.Token, y.who = names[0], "token:"+names[0]
	}
}

// parseAsker reads who asks. Kalm knows users and groups of its login, and tokens; nothing of Kubernetes.
func parseAsker(text string, groups []string) (string, kalm.Asker, error) {
	if name, ok := strings.CutPrefix(text, "token:"); ok && name != "" {
		if len(groups) > 0 {
			return "", kalm.Asker{}, cli.UsageError(errors.New("a token is in no group: leave --group out"))
		}
		return text, kalm.Asker{Token: name}, nil
	}
	if text == "me" {
		return "", kalm.Asker{}, cli.UsageError(errors.New("\"me\" is not known to Kalm, which knows people by the e-mail address of their login: name yours"))
	}
	s, err := rbac.ParseSubject(text)
	if err != nil {
		return "", kalm.Asker{}, cli.UsageError(err)
	}
	switch s.Kind {
	case rbacv1.UserKind:
		return s.String(), kalm.Asker{User: s.Name, Groups: groups}, nil
	case rbacv1.GroupKind:
		return s.String(), kalm.Asker{Groups: append([]string{s.Name}, groups...)}, nil
	}
	return "", kalm.Asker{}, cli.UsageError(fmt.Errorf("%s: Kalm knows users, groups and tokens (token:NAME), and no service accounts", s))
}

// lines is the answer in prose.
func (y *kalmWhy) lines(allowed bool) []string {
	word, may := "no", "may not"
	switch {
	case allowed:
		word, may = "yes", "may"
	case !y.world.complete():
		word, may = "unknown", "may not, as far as could be read,"
	}
	lines := []string{fmt.Sprintf("%s: %s %s %s", word, y.who, may, y.words.text(y.asked, kalmPlace(y.asked.Wanted.Namespace)))}
	switch {
	case y.decision.Unknown:
		lines = append(lines, "  there is no such token, or it has run out: Kalm's API does not know who asks")
	case y.decision.Stopped:
		lines = append(lines, "  Kalm's API does not run: a line of its policy stops it")
	case y.decision.Broken:
		lines = append(lines, "  Kalm's API says no to everybody: a line of its policy has the wrong number of fields")
	}
	for _, way := range y.decision.Ways {
		via := ""
		if s := kalmSubject(way.Subject); s != y.who {
			via = " (via " + s + ")"
		}
		lines = append(lines, "  "+kalmVia(way)+via)
		for _, line := range way.Path {
			lines = append(lines, "    "+line.String())
		}
	}
	if near := y.near(); len(near) > 0 && len(y.decision.Ways) == 0 && !allowed {
		lines = append(lines, "  nearest")
		for _, n := range near {
			lines = append(lines, "    "+n.Object+" > "+n.Gives, "      "+n.Text)
		}
	}
	if odd := y.odd(); len(odd) > 0 {
		lines = append(lines, "  odd")
		for _, f := range odd {
			lines = append(lines, "    "+f.Object+": "+f.Text)
		}
	}
	if !allowed && len(y.decision.Ways) == 0 && y.asker.User != "" && len(y.asker.Groups) == 0 {
		lines = append(lines, "  "+question.GroupsUnknown)
	}
	return lines
}

// kalmNear is an object that names who asks, and does not allow it.
type kalmNear struct {
	Object string `json:"object"`
	Gives  string `json:"gives"`
	Text   string `json:"text"`
}

// near returns the bindings that name who asks, also in other letters, and what they lack; and the rules of a token.
func (y *kalmWhy) near() []kalmNear {
	var out []kalmNear
	for i := range y.world.world.Bindings {
		b := &y.world.world.Bindings[i]
		if !y.names(b) || b.Role == kalm.Suspended {
			continue
		}
		text := reasonFor(y.flagged(b), b, y.asked.Request)
		out = append(out, kalmNear{Object: b.Ref(), Gives: string(b.Role), Text: text})
	}
	for i := range y.world.world.Tokens {
		if t := &y.world.world.Tokens[i]; t.Name == y.asker.Token {
			for _, rule := range t.Rules {
				out = append(out, kalmNear{Object: t.Ref(), Gives: rule.String(), Text: "allows that, and nothing else"})
			}
		}
	}
	slices.SortFunc(out, func(a, b kalmNear) int { return cmp.Or(cmp.Compare(a.Object, b.Object), cmp.Compare(a.Gives, b.Gives)) })
	return out
}

// names reports whether a binding is for who asks, whatever the case of letters.
func (y *kalmWhy) names(b *kalm.Binding) bool {
	if b.Group {
		return slices.ContainsFunc(y.asker.Groups, func(g string) bool { return strings.EqualFold(g, b.Subject) })
	}
	return y.asker.User != "" && strings.EqualFold(b.Subject, y.asker.User) || y.asker.Token != "" && b.Subject == y.asker.Token
}

// flagged returns what is odd about a binding that keeps it from counting.
func (y *kalmWhy) flagged(b *kalm.Binding) []kalm.Flag {
	return slices.DeleteFunc(slices.Clone(y.decision.Flags), func(f kalm.Flag) bool { return f.Binding != b })
}

func reasonFor(flags []kalm.Flag, b *kalm.Binding, r kalm.Request) string {
	for _, f := range flags {
		switch f.Mark {
		case kalm.Over, kalm.Withheld, kalm.Inert, kalm.Case, kalm.Dropped, kalm.Unknown, kalm.Injected:
			return f.Why()
		case kalm.Denies, kalm.Stops, kalm.Trap, kalm.Leaks, kalm.Alone, kalm.Prefix:
		}
	}
	switch {
	case !b.Role.Gives():
		return "the role " + string(b.Role) + " gives nothing"
	case !slices.Contains(b.Role.Actions(), r.Action):
		return fmt.Sprintf("allows %s, not %s", actions(b.Role), r.Action)
	case b.Role.Cluster():
		return "allows it in the whole cluster" // with another spelling only
	case r.Namespace == "" || r.Namespace == kalm.All:
		return "allows it in " + b.Namespace + ", and this asks for the whole cluster"
	}
	return "allows it, but in " + b.Namespace + " only"
}

func actions(r kalm.Role) string {
	var words []string
	for _, a := range r.Actions() {
		words = append(words, string(a))
	}
	return strings.Join(words, ", ")
}

// odd returns what is odd about the objects behind a yes, and the suspension of who asks.
func (y *kalmWhy) odd() []kalmFlagView {
	var flags []kalm.Flag
	for _, f := range y.decision.Flags {
		onWay := slices.ContainsFunc(y.decision.Ways, func(w kalm.Way) bool { return slices.Contains(y.world.flagsOf(w), f) })
		if onWay || f.Mark == kalm.Leaks || f.Mark == kalm.Denies || f.Mark == kalm.Stops {
			flags = append(flags, f)
		}
	}
	return viewKalmFlags(flags)
}

type kalmWhyView struct {
	kalmHeader
	Subject string   `json:"subject"`
	Groups  []string `json:"groups,omitempty"`
	Allowed bool     `json:"allowed"`
	// Undecided says that something may allow it which could not be read.
	Undecided bool `json:"undecided,omitempty"`
	// UnknownToken says that there is no such token, or that it has run out.
	UnknownToken bool           `json:"unknownToken,omitempty"`
	Ways         []kalmWayView  `json:"ways,omitempty"`
	Nearest      []kalmNear     `json:"nearest,omitempty"`
	Odd          []kalmFlagView `json:"odd,omitempty"`
}

func (y *kalmWhy) view(allowed bool) kalmWhyView {
	v := kalmWhyView{
		kalmHeader: newKalmHeader("KalmWhyAccess", y.world, &y.words, y.asked), Subject: y.who, Groups: y.asker.Groups, Allowed: allowed, Undecided: !allowed && !y.world.complete(),
		UnknownToken: y.decision.Unknown, Odd: y.odd(),
	}
	for _, way := range y.decision.Ways {
		v.Ways = append(v.Ways, viewKalmWay(way))
	}
	if !allowed && len(y.decision.Ways) == 0 {
		v.Nearest = y.near()
	}
	return v
}
