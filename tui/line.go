package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/field"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// line is the line that is typed in above a list.
type line struct {
	field field.Field
	// prompt stands in front of it.
	prompt string
	use    lineUse
	// offers complete the word under the cursor; the first is the one that tab takes.
	offers []screen.Completion
}

// lineUse is what a line is typed for.
type lineUse uint8

const (
	closed lineUse = iota
	// filtering shows the rows that match.
	filtering
	// asking changes the query of the page: the question of who can, or the resource of a matrix.
	asking
)

func (l *line) open() bool { return l.use != closed }

// offersMsg brings what may stand where the cursor is.
type offersMsg struct {
	number int
	offers []screen.Completion
}

func newLine(use lineUse, prompt, value string) line {
	return line{field: field.New(value), prompt: prompt, use: use}
}

// startFilter opens the filter of the list.
func (a *App) startFilter() tea.Cmd {
	v := a.visit()
	if v.page == nil || v.page.List == nil {
		return a.say("there is no list to filter here")
	}
	a.line = newLine(filtering, "/", v.filter)
	return nil
}

// ask opens the question on its page, where the answer is shown while it is typed. It is about the namespace that is in
// sight, unless it names another.
func (a *App) ask() tea.Cmd {
	var opened tea.Cmd
	if v := a.visit(); v.place.Kind != screen.WhoCan {
		opened = a.open(screen.Place{Kind: screen.WhoCan, Namespace: a.namespace()})
	}
	a.line = newLine(asking, "who can ", a.visit().place.Query)
	return tea.Batch(opened, a.complete())
}

// chooseResource asks which resource the matrix of the page is about.
func (a *App) chooseResource() tea.Cmd {
	v := a.visit()
	if v.place.Kind != screen.Workspace || v.place.Tab != screen.TabAccess {
		return a.say("a resource is chosen on the Access tab of a namespace")
	}
	a.line = newLine(asking, "resource ", v.place.Query)
	return a.complete()
}

// namespace is the one that the page or the row under the cursor is about.
func (a *App) namespace() string {
	v := a.visit()
	switch {
	case v.place.Kind == screen.Workspace:
		return v.place.Name
	case v.page != nil && v.page.List != nil && v.page.List.Jump != nil && v.grid.Row() >= 0:
		if p := v.page.List.Jump(v.grid.Row(), screen.Workspace); !p.Zero() {
			return p.Name
		}
	}
	return v.place.Namespace
}

// toLine gives a message to the line. The list below it can be moved in all the while.
func (a *App) toLine(msg tea.Msg) tea.Cmd {
	press, ok := msg.(tea.KeyPressMsg)
	if !ok {
		return a.typed(msg)
	}
	switch press.String() {
	case "enter":
		a.line.use = closed
		return nil
	case "esc":
		return a.leaveLine()
	case "tab":
		return a.takeOffer()
	case "up", "down", "pgup", "pgdown":
		a.scrolled(press)
		return nil
	}
	return a.typed(msg)
}

// leaveLine closes the line; a filter goes with it.
func (a *App) leaveLine() tea.Cmd {
	was := a.line.use
	a.line.use = closed
	v := a.visit()
	if was == filtering && v.filter != "" {
		v.filter = ""
		return a.arrange(v)
	}
	return nil
}

// typed lets the line take a message, and asks for what follows from it.
func (a *App) typed(msg tea.Msg) tea.Cmd {
	at := a.line.field.Position()
	changed, cmd := a.line.field.Update(msg)
	text := a.line.field.Text()
	switch {
	case a.line.use == asking && !changed && a.line.field.Position() != at:
		return tea.Batch(cmd, a.complete())
	case !changed:
		return cmd
	case a.line.use == asking:
		return tea.Batch(cmd, a.query(text))
	}
	v := a.visit()
	v.filter = text
	return tea.Batch(cmd, a.arrange(v))
}

// query answers another question on the same page.
func (a *App) query(text string) tea.Cmd {
	v := a.visit()
	v.place.Query = text
	return tea.Batch(a.build(v, false), a.complete())
}

// complete asks what may stand where the cursor is.
func (a *App) complete() tea.Cmd {
	a.line.offers = nil
	if a.world == nil {
		return nil
	}
	a.number++
	a.completing = a.number
	number, w, text, at, place := a.number, a.world, a.line.field.Text(), a.line.field.Position(), a.visit().place
	return func() tea.Msg { return offersMsg{number, screen.Complete(w, place, text, at)} }
}

// takeOffer puts the first of the offers in the place of the word under the cursor.
func (a *App) takeOffer() tea.Cmd {
	if len(a.line.offers) == 0 {
		return nil
	}
	offer := a.line.offers[0]
	a.line.field.SetAt(offer.Text, offer.Cursor)
	return a.query(offer.Text)
}
