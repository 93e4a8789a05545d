package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// proposedMsg brings a wish worked out.
type proposedMsg struct {
	number   int
	proposal *change.Proposal
	err      error
	// form is where the wish was typed in; nil when it was not.
	form dialog.Dialog
}

// wish asks for a change of what is under the cursor. What the user has to say is asked in a form.
func (a *App) wish(verb change.Verb) tea.Cmd {
	if a.readOnly() {
		return a.say(readOnlyWords(a.options.Frame.Offline))
	}
	if a.world == nil {
		return a.say("nothing was read yet")
	}
	if verb == change.Undo {
		if a.undo == nil {
			return a.say("nothing to undo")
		}
		return a.propose(change.Wish{Verb: change.Undo, Back: a.undo}, nil)
	}
	wish, ok := a.offered(verb)
	if !ok && verb != change.Add {
		return a.say(fmt.Sprintf("nothing here to %s", wishWord(verb)))
	}
	if !ok {
		wish = change.Wish{Verb: change.Add, Workspace: a.namespace()}
	}
	if wish.Refusal != "" {
		return a.say(wish.Refusal)
	}
	if verb == change.Remove || verb == change.Fix {
		return a.propose(wish, nil)
	}
	return a.show(dialog.NewForm(wish, a.world, a.now()))
}

// offered is the wish of that verb that the row under the cursor offers.
func (a *App) offered(verb change.Verb) (change.Wish, bool) {
	v := a.visit()
	if v.page == nil {
		return change.Wish{}, false
	}
	for _, wishes := range [][]change.Wish{v.glance().wishes, v.page.Wishes} {
		for _, w := range wishes {
			if w.Verb == verb {
				return w, true
			}
		}
	}
	return change.Wish{}, false
}

// propose works a wish out, and shows the preview when that is done. Who leaves that comes back to the form, if there is one.
func (a *App) propose(wish change.Wish, form dialog.Dialog) tea.Cmd {
	a.number++
	a.working = a.number
	waiting := a.show(dialog.Before(dialog.NewWaiting("working it out, and asking the server …"), form))
	number, ctx, changes := a.number, a.ctx, a.options.Changes
	return tea.Batch(waiting, func() tea.Msg {
		proposal, err := changes.Propose(ctx, wish)
		return proposedMsg{number, proposal, err, form}
	})
}

// outcome answers what came of dialogs and of work in the background; false when the message is none of that.
func (a *App) outcome(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case proposedMsg:
		if msg.number != a.working {
			return nil, true
		}
		if msg.err != nil {
			return a.show(dialog.Before(dialog.NewMessage("cannot do that", msg.err), msg.form)), true
		}
		return a.show(dialog.Before(dialog.NewPreview(msg.proposal), msg.form)), true
	case stepMsg:
		return a.stepped(msg), true
	case carriedMsg:
		return a.carried(msg), true
	case dialog.OpenMsg:
		return a.open(msg.Place), true
	case dialog.WishMsg:
		return a.propose(msg.Wish, msg.Form), true
	case dialog.CarryMsg:
		return a.carry(msg.Proposal), true
	case dialog.ExportMsg:
		return a.export(msg), true
	case dialog.SaveMsg:
		return a.save(msg), true
	case dialog.CopyMsg:
		return a.copied(msg.Command), true
	case dialog.BackMsg:
		return a.show(msg.Dialog), true
	case dialog.QuitMsg:
		return tea.Quit, true
	case writtenMsg:
		return a.written(msg), true
	case offersMsg:
		if msg.number == a.completing {
			a.line.offers = msg.offers
		}
	case podsMsg:
		return a.tookPods(msg), true
	default:
		return nil, false
	}
	return nil, true
}

// show opens a dialog, in the place of the one that was open.
func (a *App) show(d dialog.Dialog) tea.Cmd {
	a.dialog = d
	return d.Init()
}

// toDialog gives a message to the dialog.
func (a *App) toDialog(msg tea.Msg) tea.Cmd {
	if click, ok := msg.(tea.MouseClickMsg); ok {
		click.X, click.Y = click.X-a.dialogLeft, click.Y-a.dialogTop
		msg = click
	}
	done, cmd := a.dialog.Update(msg)
	if done {
		a.dialog, a.working = nil, 0 // what it waited for comes too late
	}
	return cmd
}

func (a *App) openPalette() tea.Cmd {
	if a.world == nil {
		return nil
	}
	w := a.world
	return a.show(dialog.NewPalette(func(text string) []screen.Hit { return screen.Search(w, text, 50) }))
}

func wishWord(verb change.Verb) string {
	switch verb {
	case change.SetRole, change.Expire:
		return "change"
	default:
		return string(verb)
	}
}

func readOnlyWords(offline bool) string {
	if offline {
		return "read-only: this is no live cluster"
	}
	return "read-only: started with --read-only"
}
