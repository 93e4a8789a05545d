package tui

import (
	"runtime"
	"runtime/debug"
	"testing"
)

// TestReadFast is not parallel: how often memory is collected counts for the whole process.
func TestReadFast(t *testing.T) {
	percent := func() int {
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		return now
	}
	before := percent()
	undo := readFast([]string{"TERM=xterm"})
	if during := percent(); during <= before {
		t.Errorf("memory is collected at %d%%, before at %d%%", during, before)
	}
	undo()
	undo()
	readFast([]string{"GOGC=50"})()
	if after := percent(); after != before {
		t.Errorf("memory is collected at %d%% afterwards, before at %d%%", after, before)
	}
}

// TestLeaveRoom is not parallel, nor are those that it would disturb: how many threads compute counts for the whole process.
func TestLeaveRoom(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	undo := leaveRoom([]string{"TERM=xterm"})
	if during := runtime.GOMAXPROCS(0); during != 2*before {
		t.Errorf("%d threads compute, want %d", during, 2*before)
	}
	undo()
	undo = leaveRoom([]string{"TERM=xterm", "GOMAXPROCS=1"})
	if during := runtime.GOMAXPROCS(0); during != before {
		t.Errorf("%d threads compute, want %d: it was said how many", during, before)
	}
	undo()
	if after := runtime.GOMAXPROCS(0); after != before {
		t.Errorf("%d threads compute afterwards, want %d", after, before)
	}
}
