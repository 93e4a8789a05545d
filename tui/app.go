package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// Options say what is browsed, and how.
type Options struct {
	Source Source
	Frame  world.Frame
	// Changes makes and carries out changes; nil when nothing may be changed.
	Changes *change.Maker
	Clock   clock.WithTicker
	// Start is the first page; zero for the namespaces.
	Start screen.Place
	// Colourless draws without colours, ASCII without other signs, Light for a light background until the terminal says
	// which it has.
	Colourless, ASCII, Light bool
	// NoMouse leaves the mouse to the terminal, which selects text with it.
	NoMouse bool
	// Tell is given what there is to say after the screen is gone; nil for nobody.
	Tell func(string)
}

// App is the browser. It is the one model of Bubble Tea here.
type App struct {
	ctx     context.Context //nolint:containedctx // commands of Bubble Tea take none, and all of them end with it
	options Options
	keys    keyMap
	theme   *theme.Theme

	width, height int
	sized         bool // the terminal has said how large it is

	feed  feed
	world *world.World
	kinds []screen.Kind // of the lists of everything, those that the world has something for
	// visits are the pages that were opened; at is the one that is shown. Those after it are for going forward.
	visits []*visit
	at     int

	dialog dialog.Dialog
	line   line // the filter or the prompt, while it is typed in
	toast  toast
	// number counts what was asked for in the background, so that what comes too late is known.
	number int
	undo   *plan.Plan
	errand *errand // the change that is being carried out
	failed error   // nothing could be read at all

	// working and completing are the numbers of the proposal and the completion under way.
	working, completing int
	workingOut          bool // what a page leaves open is being worked out
	detail              detail
	pods                world.Pods
	asked               map[string]bool // namespaces whose pods were asked for
	ticking             bool            // a second is being waited for
	still               bool            // on a [Stage], where nothing comes by itself

	held []tea.KeyPressMsg // keys that wait for the page

	// Where things were drawn last, for the mouse; and where the cursor of the terminal belongs.
	bodyTop, gridTop, gridHeight, firstTab int
	dialogLeft, dialogTop                  int
	cursor                                 *tea.Cursor
}

// New returns the browser. Everything that it starts ends with ctx.
func New(ctx context.Context, options Options) *App {
	if options.Start.Zero() {
		options.Start = screen.Place{Kind: screen.Namespaces}
	}
	a := &App{ctx: ctx, options: options, keys: newKeyMap(), asked: map[string]bool{}, width: 80, height: 24}
	a.dress(!options.Light)
	a.feed = newFeed(ctx, options.Source)
	a.visits = []*visit{newVisit(options.Start)}
	return a
}

// dress chooses the theme for a background.
func (a *App) dress(dark bool) {
	if a.options.Colourless {
		a.theme = theme.Colourless()
	} else {
		a.theme = theme.New(dark)
	}
	a.theme.ASCII = a.options.ASCII
}

// Init implements [tea.Model].
func (a *App) Init() tea.Cmd {
	return guarded(tea.Batch(tea.RequestBackgroundColor, a.feed.start(), a.next(), a.fetchSelf(), a.tickMinute()))
}

// Update implements [tea.Model]. It never waits and never looks at a whole list.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	return a, guarded(a.update(msg))
}

// update answers one message.
func (a *App) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return a.resize(msg.Width, msg.Height)
	case resizedMsg:
		return a.resized(msg)
	case tea.BackgroundColorMsg:
		a.dress(msg.IsDark())
		return nil
	case momentMsg:
		return a.heard(msg)
	case worldMsg:
		return a.enter(msg)
	case endedMsg:
		a.failed = msg.err
		return nil
	case panickedMsg:
		return a.panicked(msg)
	case pageMsg:
		return a.built(msg)
	case laterMsg:
		return a.workedOut()
	case arrangedMsg:
		return a.arranged(msg)
	case unmarkMsg:
		return a.unmark(msg)
	case selfMsg:
		return a.tookSelf(msg)
	case secondMsg:
		return a.second()
	case warmMsg:
		return warm(msg.world)
	case restedMsg:
		return a.rested()
	case minuteMsg:
		return a.minute()
	case untoastMsg:
		a.toast.end(msg.number)
		return nil
	}
	if cmd, ok := a.outcome(msg); ok {
		return cmd
	}
	if press, ok := msg.(tea.KeyPressMsg); ok && keyMatches(press, a.keys.Interrupt) {
		return tea.Quit
	}
	if a.dialog != nil {
		return a.toDialog(msg)
	}
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		return a.click(msg)
	case tea.MouseWheelMsg:
		return a.wheel(msg)
	}
	if a.line.open() {
		return a.toLine(msg)
	}
	if press, ok := msg.(tea.KeyPressMsg); ok && !a.hold(press) {
		return a.press(press)
	}
	return nil
}

// now is the time.
func (a *App) now() time.Time { return a.options.Clock.Now() }

// readOnly reports whether nothing may be changed.
func (a *App) readOnly() bool { return a.options.Changes == nil || a.options.Frame.ReadOnly }
