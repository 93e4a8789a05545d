package tui

import "charm.land/bubbles/v2/key"

// keyMap is every key of the browser outside of dialogs. The footer and the help are made from it.
type keyMap struct {
	Open, Back, Forward, NextTab, PreviousTab, Tab       key.Binding
	Up, Down, PageUp, PageDown, Top, Bottom, Left, Right key.Binding
	Filter, Sort, Reverse, Detail, Remarks               key.Binding
	Subject, Binding, Role, Namespace                    key.Binding
	Ask, Resource, Palette, Help, Copy, Export, Snapshot key.Binding
	Add, Remove, SetRole, Expiry, Fix, Undo              key.Binding
	Quit, Suspend, Interrupt                             key.Binding
}

func newKeyMap() keyMap {
	bind := func(help, says string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, says))
	}
	return keyMap{
		Open:        bind("enter", "open", "enter"),
		Back:        bind("esc", "back", "esc", "backspace", "[", "alt+left"),
		Forward:     bind("]", "forward", "]", "alt+right"),
		NextTab:     bind("tab", "next tab", "tab"),
		PreviousTab: bind("shift+tab", "previous tab", "shift+tab"),
		Tab:         bind("1-9, 0", "open the tab", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0"),
		Up:          bind("↑/k", "up", "up", "k"),
		Down:        bind("↓/j", "down", "down", "j"),
		PageUp:      bind("pgup", "page up", "pgup", "ctrl+b"),
		PageDown:    bind("pgdn", "page down", "pgdown", "ctrl+f", "space"),
		Top:         bind("home", "first", "home", "<"),
		Bottom:      bind("end", "last", "end", ">", "G"),
		Left:        bind("←/h", "columns left", "left", "h"),
		Right:       bind("→/l", "columns right", "right", "l"),
		Filter:      bind("/", "filter", "/"),
		Sort:        bind("s", "sort by next column", "s", "shift+right"),
		Reverse:     bind("S", "reverse the order", "S", "shift+left"),
		Detail:      bind("d", "more, no or some details", "d"),
		Remarks:     bind("!", "read the remarks", "!"),
		Subject:     bind("g", "go to the subject", "g"),
		Binding:     bind("b", "go to the binding", "b"),
		Role:        bind("o", "go to the role", "o"),
		Namespace:   bind("n", "go to the namespace", "n"),
		Ask:         bind("w", "who can", "w"),
		Resource:    bind("c", "choose the resource", "c"),
		Palette:     bind(":", "go anywhere", ":", "ctrl+p"),
		Help:        bind("?", "help", "?", "f1"),
		Copy:        bind("y", "copy the command", "y"),
		Export:      bind("e", "export", "e"),
		Snapshot:    bind("ctrl+s", "write a snapshot", "ctrl+s"),
		Add:         bind("a", "add a member", "a"),
		Remove:      bind("x", "remove", "x", "delete"),
		SetRole:     bind("r", "change the role", "r"),
		Expiry:      bind("t", "change the expiry", "t"),
		Fix:         bind("f", "fix", "f"),
		Undo:        bind("u", "undo the last change", "u"),
		Quit:        bind("q", "quit", "q"),
		Suspend:     bind("ctrl+z", "suspend", "ctrl+z"),
		Interrupt:   bind("ctrl+c", "quit", "ctrl+c"),
	}
}

// group is keys that belong together, for the help.
type group struct {
	title string
	keys  []key.Binding
}

// groups returns all keys. Those that change something are left out where nothing may be changed.
func (k *keyMap) groups(readOnly bool) []group {
	all := []group{
		{"Move", []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Top, k.Bottom, k.Left, k.Right}},
		{"Open", []key.Binding{k.Open, k.Back, k.Forward, k.NextTab, k.PreviousTab, k.Tab, k.Palette}},
		{"Jump from a row", []key.Binding{k.Subject, k.Binding, k.Role, k.Namespace}},
		{"Find", []key.Binding{k.Ask, k.Resource, k.Filter, k.Sort, k.Reverse, k.Detail, k.Remarks}},
		{"Take along", []key.Binding{k.Copy, k.Export, k.Snapshot}},
	}
	if !readOnly {
		all = append(all, group{"Change", []key.Binding{k.Add, k.Remove, k.SetRole, k.Expiry, k.Fix, k.Undo}})
	}
	return append(all, group{"", []key.Binding{k.Help, k.Quit, k.Suspend, k.Interrupt}})
}
