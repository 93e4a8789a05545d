package tui

import tea "charm.land/bubbletea/v2"

// heldKeys is how many keys are remembered while a page is being made.
const heldKeys = 64

// hold keeps a key for later when what is shown is not what was asked for yet: who types a filter and at once the key that
// removes means the row that the filter leaves, and not the one that is still under the cursor. Leaving is never held up.
func (a *App) hold(press tea.KeyPressMsg) bool {
	switch {
	case a.world == nil || !a.visit().pending():
		return false
	case keyMatches(press, a.keys.Back, a.keys.Quit):
		a.held = nil
		return false
	}
	if len(a.held) < heldKeys {
		a.held = append(a.held, press)
	}
	return true
}

// release answers the keys that were held, until one of them asks for a page again. What was typed into a line or a dialog
// that one of them has opened needs no page, and must not come after what is typed from now on.
func (a *App) release() tea.Cmd {
	var cmds []tea.Cmd
	for len(a.held) > 0 && (a.line.open() || a.dialog != nil || !a.visit().pending()) {
		press := a.held[0]
		a.held = a.held[1:]
		cmds = append(cmds, a.update(press))
	}
	return tea.Batch(cmds...)
}
