package dialog

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// wheelLines is how far one notch of a wheel goes.
const wheelLines = 3

// scroll is which of many lines are in sight. The zero value begins with the first.
type scroll struct{ top, room, lines int }

// answer moves what is in sight, and reports whether the message was meant for that.
func (s *scroll) answer(msg tea.Msg) bool {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		s.top += wheelLines * turned(msg)
	case tea.KeyPressMsg:
		k := newMoveKeys()
		switch {
		case key.Matches(msg, k.Up):
			s.top--
		case key.Matches(msg, k.Down):
			s.top++
		case key.Matches(msg, k.PageUp):
			s.top -= max(s.room-1, 1)
		case key.Matches(msg, k.PageDown):
			s.top += max(s.room-1, 1)
		case key.Matches(msg, k.Top):
			s.top = 0
		case key.Matches(msg, k.Bottom):
			s.top = s.lines
		default:
			return false
		}
	default:
		return false
	}
	s.hold()
	return true
}

// turned is which way a wheel was turned: -1 up, 1 down, 0 neither.
func turned(msg tea.MouseWheelMsg) int {
	if msg.Button == tea.MouseWheelUp {
		return -1
	}
	if msg.Button == tea.MouseWheelDown {
		return 1
	}
	return 0
}

// hold keeps what is in sight within the lines.
func (s *scroll) hold() { s.top = max(min(s.top, s.lines-s.room), 0) }

// cut returns the lines that are in sight where there is room for so many.
func (s *scroll) cut(lines []string, room int) []string {
	s.lines, s.room = len(lines), room
	s.hold()
	return lines[s.top:min(s.top+room, len(lines))]
}

// note says which lines are in sight; empty when all are.
func (s *scroll) note() string {
	if s.lines <= s.room {
		return ""
	}
	return fmt.Sprintf("%d-%d of %d", s.top+1, min(s.top+s.room, s.lines), s.lines)
}
