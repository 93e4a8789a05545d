package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// head is what stands above the page: where and as whom, what is open, its facts and its tabs.
func (a *App) head(w int) []string {
	lines := []string{a.theme.Header.Render(text.Pad(a.frameLine(w), w, false)), a.crumbs(w)}
	v := a.visit()
	if v.page == nil {
		return lines
	}
	if facts := a.facts(w); facts != "" && a.height >= 12 {
		lines = append(lines, facts)
	}
	if row := a.tabRow(w); row != "" {
		lines = append(lines, row)
	}
	return lines
}

// frameLine says which cluster it is, who is asking, and how complete and current the answer is. What matters most comes
// first, so that a narrow screen cuts off the rest.
func (a *App) frameLine(w int) string {
	f := a.options.Frame
	parts := []string{"Gatehouse", a.linkWords()}
	if f.Offline {
		parts[0] = "Gatehouse offline"
	}
	if a.world != nil && len(a.world.Snapshot.Gaps)+len(a.world.Inventory.Gaps) > 0 {
		parts = append(parts, "partial")
	}
	parts = append(parts, text.Fit(f.Context, 40))
	if f.User != "" && f.User != f.Context {
		parts = append(parts, "as "+text.Fit(f.User, 40))
	}
	if f.Namespace != "" && !f.Offline {
		parts = append(parts, "namespace "+text.Fit(f.Namespace, 40))
	}
	if a.readOnly() {
		parts = append(parts, "read-only")
	}
	return text.Cut(" "+strings.Join(parts, "  "), w)
}

// linkWords says how current it is.
func (a *App) linkWords() string {
	l := a.feed.link
	switch l.State {
	case source.Loading:
		return a.loadingWords()
	case source.Watching:
		if !a.feed.complete {
			return a.loadingWords()
		}
		return a.theme.Sign(theme.Live) + " live"
	case source.Polling:
		return a.theme.Sign(theme.Polling) + " polling"
	case source.Lost:
		return fmt.Sprintf("%s connection lost %s ago, trying again", a.theme.Sign(theme.Lost), short(a.now().Sub(l.Since)))
	case source.Still:
		return a.theme.Sign(theme.Still) + " as read"
	}
	return ""
}

// loadingWords says how far the reading is.
func (a *App) loadingWords() string {
	done, count, now := 0, 0, ""
	for _, p := range a.feed.progress {
		count += p.Count
		if p.Done {
			done++
		} else if now == "" {
			now = p.What
		}
	}
	if len(a.feed.progress) == 0 {
		return a.theme.Sign(theme.Ellipsis) + " connecting"
	}
	return fmt.Sprintf("%s reading %s (%d/%d, %d objects)", a.theme.Sign(theme.Ellipsis), now, done, len(a.feed.progress), count)
}

// crumbs is the title of the page, with that of the one before.
func (a *App) crumbs(w int) string {
	v := a.visit()
	line := a.theme.Title.Render(text.Fit(v.title, w))
	if v.filter != "" && !a.line.open() {
		line += a.theme.Crumb.Render("  /" + text.Fit(v.filter, 40))
	}
	if a.at > 0 {
		line += a.theme.Crumb.Render("  " + a.theme.Sign(theme.Back) + " " + text.Fit(a.visits[a.at-1].title, 40))
	}
	where := text.Left(a.position(), w)
	return text.Pad(" "+line, w-text.Width(where), false) + a.theme.Crumb.Render(where)
}

// position says which row or line of how many the cursor is on, and of how many a filter has left them.
func (a *App) position() string {
	v := a.visit()
	switch {
	case v.page != nil && v.page.List == nil && v.page.Text != nil:
		return fmt.Sprintf("  %d/%d ", v.line+1, len(v.page.Text.Lines))
	case v.page == nil || v.page.List == nil || v.grid.Shown() == nil:
		return ""
	}
	at, of := v.grid.Position()
	if all := v.page.List.Rows; of < all {
		return fmt.Sprintf("  %d/%d of %d ", at, of, all)
	}
	return fmt.Sprintf("  %d/%d ", at, of)
}

func (a *App) facts(w int) string {
	var parts []string
	for _, f := range a.visit().page.Facts {
		name := ""
		if f.Name != "" {
			name = a.theme.Tone(screen.Quiet).Render(text.Fit(f.Name, 30) + " ")
		}
		parts = append(parts, name+a.theme.Tone(f.Tone).Render(text.Fit(f.Value, 80)))
	}
	if len(parts) == 0 {
		return ""
	}
	return text.Cut(" "+strings.Join(parts, "  "), w)
}

// tabRow is the tabs in a line; empty when there are none. Where not all fit, it begins so that the open one is in sight.
func (a *App) tabRow(w int) string {
	tabs := a.tabs()
	at := a.tabAt(tabs)
	texts, used := make([]string, len(tabs)), 0
	for i, t := range tabs {
		texts[i] = a.tabText(i, t, i == at)
		if i <= at {
			used += text.Width(texts[i])
		}
	}
	if at < len(tabs)-1 {
		used++ // of what comes after it there is at least the sign that something does
	}
	for a.firstTab = 0; a.firstTab < at && used > w; a.firstTab++ {
		used -= text.Width(texts[a.firstTab])
	}
	return text.Cut(strings.Join(texts[min(a.firstTab, len(texts)):], ""), w)
}

// tabText is one tab as it is drawn, behind the key that opens it: 0 opens the tenth. The open one is in brackets.
func (a *App) tabText(i int, t tab, open bool) string {
	title := fmt.Sprintf("%d %s", (i+1)%10, t.Title)
	if t.Badge != "" {
		title += " " + a.theme.Tone(t.Tone).Render(t.Badge)
	}
	if open {
		return a.theme.TabActive.Render("[" + title + "]")
	}
	return a.theme.TabIdle.Render(" " + title + " ")
}

// short writes a time that has passed in a few letters.
func short(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	default:
		return fmt.Sprintf("%dh", int(d.Hours()))
	}
}
