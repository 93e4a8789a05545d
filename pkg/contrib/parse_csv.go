package contrib

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
)

// columns are those of a file without a first line that names them.
var columns = [...]string{"workspace", "subject", "role", "expires", "http", "name"}

func (p *parser) csv(content []byte) {
	r := csv.NewReader(bytes.NewReader(content))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	r.Comment = '#'
	if first, _, _ := bytes.Cut(content, []byte("\n")); !bytes.Contains(first, []byte(",")) && bytes.Contains(first, []byte(";")) {
		// Spreadsheets write semicolons where the comma is the decimal point.
		r.Comma = ';'
	}
	var order []string
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			line := 1
			if bad, ok := errors.AsType[*csv.ParseError](err); ok {
				line, err = bad.Line, bad.Err
			}
			p.Fail(line, "read CSV: %w", err)
			return
		}
		line, _ := r.FieldPos(0)
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		if order == nil {
			if order = p.order(line, record); order == nil {
				return
			}
			if slices.Equal(order, lower(record)) {
				continue
			}
		}
		if len(record) > len(order) {
			p.Fail(line, "read CSV: %d fields, and there are %d columns", len(record), len(order))
			continue
		}
		p.record(line, order, record)
	}
}

// order returns the names of the columns: those of the first line, if it names them. It is nil when they are wrong.
func (p *parser) order(line int, record []string) []string {
	names := lower(record)
	if !slices.Contains(names, "subject") {
		return columns[:]
	}
	for i, name := range names {
		if !slices.Contains(columns[:], name) {
			p.Fail(line, "read CSV: column %q: want some of %s", record[i], strings.Join(columns[:], ", "))
			return nil
		}
		if slices.Contains(names[:i], name) {
			p.Fail(line, "read CSV: column %q is there twice", name)
			return nil
		}
	}
	return names
}

func lower(record []string) []string {
	out := make([]string, len(record))
	for i, field := range record {
		out[i] = strings.ToLower(field)
	}
	return out
}

func (p *parser) record(line int, order, record []string) {
	var f row
	for i, field := range record {
		*f.field(order[i]) = field
	}
	if f != (row{}) {
		p.add(line, f)
	}
}

// field returns the place of a column.
func (f *row) field(column string) *string {
	switch column {
	case "workspace":
		return &f.workspace
	case "subject":
		return &f.subject
	case "role":
		return &f.role
	case "expires":
		return &f.expires
	case "http":
		return &f.http
	case "name":
		return &f.name
	}
	return nil
}
