package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// visitsKept is how many pages one can go back.
const visitsKept = 100

// visit is a page that was opened, with where in it somebody is.
type visit struct {
	place screen.Place
	// of is the world that the page was made of.
	of *world.World
	// title is that of the page, and stays when the page goes.
	title string
	// page is nil until it is built, and again when it is out of date and out of sight.
	page *screen.Page
	// err is why there is no page.
	err  error
	grid grid.Grid
	// filter and sort are what was asked for; what is shown is what the grid says.
	filter string
	sort   *grid.Sort
	// top is the first line of the text that is in sight.
	top int
	// building and arranging are the numbers of what is under way; 0 for nothing. stop ends the arranging.
	building, arranging int
	// news says that what is being built is only a newer state of the page that is shown, stale that it is out of date
	// already, and has to be built once more.
	news, stale bool
	stop        context.CancelFunc
	// line is the line of the text under the cursor, when the page has no list.
	line int
	seen glance
}

type (
	pageMsg struct {
		number int
		visit  *visit
		page   *screen.Page
		// arrangement is of the page's list; nil when it has none.
		arrangement *grid.Arrangement
		err         error
		world       *world.World
		// news says that the world has changed, and not the place.
		news bool
	}
	arrangedMsg struct {
		number      int
		visit       *visit
		arrangement *grid.Arrangement
		err         error
	}
)

func newVisit(p screen.Place) *visit { return &visit{place: p, title: p.Kind.Title()} }

// rest lets go of a page that is out of sight: it would hold all that was known when it was built. Only where one was in
// it is kept.
func (v *visit) rest() {
	v.building, v.arranging, v.stale = 0, 0, false
	if v.page == nil {
		return
	}
	key := v.grid.Key()
	v.page, v.of, v.grid, v.seen = nil, nil, grid.Grid{}, glance{}
	v.grid.Seek(key)
}

// visit is the page that is shown.
func (a *App) visit() *visit { return a.visits[a.at] }

// pending reports whether what is shown is not what was asked for yet.
func (v *visit) pending() bool { return v.arranging != 0 || v.building != 0 && !v.news }

// order is how the visit's list is to be sorted.
func (v *visit) order(list *screen.List) grid.Sort {
	if v.sort != nil {
		return *v.sort
	}
	return grid.Sort{Column: list.Sort, Descending: list.Descending}
}

// build makes the page of a visit in the background. news says that it is only a new state of the same.
func (a *App) build(v *visit, news bool) tea.Cmd {
	if a.world == nil {
		return nil
	}
	if news && v.building != 0 {
		v.stale = true // a page is always finished: on a huge cluster the world may change faster than that
		return nil
	}
	a.number++
	v.building, v.news, v.stale = a.number, news, false
	number, ctx, w, place, sort, filter := a.number, a.ctx, a.world, v.place, v.sort, v.filter
	build := func() tea.Msg {
		msg := pageMsg{number: number, visit: v, news: news, world: w}
		msg.page, msg.err = screen.Build(w, place)
		if msg.err == nil && msg.page.List != nil {
			order := (&visit{sort: sort}).order(msg.page.List)
			msg.arrangement, msg.err = grid.Arrange(ctx, msg.page.List, order, filter, nil)
		}
		return msg
	}
	return tea.Batch(build, a.fetchPods(place))
}

// built takes a page.
func (a *App) built(msg pageMsg) tea.Cmd {
	v := msg.visit
	if msg.number != v.building {
		return nil
	}
	changed := msg.news && v.of != nil && msg.world.Since(v.of)
	if msg.err != nil && msg.news && v.page != nil {
		msg.err = fmt.Errorf("%s is not there any more", v.title)
	}
	v.page, v.err, v.of, v.building = msg.page, msg.err, msg.world, 0
	var cmds []tea.Cmd
	if v.stale && v == a.visit() {
		cmds = append(cmds, a.build(v, true))
	}
	if msg.err == nil {
		v.title = msg.page.Title
		cmds = append(cmds, a.workOut())
	}
	if msg.arrangement != nil {
		v.grid.Show(msg.arrangement, changed)
		cmds = append(cmds, a.unmarkLater(v))
		if msg.arrangement.Filter != v.filter || msg.arrangement.Sort != v.order(v.page.List) {
			cmds = append(cmds, a.arrange(v)) // somebody has typed on meanwhile
		}
	}
	return tea.Batch(append(cmds, a.release())...)
}

// arrange sorts and filters the visit's list in the background.
func (a *App) arrange(v *visit) tea.Cmd {
	if v.page == nil || v.page.List == nil {
		return nil
	}
	if v.stop != nil {
		v.stop()
	}
	a.number++
	ctx, stop := context.WithCancel(a.ctx)
	v.arranging, v.stop = a.number, stop
	number, list, sort, filter, earlier := a.number, v.page.List, v.order(v.page.List), v.filter, v.grid.Shown()
	if earlier != nil && earlier.List != list {
		earlier = nil
	}
	return func() tea.Msg {
		defer stop()
		arrangement, err := grid.Arrange(ctx, list, sort, filter, earlier)
		return arrangedMsg{number: number, visit: v, arrangement: arrangement, err: err}
	}
}

// arranged takes an arrangement, unless the list it is of has been replaced.
func (a *App) arranged(msg arrangedMsg) tea.Cmd {
	v := msg.visit
	if msg.number != v.arranging || v.page == nil || errors.Is(msg.err, context.Canceled) {
		return nil
	}
	if msg.arrangement.List != v.page.List {
		return a.arrange(v)
	}
	v.arranging = 0
	v.grid.Show(msg.arrangement, false)
	return a.release()
}

// open goes to a page, and forgets what was ahead.
func (a *App) open(p screen.Place) tea.Cmd {
	if p.Zero() || p == a.visit().place {
		return nil
	}
	v := newVisit(p)
	a.visits = append(a.visits[:a.at+1], v)
	if len(a.visits) > visitsKept {
		a.visits = slices.Delete(a.visits, 0, 1)
	}
	a.at = len(a.visits) - 1
	return a.build(v, false)
}

// turn opens another tab of the page, in the same visit. What stands above the tabs stays until the tab is built.
func (a *App) turn(p screen.Place) tea.Cmd {
	v, next := a.visit(), newVisit(p)
	next.title = v.title
	next.page = &screen.Page{Place: p, Title: v.page.Title, Facts: v.page.Facts, Tabs: v.page.Tabs}
	a.visits[a.at] = next
	return a.build(next, false)
}

// back and forward move among the pages that were opened. A page may be out of date by then.
func (a *App) back() tea.Cmd {
	if a.at == 0 {
		return nil
	}
	a.at--
	return a.build(a.visit(), false)
}

func (a *App) forward() tea.Cmd {
	if a.at == len(a.visits)-1 {
		return nil
	}
	a.at++
	return a.build(a.visit(), false)
}

// keyBinding is a key of the key map.
type keyBinding = key.Binding

func keyMatches(press tea.KeyPressMsg, bindings ...keyBinding) bool {
	return key.Matches(press, bindings...)
}
