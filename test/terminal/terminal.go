// Package terminal runs a program on a real pseudo-terminal, presses its keys and reads its screen: what the program writes
// goes through a terminal emulator, so that a test sees what a person would.
package terminal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/term"
)

// patience is how long a test waits for a text on the screen.
const patience = 30 * time.Second

// Terminal is a program on a terminal.
type Terminal struct {
	cmd    *exec.Cmd
	file   *os.File
	found  *term.State // the modes of a new terminal
	ended  chan struct{}
	err    error // of the program; set when ended is closed
	mu     sync.Mutex
	screen vt10x.Terminal
	raw    bytes.Buffer
	change chan struct{} // closed and made anew whenever something was written
}

// Start runs a command on a terminal of that size. It is killed when the test ends, if it has not ended by itself.
func Start(t *testing.T, cmd *exec.Cmd, columns, rows int) *Terminal {
	t.Helper()
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)})
	if err != nil {
		t.Fatalf("start %s on a terminal: %v", cmd.Path, err)
	}
	// Reading has to end when the terminal is closed, which it does not while a read blocks in the system.
	if err := syscall.SetNonblock(int(file.Fd()), true); err != nil {
		t.Fatalf("prepare terminal: %v", err)
	}
	x := &Terminal{
		cmd: cmd, file: file, found: fresh(t), ended: make(chan struct{}), change: make(chan struct{}),
		screen: vt10x.New(vt10x.WithSize(columns, rows)),
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		x.read()
	}()
	go func() {
		x.err = cmd.Wait()
		<-read // what it wrote at last belongs to it
		close(x.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-x.ended
		_ = file.Close()
	})
	return x
}

// read takes what the program writes until its end. Linux reports that as an input/output error.
func (x *Terminal) read() {
	buf := make([]byte, 32<<10)
	var coming []byte // what the emulator has not been given yet
	for {
		n, err := x.file.Read(buf)
		if n > 0 {
			x.mu.Lock()
			coming = append(coming, buf[:n]...)
			whole := Whole(coming)
			_, _ = x.screen.Write(coming[:whole]) // the emulator has no errors but half a rune
			coming = append(coming[:0], coming[whole:]...)
			x.raw.Write(buf[:n])
			close(x.change)
			x.change = make(chan struct{})
			x.mu.Unlock()
		}
		if err != nil {
			return
		}
	}
}

// Screen is the text on the screen, line by line, without blanks at the ends of lines.
func (x *Terminal) Screen() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.text()
}

