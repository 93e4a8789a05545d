// Package export writes pages to files, in the forms of the plugins' -o: YAML for programs, CSV for spreadsheets, Markdown
// for reports. Texts are whole there, however narrow the screen was, and escaped as the plugins escape them.
package export

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// Write writes a page to a file that must not be there yet. The rows are those of the page's list that are shown, in their
// order. The formats are yaml, csv and markdown. After an error there is no file. Only the user may read it: it says who has
// access to what.
//
// The page's facts and notes, and a text below a list, are in YAML and Markdown only: CSV is the table and nothing else, as
// what reads it expects.
func Write(path, format string, page *screen.Page, rows []int32) error {
	if path == "" || path == "-" {
		return fmt.Errorf("write file %q: want the name of a file", path)
	}
	var out bytes.Buffer
	if err := render(&out, format, page, rows); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("write %s: it is there already: choose another name", path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, withoutPath(err))
	}
	_, err = file.Write(out.Bytes())
	if err = cmp.Or(err, file.Sync(), file.Close()); err != nil {
		_ = os.Remove(path)
		return fmt.Errorf("write %s: %w", path, withoutPath(err))
	}
	return nil
}

// render draws the whole page first, so that nothing is written when that fails.
func render(out *bytes.Buffer, format string, page *screen.Page, rows []int32) error {
	form, err := printerOf(format)
	if err != nil {
		return err
	}
	if format == printer.Markdown {
		return writeMarkdown(out, form, page, rows)
	}
	return form.Print(out, printer.Report{Object: object(page, rows), Table: table(page, rows)})
}

func printerOf(format string) (printer.Printer, error) {
	flags := printer.NewFlags(printer.YAML, printer.CSV, printer.Markdown)
	flags.Output = format
	return flags.ToPrinter()
}

// withoutPath is the cause of an error of the file system, which names the file once more.
func withoutPath(err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		return of.Err
	}
	return err
}
