package dialog

import "charm.land/bubbles/v2/key"

// bind names keys, with what the footer calls them and says of them.
func bind(help, says string, keys ...string) key.Binding {
	return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, says))
}

// moveKeys scroll a text.
type moveKeys struct{ Up, Down, PageUp, PageDown, Top, Bottom key.Binding }

func newMoveKeys() moveKeys {
	return moveKeys{
		Up:       bind("↑/k", "up", "up", "k"),
		Down:     bind("↓/j", "down", "down", "j"),
		PageUp:   bind("pgup", "page up", "pgup", "ctrl+b"),
		PageDown: bind("pgdn", "page down", "pgdown", "ctrl+f", "space"),
		Top:      bind("home", "begin", "home", "<"),
		Bottom:   bind("end", "end", "end", ">", "G"),
	}
}

// scrollKey stands for all of [moveKeys] in the footer.
func scrollKey() key.Binding { return bind("↑↓", "scroll", "up", "down") }

// leaveKey leaves what asks for no text.
func leaveKey(says string) key.Binding { return bind("esc", says, "esc", "q") }

// closeKey closes what has nothing to ask.
func closeKey() key.Binding { return bind("enter", "close", "enter", "esc", "q") }
