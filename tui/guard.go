package tui

import (
	"fmt"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

// panickedMsg tells that a command has panicked.
type panickedMsg struct{ err error }

// guarded returns a command that tells of a panic, its own or that of a command in its batch. Bubble Tea would write the
// stack while the screen is still there, and it would go with the screen.
func guarded(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if reason := recover(); reason != nil {
				msg = panickedMsg{fmt.Errorf("show screen: panic: %v\n%s", reason, debug.Stack())}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i := range batch {
				batch[i] = guarded(batch[i])
			}
		}
		return msg
	}
}

// panicked leaves the browser; [Run] returns the reason when the terminal is as it was.
func (a *App) panicked(msg panickedMsg) tea.Cmd {
	a.failed = msg.err
	return tea.Quit
}
