package export

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// apiVersion is the version of the YAML. Fields are added, never renamed or removed, within one.
const apiVersion = "gatehouse.dev/v1alpha1"

// pageView is the YAML of a page.
type pageView struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Title      string     `json:"title"`
	Command    string     `json:"command,omitempty"`
	Facts      []factView `json:"facts,omitempty"`
	Notes      []string   `json:"notes,omitempty"`
	// Columns are the names of the columns in their order, Rows the cells by those names, texts and numbers; neither is there
	// without a list.
	Columns []string          `json:"columns,omitempty"`
	Rows    *[]map[string]any `json:"rows,omitempty"`
	// Text is the lines of the page's text.
	Text []string `json:"text,omitempty"`
}

type factView struct {
	Name  string `json:"name,omitempty"`
	Value string `json:"value"`
}

// object returns what YAML shows.
func object(page *screen.Page, rows []int32) func() any {
	return func() any {
		view := pageView{
			APIVersion: apiVersion, Kind: "Page", Title: page.Title, Command: page.Command, Notes: page.Notes, Text: lines(page.Text),
		}
		for _, f := range page.Facts {
			view.Facts = append(view.Facts, factView{f.Name, f.Value})
		}
		if page.List == nil {
			return view
		}
		view.Columns = names(page.List.Columns)
		table := make([]map[string]any, 0, len(rows))
		for _, row := range rows {
			cells := make(map[string]any, len(view.Columns))
			for column, name := range view.Columns {
				cells[name] = value(page.List.Columns[column], page.List.Cell(int(row), column))
			}
			table = append(table, cells)
		}
		view.Rows = &table
		return view
	}
}

// value is what YAML has for a cell: its number, where the text says that number and nothing else, and else the text.
func value(column screen.Column, cell screen.Cell) any {
	if column.Numeric && cell.Text == strconv.FormatFloat(cell.Number, 'f', -1, 64) {
		return cell.Number
	}
	return cell.Text
}

// names returns the names of columns, each of them another.
func names(columns []screen.Column) []string {
	seen := map[string]bool{"": true}
	var out []string
	for i := range columns {
		name := columns[i].Name
		if seen[name] {
			name = strings.TrimSpace(fmt.Sprintf("%s %d", name, i+1))
		}
		seen[name] = true
		out = append(out, name)
	}
	return out
}

// table returns the page's list as a table, or, when it has none, its text as a table of one column.
func table(page *screen.Page, rows []int32) func() *metav1.Table {
	return func() *metav1.Table {
		if page.List == nil {
			return tableOf([]string{"TEXT"}, lines(page.Text))
		}
		t := tableOf(names(page.List.Columns), nil)
		for _, row := range rows {
			var cells []any
			for column := range page.List.Columns {
				cells = append(cells, page.List.Cell(int(row), column).Text)
			}
			t.Rows = append(t.Rows, metav1.TableRow{Cells: cells})
		}
		return t
	}
}

// tableOf returns a table with these columns, and a row for each text of the first.
func tableOf(columns, texts []string) *metav1.Table {
	t := &metav1.Table{}
	for _, name := range columns {
		t.ColumnDefinitions = append(t.ColumnDefinitions, metav1.TableColumnDefinition{Name: name})
	}
	for _, text := range texts {
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{text}})
	}
	return t
}

// lines are the lines of a text, without tones.
func lines(t *screen.Text) []string {
	if t == nil {
		return nil
	}
	out := make([]string, 0, len(t.Lines))
	for _, line := range t.Lines {
		var b strings.Builder
		for _, span := range line.Spans {
			b.WriteString(span.Text)
		}
		out = append(out, b.String())
	}
	return out
}

// remarks are the facts and the notes of a page, one a line.
func remarks(page *screen.Page) []string {
	var out []string
	for _, f := range page.Facts {
		line := f.Value
		if f.Name != "" {
			line = f.Name + ": " + f.Value
		}
		out = append(out, line)
	}
	return append(out, page.Notes...)
}

// writeMarkdown writes a page as a report: its title, its facts and notes, its list, its text, its command.
func writeMarkdown(out *bytes.Buffer, form printer.Printer, page *screen.Page, rows []int32) error {
	out.WriteString("# " + printer.EscapeMarkdown(page.Title) + "\n")
	for i, line := range remarks(page) {
		if i == 0 {
			out.WriteString("\n")
		}
		out.WriteString("- " + printer.EscapeMarkdown(line) + "\n")
	}
	if page.List != nil {
		out.WriteString("\n")
		if err := form.Print(out, printer.Report{Table: table(page, rows)}); err != nil {
			return err
		}
	}
	writeFenced(out, lines(page.Text))
	if page.Command != "" {
		writeFenced(out, []string{page.Command})
	}
	return nil
}

// writeFenced writes lines that Markdown shows as they are.
func writeFenced(out *bytes.Buffer, lines []string) {
	if len(lines) == 0 {
		return
	}
	fence := "```"
	for strings.Contains(strings.Join(lines, "\n"), fence) {
		fence += "`"
	}
	out.WriteString("\n" + fence + "\n")
	for _, line := range lines {
		out.WriteString(printer.Escape(line) + "\n")
	}
	out.WriteString(fence + "\n")
}
