package dialog

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

const (
	// mostDiffs is how many objects are shown line by line: nobody reads more. Of a longer plan each step takes one line.
	mostDiffs = 200
	// aroundDiffs is how many unchanged lines are shown around a change.
	aroundDiffs = 3
	// warning begins the remarks that must not be overlooked.
	warning = "warning: "
)

// preview is what a proposal would do.
type preview struct {
	proposal *change.Proposal
	text     reader
	question []paragraph
	keys     previewKeys
}

type previewKeys struct{ Yes, Copy, Leave key.Binding }

// NewPreview shows a proposal, and asks for a yes when it may be carried out. Enter is none: it may have been meant for the
// dialog before, and nobody agrees to what he has not seen.
func NewPreview(p *change.Proposal) Dialog {
	d := &preview{proposal: p, keys: previewKeys{
		Yes:   bind("y", "carry it out", "y", "Y"),
		Copy:  bind("c", "copy the command", "c"),
		Leave: bind("esc", "leave", "esc", "q", "n", "N"),
	}}
	d.keys.Yes.SetEnabled(allowed(p))
	d.keys.Copy.SetEnabled(p.Command != "")
	d.question = []paragraph{{strong, "", "y: carry it out, esc: leave it"}}
	if !allowed(p) {
		d.keys.Leave = bind("esc", "leave", "esc", "q", "n", "N", "enter")
		d.question = []paragraph{{quiet, "", "Nothing was changed."}}
	}
	d.text.write = d.words
	return d
}

// allowed reports whether the proposal may be carried out.
func allowed(p *change.Proposal) bool {
	return !p.Nothing() && len(p.Refused) == 0 && p.DryRun == nil
}

// Init implements [Dialog].
func (d *preview) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (d *preview) Update(msg tea.Msg) (bool, tea.Cmd) {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, d.keys.Yes):
			return true, func() tea.Msg { return CarryMsg{d.proposal} }
		case key.Matches(press, d.keys.Leave):
			return true, nil
		case key.Matches(press, d.keys.Copy):
			return false, func() tea.Msg { return CopyMsg{d.proposal.Command} }
		}
	}
	d.text.answer(msg)
	return false, nil
}

// View implements [Dialog].
func (d *preview) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	return d.text.view("preview", w, h, t, d.question...)
}

// Keys implements [Dialog].
func (d *preview) Keys() []key.Binding {
	return []key.Binding{d.keys.Yes, d.keys.Leave, d.keys.Copy, scrollKey()}
}

// words writes down all that there is to say of the proposal: first what forbids to carry it out, and what it means, and
// then what is written.
func (d *preview) words(t *theme.Theme) prose {
	var p prose
	proposal, changes := d.proposal, d.proposal.Plan.Changes()
	p.addSummary(proposal, len(changes.Steps))
	p.addRefusals(proposal, t)
	p.addMeaning(proposal, t)
	if proposal.Command != "" {
		p.part()
		p.add(quiet, "", "the same in a shell:")
		p.add(plain, "  ", proposal.Command)
	}
	p.addSteps(changes)
	for _, e := range proposal.Effects {
		p.addRights(e)
	}
	return p
}

func (p *prose) addSummary(proposal *change.Proposal, steps int) {
	summary := proposal.Plan.Summary
	switch {
	case summary == "" && steps == 0:
		p.add(strong, "", "nothing to do")
	case steps == 0:
		p.add(strong, "", "nothing to do ("+summary+"): all is as it should be")
	case summary == "":
		p.add(strong, "", count(steps, "change"))
	default:
		p.add(strong, "", summary+": "+count(steps, "change"))
	}
}

// addRefusals says why a proposal can't be carried out.
func (p *prose) addRefusals(proposal *change.Proposal, t *theme.Theme) {
	cross := t.Sign(theme.Cross) + " "
	for _, r := range proposal.Refused {
		p.part()
		where := "in the cluster"
		if r.Namespace != "" {
			where = "in " + r.Namespace
		}
		p.add(bad, cross, "you may not do this: it takes a rule that you lack "+where)
		p.add(plain, "    ", rbac.RuleText(&r.Rule))
		for _, s := range r.Steps {
			p.add(quiet, "    ", "for: "+s.String())
		}
		if r.Reason != "" {
			p.add(quiet, "    ", "the server says: "+r.Reason)
		}
	}
	if proposal.DryRun != nil {
		p.part()
		p.add(bad, cross, "the server refuses it:")
		p.addError(proposal.DryRun)
	}
}

// addMeaning says in a few lines who gains and loses how much, and what there is to know about it.
func (p *prose) addMeaning(proposal *change.Proposal, t *theme.Theme) {
	p.part()
	for _, e := range proposal.Effects {
		p.addEffect(e)
	}
	for _, line := range proposal.Remarks {
		if strings.HasPrefix(line, warning) {
			p.add(warn, t.Sign(theme.Warning)+" ", line)
		} else {
			p.add(plain, "", line)
		}
	}
	for _, line := range proposal.Notes {
		p.add(plain, "", "note: "+line)
	}
	if proposal.Tried && !proposal.Nothing() {
		p.add(good, t.Sign(theme.Tick)+" ", "tried on the server, which takes it")
	}
}

// addSteps says what is written, line by line unless it is very much. What is deleted is only named.
func (p *prose) addSteps(changes plan.Plan) {
	if len(changes.Steps) == 0 {
		return
	}
	p.part()
	if len(changes.Steps) > mostDiffs {
		p.add(warn, "", fmt.Sprintf("more than %d objects: what is in them is not shown", mostDiffs))
		for _, s := range changes.Steps {
			p.addStep(s)
		}
		return
	}
	for _, c := range changes.Preview() {
		p.addStep(c.Step)
		if c.Step.Verb == plan.Delete {
			continue
		}
		for _, l := range c.Near(aroundDiffs) {
			p.add(map[rune]look{'+': added, '-': removed, ' ': quiet}[l.Op], "  "+string(l.Op)+" ", l.Text)
		}
	}
}

func (p *prose) addStep(s plan.Step) {
	words := s.String()
	if s.Why != "" {
		words += " (" + s.Why + ")"
	}
	switch s.Verb {
	case plan.Create:
		p.add(added, "+ ", words)
	case plan.Update:
		p.add(plain, "~ ", words)
	case plan.Delete:
		p.add(removed, "- ", words)
	}
}

// count returns "1 change", "2 changes".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
