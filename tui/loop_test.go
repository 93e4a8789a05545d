package tui

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	corev1 "k8s.io/api/core/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// counted counts what the loop asks of a source and of a list. It is a source of nothing.
type counted struct{ source, list atomic.Int64 }

func (c *counted) reset() {
	c.source.Store(0)
	c.list.Store(0)
}

func (c *counted) Run(context.Context, func(source.Moment)) error { c.source.Add(1); return nil }

func (c *counted) Self(context.Context) (rbac.Identity, error) {
	c.source.Add(1)
	return rbac.Identity{}, nil
}

func (c *counted) Pods(context.Context, string) ([]*corev1.Pod, error) {
	c.source.Add(1)
	return nil, nil
}

func (c *counted) Save(string, *rbac.Snapshot) error { c.source.Add(1); return nil }

// page is a page with a list of so many rows, each look at which is counted.
func (c *counted) page(rows int) *screen.Page {
	return &screen.Page{Place: screen.Place{Kind: screen.Roles}, Title: "Roles", List: &screen.List{
		Columns: []screen.Column{{Name: "Name"}, {Name: "Number", Numeric: true}}, Rows: rows,
		Key: func(row int) string { c.list.Add(1); return strconv.Itoa(row) },
		Cell: func(row, _ int) screen.Cell {
			c.list.Add(1)
			return screen.Cell{Text: strconv.Itoa(row), Number: float64(row)}
		},
		Open: func(row int) screen.Place {
			c.list.Add(1)
			return screen.Place{Kind: screen.Role, Name: strconv.Itoa(row)}
		},
		Jump:    func(int, screen.Kind) screen.Place { c.list.Add(1); return screen.Place{} },
		Command: func(int) string { c.list.Add(1); return "kubectl" },
		Detail:  func(int) *screen.Text { c.list.Add(1); return nil },
		Wishes:  func(int) []change.Wish { c.list.Add(1); return nil },
	}}
}

// The loop that answers messages never reads, and of a list looks at no more than is in sight: what takes longer is done by
// the commands that it returns.
func TestUpdateIsQuick(t *testing.T) {
	t.Parallel()
	const rows, inSight = 20_000, 40
	moment := source.Moment{Snapshot: &rbac.Snapshot{}, Inventory: &inventory.Inventory{}, Complete: true}
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	key := func(name string) func(*App, *counted) tea.Msg {
		return func(*App, *counted) tea.Msg { return press(name) }
	}
	fixed := func(msg tea.Msg) func(*App, *counted) tea.Msg {
		return func(*App, *counted) tea.Msg { return msg }
	}
	messages := map[string]func(*App, *counted) tea.Msg{
		"resize":     fixed(tea.WindowSizeMsg{Width: 80, Height: inSight}),
		"background": fixed(tea.BackgroundColorMsg{}),
		"moment":     fixed(momentMsg{source.Moment{Snapshot: &rbac.Snapshot{}, Inventory: &inventory.Inventory{}}}),
		"world":      fixed(worldMsg{world: world.New(moment, world.Frame{}, now), kinds: []screen.Kind{screen.Roles}}),
		"ended":      fixed(endedMsg{errors.New("gone")}),
		"worked out": fixed(laterMsg{}),
		"unmark":     func(a *App, _ *counted) tea.Msg { return unmarkMsg{a.visit()} },
		"self":       fixed(selfMsg{user: "ann"}),
		"pods":       fixed(podsMsg{namespace: "dev"}),
		"second":     fixed(secondMsg{}),
		"minute":     fixed(minuteMsg{}),
		"toast":      fixed(untoastMsg{}),
		"written":    fixed(writtenMsg{what: "the view", path: "there"}),
		"offers":     fixed(offersMsg{}),
		"export":     fixed(dialog.ExportMsg{Format: "csv", Path: "nowhere"}),
		"save":       fixed(dialog.SaveMsg{Path: "nowhere"}),
		"go":         fixed(dialog.OpenMsg{Place: screen.Place{Kind: screen.Subjects}}),
		"click":      fixed(tea.MouseClickMsg{X: 3, Y: 8, Button: tea.MouseLeft}),
		"click head": fixed(tea.MouseClickMsg{X: 3, Y: 2, Button: tea.MouseLeft}),
		"wheel":      fixed(tea.MouseWheelMsg{Button: tea.MouseWheelDown}),
		"page": func(a *App, c *counted) tea.Msg {
			a.visit().building = 1
			page := c.page(rows)
			return pageMsg{number: 1, visit: a.visit(), page: page, arrangement: arranged(t, a, page), world: a.world, news: true}
		},
		"arrangement": func(a *App, _ *counted) tea.Msg {
			a.visit().arranging = 1
			return arrangedMsg{number: 1, visit: a.visit(), arrangement: arranged(t, a, a.visit().page)}
		},
	}
	for _, name := range []string{
		"enter", "esc", "]", "tab", "3", "up", "down", "pgup", "pgdown", "home", "end", "left", "right", "/", "s", "S", "d", "g", "b", "o", "n", "w", "c", ":",
		"?", "y", "e", "ctrl+s", "a", "x", "r", "t", "f", "u", "q", "!",
	} {
		messages["key "+name] = key(name)
	}
	for name, message := range messages {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := &counted{}
			a := New(t.Context(), Options{Source: c, Clock: clocktesting.NewFakeClock(now)})
			a.update(tea.WindowSizeMsg{Width: 120, Height: inSight})
			a.world = world.New(moment, world.Frame{}, now)
			v := a.visit()
			v.page = c.page(rows)
			v.grid.Show(arranged(t, a, v.page), false)
			a.draw()
			msg := message(a, c)
			c.reset()
			a.update(msg)
			if c.source.Load() > 0 {
				t.Errorf("the source was asked %d times", c.source.Load())
			}
			if most := 4 * inSight * len(v.page.List.Columns); c.list.Load() > int64(most) {
				t.Errorf("the list was asked %d times, want at most %d", c.list.Load(), most)
			}
			c.reset()
			a.draw()
			if most := 4 * inSight * len(v.page.List.Columns); c.list.Load() > int64(most) || c.source.Load() > 0 {
				t.Errorf("for a frame the list was asked %d times, want at most %d, the source %d times", c.list.Load(), most, c.source.Load())
			}
		})
	}
}

// arranged is the list of a page in the order that it has.
func arranged(t *testing.T, a *App, page *screen.Page) *grid.Arrangement {
	t.Helper()
	arrangement, err := grid.Arrange(t.Context(), page.List, a.visit().order(page.List), "", nil)
	if err != nil {
		t.Fatal(err)
	}
	return arrangement
}
