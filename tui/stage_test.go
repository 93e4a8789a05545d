package tui_test

import (
	"context"
	"strings"
	"testing"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// now is when all tests of screens take place.
func now() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) }

// manifests is a source of manifests.
type manifests struct{ paths []string }

func (m manifests) Run(ctx context.Context, publish func(source.Moment)) error {
	moment, err := source.FileMoment(ctx, m.paths, source.FilesOptions{}, world.Want())
	if err == nil {
		publish(moment)
	}
	return err
}

func (manifests) Self(context.Context) (rbac.Identity, error) { return rbac.Identity{}, nil }

func (manifests) Pods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

func (manifests) Save(string, *rbac.Snapshot) error { return nil }

// acme is the browser on examples/acme.
func acme(t *testing.T) *tui.Stage {
	t.Helper()
	return staged(t, acmeMoment(t), 120, 40, nil)
}

// acmeMoment is what is known of examples/acme.
func acmeMoment(t *testing.T) source.Moment { return read(t, "../examples/acme") }

// teamsMoment is what is known of the namespaces and teams of examples/acme, without its clusters: to judge their
// authentication takes longer than all the rest.
func teamsMoment(t *testing.T) source.Moment {
	t.Helper()
	const acme = "../examples/acme/"
	return read(t, acme+"namespaces.yaml", acme+"cluster", acme+"crds", acme+"kubeflow", acme+"native", acme+"ci", acme+"kaiwo", acme+"kalm", acme+"platform")
}

// read is what is known of manifests.
func read(t *testing.T, paths ...string) source.Moment {
	t.Helper()
	m, err := source.FileMoment(t.Context(), paths, source.FilesOptions{}, world.Want())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// told is a source that has told all there is.
type told struct {
	manifests

	moment source.Moment
}

func (s told) Run(_ context.Context, publish func(source.Moment)) error {
	publish(s.moment)
	return nil
}

// staged is the browser on a moment, offline unless the options are altered.
func staged(t *testing.T, m source.Moment, width, height int, alter func(*tui.Options)) *tui.Stage {
	t.Helper()
	options := tui.Options{
		Source: told{moment: m},
		Frame:  world.Frame{Context: "examples/acme", Offline: true, ReadOnly: true, From: []string{"examples/acme"}},
		Clock:  clocktesting.NewFakeClock(now()), Colourless: true,
	}
	if alter != nil {
		alter(&options)
	}
	s, err := tui.NewStage(t.Context(), options, width, height)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// frame draws a frame, which has to fit its screen and to hold nothing that steers a terminal but styles.
func frame(t *testing.T, s *tui.Stage, size tea.WindowSizeMsg) string {
	t.Helper()
	view := s.View()
	lines := strings.Split(view, "\n")
	if size.Width > 0 && size.Height > 0 && len(lines) != size.Height {
		t.Errorf("%dx%d has %d lines:\n%s", size.Width, size.Height, len(lines), view)
	}
	for i, line := range lines {
		if got := text.Width(line); got > max(size.Width, 0) {
			t.Errorf("line %d of %dx%d has %d cells: %q", i, size.Width, size.Height, got, line)
		}
		if bad := steering(line); bad != "" {
			t.Errorf("line %d of %dx%d sends %q: %q", i, size.Width, size.Height, bad, line)
		}
	}
	return view
}

// steering returns the first thing in a line that tells a terminal to do something, other than a style, which is a
// sequence of numbers that ends in m.
func steering(line string) string {
	for rest := line; rest != ""; {
		if style, ok := strings.CutPrefix(rest, "\x1b["); ok {
			end := strings.TrimLeft(style, "0123456789;:")
			if !strings.HasPrefix(end, "m") {
				return rest[:min(len(rest), 8)]
			}
			rest = end[1:]
			continue
		}
		for _, r := range rest {
			if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
				return string(r)
			}
			rest = rest[len(string(r)):]
			break
		}
	}
	return ""
}

// plain is a frame as somebody reads it.
func plain(s *tui.Stage) string { return text.Plain(s.View()) }

// sees fails unless all of that is on the screen.
func sees(t *testing.T, s *tui.Stage, want ...string) {
	t.Helper()
	view := plain(s)
	for _, w := range want {
		if !strings.Contains(view, w) {
			t.Fatalf("%q is not on\n%s", w, view)
		}
	}
}

// misses fails when any of that is on the screen.
func misses(t *testing.T, s *tui.Stage, unwanted ...string) {
	t.Helper()
	view := plain(s)
	for _, u := range unwanted {
		if strings.Contains(view, u) {
			t.Fatalf("%q is on\n%s", u, view)
		}
	}
}
