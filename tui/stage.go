package tui

import (
	"context"
	"reflect"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// Stage plays the browser without a terminal and without waiting: what a terminal would do beside the loop is done before
// the next line is read, in the order in which it was asked for. Pictures, measurements and tests of screens are made on
// it. Nothing moves by itself on a stage: remarks and marks stay, and time is what the clock of the options says.
type Stage struct {
	app   *App
	quit  bool
	queue []tea.Cmd
	// Copied is what was last put on the clipboard.
	Copied string
}

// NewStage returns a browser on a screen of that size, on which everything is read already: the source's Run must end by
// itself, as that of manifests does, or have published all there is when ctx ends.
func NewStage(ctx context.Context, options Options, width, height int) (*Stage, error) {
	s := &Stage{app: New(ctx, options)}
	s.app.still = true
	//nolint:contextcheck // the browser has ctx
	s.Send(tea.WindowSizeMsg{Width: width, Height: height})
	s.run(s.app.fetchSelf()) //nolint:contextcheck // the browser has ctx
	if options.Source == nil {
		return s, nil
	}
	return s, options.Source.Run(ctx, s.Publish)
}

// Publish shows a new state of the source.
func (s *Stage) Publish(m source.Moment) { s.Send(momentMsg{m}) }

// Send gives the browser a message, and does all that comes of it.
func (s *Stage) Send(msg tea.Msg) {
	s.run(s.app.update(msg))
}

// Press presses keys, by the names that Bubble Tea has for them: "enter", "ctrl+s", "a".
func (s *Stage) Press(names ...string) {
	for _, name := range names {
		s.Touch(name)
		s.Settle()
	}
}

// Touch presses a key, and leaves what comes of it for [Stage.Settle]: a frame that is drawn between them is the one that
// a person sees first.
func (s *Stage) Touch(name string) { s.queue = append(s.queue, s.app.update(press(name))) }

// Settle does what was asked for beside the loop, and all that follows from it.
func (s *Stage) Settle() { s.run(nil) }

// Type types a text.
func (s *Stage) Type(text string) {
	for _, r := range text {
		s.Send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// View draws a frame.
func (s *Stage) View() string { return s.app.draw() }

// Quit reports whether the browser was left.
func (s *Stage) Quit() bool { return s.quit }

// run does what a command says, and all that follows from it.
func (s *Stage) run(cmd tea.Cmd) {
	for s.queue = append(s.queue, cmd); len(s.queue) > 0; {
		next := s.queue[0]
		s.queue = s.queue[1:]
		if next == nil {
			continue
		}
		switch msg := next().(type) {
		case nil:
		case tea.BatchMsg:
			s.queue = append(s.queue, msg...)
		case tea.QuitMsg:
			s.quit = true
		default:
			if text, ok := clipboard(msg); ok {
				s.Copied = text
				continue
			}
			s.queue = append(s.queue, s.app.update(msg))
		}
	}
}

// clipboard returns what a message puts on the clipboard. Bubble Tea keeps the type of that message to itself.
func clipboard(msg tea.Msg) (string, bool) {
	v := reflect.ValueOf(msg)
	if v.Kind() != reflect.String || v.Type().Name() != reflect.TypeOf(tea.SetClipboard("")()).Name() {
		return "", false
	}
	return v.String(), true
}

// press returns the message of a key by its name.
func press(name string) tea.KeyPressMsg {
	var k tea.KeyPressMsg
	for modifier, bit := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "alt+": tea.ModAlt, "shift+": tea.ModShift} {
		if rest, ok := strings.CutPrefix(name, modifier); ok && rest != "" {
			k.Mod |= bit
			name = rest
		}
	}
	if code, ok := namedKeys()[name]; ok {
		k.Code = code
		return k
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

func namedKeys() map[string]rune {
	return map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "delete": tea.KeyDelete,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "f1": tea.KeyF1,
	}
}
