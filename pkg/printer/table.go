package printer

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/printers"
)

func tableForm(wide, noHeaders bool) form {
	return func(out *bytes.Buffer, r Report) error {
		if r.Table == nil {
			return missing(Table)
		}
		table := escapedTable(r.Table())
		var aligned bytes.Buffer
		// The tab writer is ours, so that an error of its Flush is seen.
		tabs := printers.GetNewTabWriter(&aligned)
		options := printers.PrintOptions{Wide: wide, NoHeaders: noHeaders}
		if err := printers.NewTablePrinter(options).PrintObj(table, tabs); err != nil {
			return fmt.Errorf("print table: %w", err)
		}
		if err := tabs.Flush(); err != nil {
			return fmt.Errorf("align table: %w", err)
		}
		// An empty last cell leaves the padding of the one before it.
		for line := range strings.Lines(aligned.String()) {
			out.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
		return nil
	}
}

// escapedTable returns a copy of table that is safe to print; printing changes the table that it is given.
func escapedTable(table *metav1.Table) *metav1.Table {
	safe := &metav1.Table{ColumnDefinitions: make([]metav1.TableColumnDefinition, len(table.ColumnDefinitions))}
	copy(safe.ColumnDefinitions, table.ColumnDefinitions)
	for i := range safe.ColumnDefinitions {
		safe.ColumnDefinitions[i].Name = Escape(safe.ColumnDefinitions[i].Name)
	}
	safe.Rows = make([]metav1.TableRow, len(table.Rows))
	for i, row := range table.Rows {
		cells := make([]any, len(safe.ColumnDefinitions))
		for j, text := range texts(row, len(cells)) {
			cells[j] = Escape(text)
		}
		safe.Rows[i].Cells = cells
	}
	return safe
}

// texts returns the cells of a row as text, width of them, whatever the row holds. A cell may be nil.
func texts(row metav1.TableRow, width int) []string {
	out := make([]string, width)
	for i := range min(width, len(row.Cells)) {
		switch cell := row.Cells[i].(type) {
		case nil:
		case string:
			out[i] = cell
		default:
			out[i] = fmt.Sprint(cell)
		}
	}
	return out
}

func header(table *metav1.Table) []string {
	names := make([]string, 0, len(table.ColumnDefinitions))
	for _, column := range table.ColumnDefinitions {
		names = append(names, Escape(strings.ToUpper(column.Name)))
	}
	return names
}

// csvForm prints all columns, wide ones too, and the heading also when there are no rows.
func csvForm(noHeaders bool) form {
	return func(out *bytes.Buffer, r Report) error {
		if r.Table == nil {
			return missing(CSV)
		}
		table := r.Table()
		w := csv.NewWriter(out)
		if !noHeaders {
			if err := w.Write(header(table)); err != nil {
				return fmt.Errorf("print csv: %w", err)
			}
		}
		for _, row := range table.Rows {
			cells := texts(row, len(table.ColumnDefinitions))
			for i, cell := range cells {
				cells[i] = notFormula(Escape(cell))
			}
			if err := w.Write(cells); err != nil {
				return fmt.Errorf("print csv: %w", err)
			}
		}
		w.Flush()
		return w.Error()
	}
}

// notFormula keeps a spreadsheet from computing a cell: names are chosen by whoever made them, and "=HYPERLINK(...)" is
// a valid user name. A lone sign, as in an empty column, is no formula.
func notFormula(cell string) string {
	if len(cell) > 1 && strings.ContainsRune("=+-@", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

// markdownForm prints all columns, wide ones too, as a table of GitHub's Markdown.
func markdownForm(noHeaders bool) form {
	return func(out *bytes.Buffer, r Report) error {
		if r.Table == nil {
			return missing(Markdown)
		}
		table := r.Table()
		if len(table.ColumnDefinitions) == 0 {
			return nil
		}
		names := header(table)
		if noHeaders {
			// A Markdown table has a heading; what can be left out is its text.
			names = make([]string, len(names))
		}
		markdownRow(out, names)
		out.WriteString(strings.Repeat("|---", len(names)) + "|\n")
		for _, row := range table.Rows {
			markdownRow(out, texts(row, len(names)))
		}
		return nil
	}
}

func markdownRow(out *bytes.Buffer, cells []string) {
	for _, cell := range cells {
		out.WriteString("| " + EscapeMarkdown(cell) + " ")
	}
	out.WriteString("|\n")
}

// EscapeMarkdown is [Escape] for text in GitHub's Markdown. Besides what ends a cell of a table, only what could become a
// link, an image, a tag or emphasis is escaped.
func EscapeMarkdown(s string) string {
	s = Escape(s)
	if !strings.ContainsAny(s, "\\|`*[]~&<>") { // as in almost every name
		return s
	}
	return strings.NewReplacer(`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "[", `\[`, "]", `\]`, "~", `\~`,
		"&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}
