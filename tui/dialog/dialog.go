// Package dialog is what opens above a page: the palette, help, forms, the preview of a change, its progress and its
// outcome. A dialog answers keys until it is done; what came of it is a message of this package.
package dialog

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// Dialog is one thing above a page. It is a pointer: Update changes it.
type Dialog interface {
	// Init returns what it asks for when it opens; nil for nothing.
	Init() tea.Cmd
	// Update answers a message; the places of clicks count from the upper left corner of what was drawn last. done closes
	// the dialog; cmd brings its outcome, or what it has to wait for.
	Update(msg tea.Msg) (done bool, cmd tea.Cmd)
	// View draws it, title and border included, in at most w cells by h lines. cursor is where the terminal's cursor
	// belongs in it; nil for nowhere.
	View(w, h int, t *theme.Theme) (content string, cursor *tea.Cursor)
	// Keys are what it answers, for the footer.
	Keys() []key.Binding
}

// The outcomes of dialogs. Form is the one in which something was said, to come back to with [Before]; nil when there was none.
type (
	// OpenMsg wants a page.
	OpenMsg struct{ Place screen.Place }
	// WishMsg wants a change, all of it said.
	WishMsg struct {
		Wish change.Wish
		Form Dialog
	}
	// BackMsg wants a dialog again that was left for another one.
	BackMsg struct{ Dialog Dialog }
	// CarryMsg wants a proposal carried out.
	CarryMsg struct{ Proposal *change.Proposal }
	// ExportMsg wants the page written to a file in a format: yaml, csv or markdown.
	ExportMsg struct {
		Format, Path string
		Form         Dialog
	}
	// SaveMsg wants a snapshot file.
	SaveMsg struct {
		Path string
		Form Dialog
	}
	// CopyMsg wants a command of the shell on the clipboard.
	CopyMsg struct{ Command string }
	// QuitMsg wants the browser to end.
	QuitMsg struct{}
)
