package tui

import tea "charm.land/bubbletea/v2"

// laterMsg says that what a page left open is worked out.
type laterMsg struct{}

// workOut works out what the page in sight leaves open, one at a time.
func (a *App) workOut() tea.Cmd {
	v := a.visit()
	if a.workingOut || v.page == nil || v.page.Later == nil {
		return nil
	}
	a.workingOut = true
	later := v.page.Later
	return func() tea.Msg {
		later()
		return laterMsg{}
	}
}

// workedOut builds the page in sight anew, so that it shows what it left open. When there is a new state by now, that is
// worked out next.
func (a *App) workedOut() tea.Cmd {
	a.workingOut = false
	if v := a.visit(); v.page != nil && v.page.Later != nil {
		return a.build(v, true)
	}
	return nil
}
