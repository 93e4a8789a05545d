package screen

import (
	"errors"
	"iter"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// whyPage says whether somebody may do something, and proves it, or says what is missing and what would allow it.
func whyPage(w *world.World, a *asked, req question.Request, notes []string) *Page {
	subject, err := whom(w, a.subject)
	if err != nil {
		return unanswered(err.Error())
	}
	id := w.Identity(subject)
	asker := question.Asker{Self: id.User != "" && id.User == w.Frame.User, Reviewed: w.Frame.Namespace}
	id = rbac.NewIdentity(subject, append(id.Groups, a.groups...)...)
	if known, alike := question.Known(w.Index, subject, memberSubjects(w)); !known && !id.Superuser() {
		notes = append(notes, "no binding names "+subject.String()+question.DidYouMean(alike))
	}
	asked := subject.String()
	if a.subject == me {
		asked = me
	}
	e := question.Explain(w.Index, id, req, asker)
	notes = append(notes, partial(w, req.Action.Namespace)...)
	page := &Page{
		Title: "why " + subject.String() + " " + req.One(), Text: &Text{}, Notes: notes,
		Facts:   []Fact{{Name: "subject", Value: subject.String(), Open: Place{Kind: Subject, Subject: subject}}},
		Command: command(w, append([]string{"whocan"}, askedAs(req, asked, a.groups)...)...),
	}
	for _, told := range e.Tell(len(e.Misses)) {
		l := line(told.Text, toneOfLine(e, told.Weight))
		l.Open = objectPlace(told.About)
		page.Text.Lines = append(page.Text.Lines, l)
	}
	if e.Undecided && asker.Self && req.Action.Namespace != asker.Reviewed {
		page.Text.Lines = append(page.Text.Lines, line("  the API server tells you of "+asker.Reviewed+" here; this asks it", Strong), line("    "+page.Command, Plain))
	}
	if !e.Decision.Allowed && !e.Undecided {
		page.Text.Lines = append(page.Text.Lines, line("  it takes the rule", Strong), line("    "+rbac.RuleText(neededRule(req.Action)), Plain))
	}
	return page
}

// memberSubjects are all members of workspaces: policies let people in whom no binding names.
func memberSubjects(w *world.World) iter.Seq[rbac.Subject] {
	return func(yield func(rbac.Subject) bool) {
		for _, m := range w.Members() {
			if !yield(m.Subject) {
				return
			}
		}
	}
}

// neededRule is the least that allows an action.
func neededRule(a rbac.Action) *rbacv1.PolicyRule {
	rule := &rbacv1.PolicyRule{Verbs: []string{a.Verb}}
	if a.IsURL() {
		rule.NonResourceURLs = []string{a.Path}
		return rule
	}
	rule.APIGroups, rule.Resources = []string{a.Group}, []string{a.ResourceName()}
	if a.Name != "" {
		rule.ResourceNames = []string{a.Name}
	}
	return rule
}

// me is who uses the browser.
const me = "me"

// whom reads a subject.
func whom(w *world.World, text string) (rbac.Subject, error) {
	switch {
	case text != me:
		return rbac.ParseSubject(text)
	case w.Frame.User == "":
		return rbac.Subject{}, errors.New("\"me\" is whoever asks a cluster, and here nobody does: name a subject")
	}
	return rbac.User(w.Frame.User), nil
}

func toneOfLine(e *question.Explanation, weight question.Weight) Tone {
	switch weight {
	case question.Headline:
		switch {
		case e.Decision.Allowed:
			return Good
		case e.Undecided:
			return Warn
		}
		return Bad
	case question.Heading, question.Command:
		return Strong
	case question.Remark:
		return Quiet
	default:
		return Plain
	}
}
