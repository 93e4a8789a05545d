package tui

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// framesPerSecond is how often the screen is drawn at most, when something has changed: the wait for the next frame is the
// larger part of the time that a key takes.
const framesPerSecond = 120

// Run shows the browser on a terminal until the user leaves it or ctx ends. The terminal is put back as it was whatever
// happens, a panic included. A change that is under way then is carried out to its end first. environ is the environment of
// the process, which says what the terminal can. An error is also what could not be read, or not be changed, at last.
func Run(ctx context.Context, options Options, in io.Reader, out io.Writer, environ []string) error {
	inner, stop := context.WithCancel(ctx)
	defer stop()
	defer leaveRoom(environ)()
	app := New(inner, options)
	readSlow := readFast(environ)
	defer readSlow()
	app.feed.loaded = readSlow
	program := tea.NewProgram(app, tea.WithContext(inner), tea.WithInput(in), tea.WithOutput(out), tea.WithEnvironment(environ), tea.WithFPS(framesPerSecond),
		// Signals end ctx already, and a handler that hears of one too may wait for a loop that has ended.
		tea.WithoutSignalHandler())
	_, shown := program.Run()
	if e := app.errand; e != nil {
		if err := e.finish(ctx, options.tell); err != nil {
			return err
		}
	}
	switch {
	case shown != nil && ctx.Err() == nil:
		return fmt.Errorf("show screen: %w", shown)
	case app.failed != nil:
		return app.failed
	}
	return ctx.Err()
}

// readFast has memory collected less often until everything was read, and returns what ends that: next to nothing of what is
// read becomes garbage. Who has said how often knows better.
func readFast(environ []string) (undo func()) {
	const percent = 300
	if set(environ, "GOGC") {
		return func() {}
	}
	before := debug.SetGCPercent(percent)
	return func() { debug.SetGCPercent(before) }
}

// set reports whether an environment has a variable.
func set(environ []string, name string) bool {
	return slices.ContainsFunc(environ, func(e string) bool { return strings.HasPrefix(e, name+"=") })
}

// leaveRoom lets the loop run beside what is worked out in the background, and returns what undoes that. A key passes
// through several goroutines before it is on the screen; in a program that computes on all of its threads each of them
// waits its turn, up to 10 ms. The kernel is quicker to let a thread run that has just got something to do, so there are
// more of them than processors. Who has said how many there are to be knows better.
func leaveRoom(environ []string) (undo func()) {
	if set(environ, "GOMAXPROCS") {
		return func() {}
	}
	before := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(2 * before)
	return func() { runtime.GOMAXPROCS(before) }
}

func (o *Options) tell(line string) {
	if o.Tell != nil {
		o.Tell(line)
	}
}
