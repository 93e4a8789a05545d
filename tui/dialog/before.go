package dialog

import tea "charm.land/bubbletea/v2"

// before is a dialog in front of another one.
type before struct {
	Dialog

	behind Dialog
}

// Before returns d so that who leaves it without an outcome comes back to the dialog behind it, which is as it was: what was
// typed into a form is there still when its wish was refused, or was not what somebody meant. Behind may be nil; then d is
// returned as it is.
func Before(d, behind Dialog) Dialog {
	if behind == nil {
		return d
	}
	return &before{Dialog: d, behind: behind}
}

// Update implements [Dialog].
func (b *before) Update(msg tea.Msg) (bool, tea.Cmd) {
	done, cmd := b.Dialog.Update(msg)
	if done && cmd == nil {
		return true, func() tea.Msg { return BackMsg{b.behind} }
	}
	return done, cmd
}
