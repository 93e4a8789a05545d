// Package document reads the files that people write for Gatehouse: documents of YAML or JSON, strictly. Whatever a file
// holds that nobody reads is an error, so that a slip of the finger is never a setting that silently does nothing.
//
// A [Reader] collects what is wrong instead of stopping at the first mistake, so that one run shows all of it: each
// mistake with its file and line. Its methods take nodes; what a node should be is said by a path or a noun, which
// begins the message. The package is pure: it opens no file.
package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// Reader reads the nodes of one file. It is for one goroutine.
type Reader struct {
	// File is the name of the file, for messages.
	File string
	// Lenient reads some words as an API server does: nothing at all is an empty mapping or list, and a date is a string.
	Lenient bool

	mistakes []error
	merges   int
}

// Documents calls do with each document of a file that holds something. The error is of YAML itself, with the file and,
// where it is known, the line; the documents before it were read.
func (r *Reader) Documents(data []byte, do func(*yaml.Node)) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return r.syntaxError(err)
		}
		if len(doc.Content) > 0 && !IsNull(Target(doc.Content[0])) {
			do(doc.Content[0])
		}
	}
}

// syntaxError puts the line of a YAML error, which is in its words, where those of other errors are.
func (r *Reader) syntaxError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	at := finding.Location{File: r.File}
	if m := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(text); m != nil {
		at.Line, _ = strconv.Atoi(m[1]) // digits
		text = strings.TrimPrefix(text, m[0])
	}
	if strings.Contains(text, "alphabetic or numeric character") {
		text += ` (a word that starts with a star needs quotes: "*")`
	}
	return fmt.Errorf("%s: %s", at, text)
}

// Fail adds a mistake in a line, which counts from 1; 0 means the whole file. The format is that of [fmt.Errorf].
func (r *Reader) Fail(line int, format string, args ...any) {
	r.Add(fmt.Errorf("%s: %w", finding.Location{File: r.File, Line: line}, fmt.Errorf(format, args...)))
}

// Add adds a mistake that names its place itself.
func (r *Reader) Add(err error) { r.mistakes = append(r.mistakes, err) }

// Mistakes counts what is wrong so far. A caller that compares two counts knows whether what was between them is right.
func (r *Reader) Mistakes() int { return len(r.mistakes) }

// Forget takes back all mistakes but the first ones, of which count says how many: one that explains the others follows.
func (r *Reader) Forget(count int) { r.mistakes = r.mistakes[:count] }

// Err joins the mistakes, in the order in which they were found. It is nil when there are none.
func (r *Reader) Err() error { return errors.Join(r.mistakes...) }