func (x *Terminal) text() string {
	lines := strings.Split(x.screen.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// Raw is every byte that the program has written.
func (x *Terminal) Raw() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.raw.String()
}

// Wait waits until all of the texts are on the screen at once, and returns the screen.
func (x *Terminal) Wait(t *testing.T, texts ...string) string {
	t.Helper()
	return x.Until(t, fmt.Sprintf("%q", texts), func(screen string) bool {
		for _, s := range texts {
			if !strings.Contains(screen, s) {
				return false
			}
		}
		return true
	})
}

// Gone waits until a text is no longer on the screen.
func (x *Terminal) Gone(t *testing.T, text string) string {
	t.Helper()
	return x.Until(t, fmt.Sprintf("no %q", text), func(screen string) bool { return !strings.Contains(screen, text) })
}

// Until waits until the screen is as wanted, which what says in words.
func (x *Terminal) Until(t *testing.T, what string, wanted func(screen string) bool) string {
	t.Helper()
	late := time.After(patience)
	for {
		x.mu.Lock()
		screen, change := x.text(), x.change
		x.mu.Unlock()
		if wanted(screen) {
			return screen
		}
		select {
		case <-change:
		case <-late:
			t.Fatalf("the screen has not %s after %v:\n%s", what, patience, screen)
		case <-x.ended:
			if screen = x.Screen(); !wanted(screen) {
				t.Fatalf("the program has ended (%v), and the screen has not %s:\n%s", x.err, what, screen)
			}
			return screen
		}
	}
}

// Press sends keys: the names of special keys in angle brackets, "<enter>", and anything else as it is typed.
func (x *Terminal) Press(t *testing.T, keys ...string) {
	t.Helper()
	for _, key := range keys {
		code, special := codes()[key]
		if !special {
			code = key
		}
		if _, err := io.WriteString(x.file, code); err != nil {
			t.Fatalf("press %s: %v", key, err)
		}
	}
}

func codes() map[string]string {
	return map[string]string{
		"<enter>": "\r", "<esc>": "\x1b", "<tab>": "\t", "<backspace>": "\x7f", "<space>": " ",
		"<up>": "\x1b[A", "<down>": "\x1b[B", "<right>": "\x1b[C", "<left>": "\x1b[D", "<home>": "\x1b[H", "<end>": "\x1b[F",
		"<pgup>": "\x1b[5~", "<pgdown>": "\x1b[6~", "<shift+tab>": "\x1b[Z",
		"<ctrl+c>": "\x03", "<ctrl+s>": "\x13", "<ctrl+p>": "\x10", "<ctrl+u>": "\x15", "<ctrl+z>": "\x1a",
	}
}

// Click presses and releases the left button of the mouse on a cell, counted from 0.
func (x *Terminal) Click(t *testing.T, column, row int) {
	t.Helper()
	x.Press(t, fmt.Sprintf("\x1b[<0;%d;%dM\x1b[<0;%d;%dm", column+1, row+1, column+1, row+1))
}

// ClickOn clicks on the first cell of a text, which is the first of its kind on the screen.
func (x *Terminal) ClickOn(t *testing.T, text string) {
	t.Helper()
	for row, line := range strings.Split(x.Wait(t, text), "\n") {
		if before, _, found := strings.Cut(line, text); found {
			x.Click(t, utf8.RuneCountInString(before), row)
			return
		}
	}
}

// Wheel turns the wheel of the mouse by a notch, down or up, over a cell counted from 0.
func (x *Terminal) Wheel(t *testing.T, down bool, column, row int) {
	t.Helper()
	button := 64
	if down {
		button = 65
	}
	x.Press(t, fmt.Sprintf("\x1b[<%d;%d;%dM", button, column+1, row+1))
}

// Resize changes the size of the terminal.
func (x *Terminal) Resize(t *testing.T, columns, rows int) {
	t.Helper()
	x.mu.Lock()
	x.screen.Resize(columns, rows)
	_, _ = x.screen.Write([]byte(tabStops(columns)))
	x.mu.Unlock()
	if err := pty.Setsize(x.file, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		t.Fatalf("resize terminal: %v", err)
	}
}

// tabStops sets a tab stop at each eighth column, as terminals have them. The emulator loses them when it grows.
func tabStops(columns int) string {
	var b strings.Builder
	b.WriteString("\x1b7\x1b[3g")
	for column := 8; column < columns; column += 8 {
		fmt.Fprintf(&b, "\x1b[%dG\x1bH", column+1)
	}
	return b.String() + "\x1b8"
}

// Signal sends the program a signal.
func (x *Terminal) Signal(t *testing.T, signal os.Signal) {
	t.Helper()
	if err := x.cmd.Process.Signal(signal); err != nil {
		t.Fatalf("send %s: %v", signal, err)
	}
}

// Close closes the terminal under the program, as somebody does who closes its window. Nothing can be read afterwards.
func (x *Terminal) Close(t *testing.T) {
	t.Helper()
	if err := x.file.Close(); err != nil {
		t.Fatalf("close terminal: %v", err)
	}
}

// Ended waits for the end of the program, and returns its exit code; -1 when a signal ended it.
func (x *Terminal) Ended(t *testing.T) int {
	t.Helper()
	select {
	case <-x.ended:
	case <-time.After(patience):
		t.Fatalf("the program has not ended after %v:\n%s", patience, x.Screen())
	}
	var exit *exec.ExitError
	switch {
	case x.err == nil:
		return 0
	case errors.As(x.err, &exit):
		return exit.ExitCode()
	}
	t.Fatalf("run %s: %v", x.cmd.Path, x.err)
	return 0
}
