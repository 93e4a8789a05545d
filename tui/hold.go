package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"
)

// heldKeys is how many keys are remembered while a page is being made.
const heldKeys = 64

// hold keeps a key for later when what is shown is not what was asked for yet: who types a filter and at once the key that
// removes means the row that the filter leaves, and not the one that is still under the cursor, and who types before anything
// was read means what comes. Leaving is never held up.
func (a *App) hold(press tea.KeyPressMsg) bool {
	switch {
	case !a.ahead(), keyMatches(press, a.keys.Suspend), a.world == nil && keyMatches(press, a.keys.Help):
		return false
	case keyMatches(press, a.keys.Back), keyMatches(press, a.keys.Quit) && !a.typedAhead():
		a.held = nil
		return false
	}
	if len(a.held) < heldKeys {
		a.held = append(a.held, press)
	}
	return true
}

// ahead reports whether who presses a key now is ahead of what is shown.
func (a *App) ahead() bool {
	if a.world == nil {
		return a.failed == nil
	}
	v := a.visit()
	return v.page == nil && v.err == nil || v.pending()
}

// typedAhead reports whether one of the keys that are held begins a text: what follows it are letters, and no keys.
func (a *App) typedAhead() bool {
	return slices.ContainsFunc(a.held, func(press tea.KeyPressMsg) bool {
		return keyMatches(press, a.keys.Filter, a.keys.Ask, a.keys.Resource, a.keys.Palette)
	})
}

// release answers the keys that were held, until one of them asks for a page again. What was typed into a line or a dialog
// that one of them has opened needs no page, and must not come after what is typed from now on.
func (a *App) release() tea.Cmd {
	var cmds []tea.Cmd
	for len(a.held) > 0 && (a.line.open() || a.dialog != nil || !a.ahead()) {
		press := a.held[0]
		a.held = a.held[1:]
		cmds = append(cmds, a.update(press))
	}
	return tea.Batch(cmds...)
}
