package beside

import "testing"

// TestGo has work done in another goroutine, whose panic must come to who waits for the result.
func TestGo(t *testing.T) {
	t.Parallel()
	if got := Go(func() int { return 3 })(); got != 3 {
		t.Errorf("result %d, want 3", got)
	}
	wait := Go(func() int { panic("broken") })
	defer func() {
		if reason := recover(); reason != "broken" {
			t.Errorf("recovered %v, want the panic of the work", reason)
		}
	}()
	t.Errorf("result %d, want a panic", wait())
}
