package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/export"
)

// writtenMsg tells that a file was written.
type writtenMsg struct {
	what, path string
	err        error
	// form is where the path was typed in.
	form dialog.Dialog
}

// copyCommand puts the kubectl command that shows the row, or the page, on the clipboard.
func (a *App) copyCommand() tea.Cmd {
	v := a.visit()
	if v.page == nil {
		return nil
	}
	command := v.page.Command
	if list := v.page.List; list != nil && list.Command != nil && v.grid.Row() >= 0 {
		if c := list.Command(v.grid.Row()); c != "" {
			command = c
		}
	}
	if command == "" {
		return a.say("no command shows this")
	}
	return a.copied(command)
}

// copied puts a command on the clipboard, and says so: terminals may not let programs near it. A name can hold what ends a
// paste and types commands of its own, or what makes a command look like another; such a command is not put where somebody
// pastes it.
func (a *App) copied(command string) tea.Cmd {
	if printer.Escape(command) != command {
		return a.say("not copied, since a name in it has characters that can't be seen: " + command)
	}
	return tea.Batch(tea.SetClipboard(command), a.say("copied: "+command))
}

func (a *App) openExport() tea.Cmd {
	v := a.visit()
	if v.page == nil {
		return nil
	}
	return a.show(dialog.NewExport(export.Name(v.page)))
}

func (a *App) openSave() tea.Cmd {
	if a.world == nil {
		return a.say("nothing was read yet")
	}
	return a.show(dialog.NewSave(export.SnapshotName(a.options.Frame.Context, a.now())))
}

func (a *App) openRemarks() tea.Cmd {
	v := a.visit()
	if v.page == nil || len(v.page.Notes) == 0 {
		return a.say("there is nothing to remark here")
	}
	return a.show(dialog.NewRemarks(v.page.Notes))
}

func (a *App) openHelp() tea.Cmd {
	var sections []dialog.Section
	for _, g := range a.keys.groups(a.readOnly()) {
		sections = append(sections, dialog.Section{Title: g.title, Keys: g.keys})
	}
	return a.show(dialog.NewHelp(sections))
}

// export writes the page as it is shown, sorted and filtered, to a file.
func (a *App) export(msg dialog.ExportMsg) tea.Cmd {
	v := a.visit()
	if v.page == nil {
		return nil
	}
	var rows []int32
	if shown := v.grid.Shown(); shown != nil {
		rows = shown.Rows
	}
	page := v.page
	return func() tea.Msg {
		return writtenMsg{"the view", msg.Path, export.Write(msg.Path, msg.Format, page, rows), msg.Form}
	}
}

func (a *App) save(msg dialog.SaveMsg) tea.Cmd {
	from, snapshot := a.options.Source, a.world.Snapshot
	return func() tea.Msg { return writtenMsg{"a snapshot", msg.Path, from.Save(msg.Path, snapshot), msg.Form} }
}

func (a *App) written(msg writtenMsg) tea.Cmd {
	if msg.err != nil {
		return a.show(dialog.Before(dialog.NewMessage("cannot write "+msg.path, msg.err), msg.form))
	}
	return a.say(fmt.Sprintf("wrote %s to %s", msg.what, msg.path))
}
