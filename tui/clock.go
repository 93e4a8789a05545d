package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

type (
	// secondMsg moves on what is counted in seconds on the screen.
	secondMsg struct{}
	// minuteMsg moves on what ends by the clock: the expiry of grants.
	minuteMsg struct{}
	// resizedMsg comes a moment after a change of the terminal's size.
	resizedMsg struct{ width, height int }
)

// after sends a message after a while; never on a stage.
func (a *App) after(d time.Duration, msg tea.Msg) tea.Cmd {
	if a.still {
		return nil
	}
	return tea.Tick(d, func(time.Time) tea.Msg { return msg })
}

// settled is how long a terminal that is being resized must be left alone.
const settled = 150 * time.Millisecond

// resize takes the size of the terminal.
func (a *App) resize(width, height int) tea.Cmd {
	first := !a.sized
	a.width, a.height, a.sized = width, height, true
	if first {
		return nil
	}
	return a.after(settled, resizedMsg{width, height})
}

// resized draws all of the screen anew when the size has stayed as it is: what was on its way to the terminal while that
// changed is not what the terminal made of it.
func (a *App) resized(msg resizedMsg) tea.Cmd {
	if msg.width != a.width || msg.height != a.height {
		return nil
	}
	return tea.ClearScreen
}

// tickSecond asks for a new frame each second for as long as the screen counts them: while the connection is lost.
func (a *App) tickSecond() tea.Cmd {
	if a.ticking || a.feed.link.State != source.Lost {
		return nil
	}
	a.ticking = true
	return a.after(time.Second, secondMsg{})
}

func (a *App) second() tea.Cmd {
	a.ticking = false
	return a.tickSecond()
}

func (a *App) tickMinute() tea.Cmd { return a.after(time.Minute, minuteMsg{}) }

// minute judges by the time that it is now what nobody has changed. Manifests stay as they were when they were read.
func (a *App) minute() tea.Cmd {
	if a.world == nil || a.options.Frame.Offline || a.feed.compiling {
		return a.tickMinute()
	}
	w, now := a.world, a.now()
	a.feed.compiling = true
	return tea.Batch(a.tickMinute(), func() tea.Msg {
		w = w.At(now)
		w.Warm()
		return worldMsg{world: w, kinds: screen.Kinds(w)}
	})
}

// selfMsg tells who is asking.
type selfMsg struct {
	user   string
	groups []string
	err    error
}

// fetchSelf asks the source who is asking. The screens are there before the answer, and without it.
func (a *App) fetchSelf() tea.Cmd {
	ctx, from := a.ctx, a.options.Source
	return func() tea.Msg {
		id, err := from.Self(ctx)
		return selfMsg{id.User, id.Groups, err}
	}
}

func (a *App) tookSelf(msg selfMsg) tea.Cmd {
	if msg.err != nil {
		return a.say("who you are could not be asked: " + msg.err.Error())
	}
	a.options.Frame.User, a.options.Frame.Groups = msg.user, msg.groups
	if a.world == nil {
		return nil
	}
	a.world = a.world.Seen(a.options.Frame)
	return a.build(a.visit(), true)
}
