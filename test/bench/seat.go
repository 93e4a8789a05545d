package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/hinshun/vt10x"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

const (
	seatColumns, seatRows = 160, 50
	// patience is how long anything on the screen is waited for.
	patience = 2 * time.Minute
)

// seat is the browser on a terminal, with somebody in front of it.
type seat struct {
	began  time.Time
	cmd    *exec.Cmd
	file   *os.File
	stderr bytes.Buffer
	ended  chan struct{} // closed when all was read that the browser wrote
	wrote  chan struct{} // of one place: there is more on the screen

	mu     sync.Mutex // guards the screen
	screen vt10x.Terminal
}

// sit starts a program on a terminal.
func sit(ctx context.Context, env []string, program string, args ...string) (*seat, error) {
	s := &seat{
		cmd: exec.CommandContext(ctx, program, args...), ended: make(chan struct{}), wrote: make(chan struct{}, 1),
		screen: vt10x.New(vt10x.WithSize(seatColumns, seatRows)),
	}
	s.cmd.Env = slices.Concat(env, []string{"TERM=xterm-256color", "LANG=C.UTF-8"})
	s.cmd.Stderr = &s.stderr
	s.began = time.Now()
	var err error
	if s.file, err = pty.StartWithSize(s.cmd, &pty.Winsize{Cols: seatColumns, Rows: seatRows}); err != nil {
		return nil, fmt.Errorf("start %s on a terminal: %w", program, err)
	}
	go s.read()
	return s, nil
}

// read shows what the program writes. Linux reports its end as an error of reading.
func (s *seat) read() {
	defer close(s.ended)
	buffer := make([]byte, 64<<10)
	var coming []byte // what the emulator has not been given yet
	for {
		n, err := s.file.Read(buffer)
		if err != nil {
			return
		}
		s.mu.Lock()
		coming = append(coming, buffer[:n]...)
		whole := terminal.Whole(coming)
		_, _ = s.screen.Write(coming[:whole]) // half a rune is its only error
		coming = append(coming[:0], coming[whole:]...)
		s.mu.Unlock()
		select {
		case s.wrote <- struct{}{}:
		default:
		}
	}
}

// until waits until all of the texts are on the screen, and says how long that took since a time.
func (s *seat) until(since time.Time, texts ...string) (time.Duration, error) {
	for late := time.After(patience); ; {
		s.mu.Lock()
		screen := s.screen.String()
		s.mu.Unlock()
		missing := ""
		for _, text := range texts {
			if !strings.Contains(screen, text) {
				missing = text
			}
		}
		if missing == "" {
			return time.Since(since), nil
		}
		select {
		case <-s.wrote:
		case <-s.ended:
			return 0, fmt.Errorf("the browser has ended before %q:\n%s\n%s", missing, screen, s.stderr.String())
		case <-late:
			return 0, fmt.Errorf("no %q on the screen:\n%s", missing, screen)
		}
	}
}

// press types keys.
func (s *seat) press(keys string) error {
	_, err := io.WriteString(s.file, keys)
	return err
}

// memory is the peak of what the program has had in memory until now, in MiB.
func (s *seat) memory() (float64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib float64
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		return 0, fmt.Errorf("read memory: %w", err)
	}
	return kib / 1024, nil
}

// leave ends the program.
func (s *seat) leave() error {
	defer func() { _ = s.file.Close() }()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-s.ended
	_ = s.cmd.Wait() // that a signal has ended it is its error
	return nil
}

// look goes to a list through the palette.
func (s *seat) look(list string) error {
	if err := s.press(":" + list + "\r"); err != nil {
		return err
	}
	_, err := s.until(time.Now(), "\n "+strings.ToUpper(list[:1])+list[1:]+" ", " 1/")
	return err
}

// rummage moves the cursor down and up until enough, and at least for a while. It returns the milliseconds from each key
// until the cursor had moved.
func (s *seat) rummage(enough func() bool) ([]float64, error) {
	const least = 200
	var times []float64
	for len(times) < least || !enough() {
		for _, move := range [][2]string{{"j", " 2/"}, {"k", " 1/"}} {
			began := time.Now()
			if err := s.press(move[0]); err != nil {
				return nil, err
			}
			took, err := s.until(began, move[1])
			if err != nil {
				return nil, err
			}
			times = append(times, milliseconds(took))
			time.Sleep(20 * time.Millisecond) // somebody who holds a key down
		}
	}
	return times, nil
}
