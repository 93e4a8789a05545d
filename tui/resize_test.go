package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"k8s.io/utils/clock"
)

// TestResized draws all of the screen anew when the last of several sizes has stayed, and not when it is first known.
func TestResized(t *testing.T) {
	t.Parallel()
	a := New(t.Context(), Options{Clock: clock.RealClock{}})
	if cmd := a.update(tea.WindowSizeMsg{Width: 100, Height: 30}); cmd != nil {
		t.Error("the first size is no change")
	}
	for _, width := range []int{99, 100, 120} {
		if cmd := a.update(tea.WindowSizeMsg{Width: width, Height: 30}); cmd == nil {
			t.Fatalf("nothing follows the change to %d columns", width)
		}
	}
	if cmd := a.update(resizedMsg{100, 30}); cmd != nil {
		t.Error("drawn anew for a size that has not stayed")
	}
	cmd := a.update(resizedMsg{120, 30})
	if cmd == nil || cmd() != tea.ClearScreen() {
		t.Error("not drawn anew")
	}
}
