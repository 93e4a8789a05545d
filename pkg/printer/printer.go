// Package printer shows what a command found, in the form that -o asks for: tables for people, JSON and its relatives
// for programs, trees and graphs for explanations, SARIF and JUnit for continuous integration.
//
// A command fills in a [Report] with the forms that it supports, and registers [Flags] with their names. Everything
// that is printed is escaped: names from a cluster are data and never reach a terminal as control characters.
package printer

import (
	"bytes"
	"fmt"
	"io"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// The formats of -o.
const (
	Table      = "table"
	Wide       = "wide"
	JSON       = "json"
	YAML       = "yaml"
	Name       = "name"
	Text       = "text"
	JSONPath   = "jsonpath"
	GoTemplate = "go-template"
	CSV        = "csv"
	Markdown   = "markdown"
	Tree       = "tree"
	DOT        = "dot"
	Mermaid    = "mermaid"
	SARIF      = "sarif"
	JUnit      = "junit"
)

// Report is what a command has to show. Each form is filled in by commands that support it, and is called only when it
// is asked for.
type Report struct {
	// Object is printed by json, yaml, jsonpath and go-template: a stable, versioned struct with JSON tags.
	Object func() any
	// Table is printed by table, wide, csv and markdown. Columns with a priority above 0 are left out of table only.
	Table func() *metav1.Table
	// Names is printed by name, a line each.
	Names func() []string
	// Text is printed by text, a line each: an explanation in prose, for commands whose answer is no table.
	Text func() []string
	// Tree is printed by tree.
	Tree func() []Node
	// Graph is printed by dot and mermaid.
	Graph func() Graph
	// Findings is printed by sarif and junit.
	Findings func() []finding.Finding
	// Passed names what was judged and found right: junit counts it, other forms ignore it. It may be nil.
	Passed func() []string
}

// Node is a line of a tree and what hangs from it.
type Node struct {
	Text     string
	Children []Node
}

// Graph is nodes and the directed edges between them, in any order: printing sorts them.
type Graph struct {
	Nodes []GraphNode
	Edges []GraphEdge
}

// GraphNode is a node of a graph.
type GraphNode struct {
	// ID is what edges refer to; it may hold any text.
	ID string
	// Label is shown; empty means the ID.
	Label string
	// Kind is a word for style sheets, such as "role"; it may be empty.
	Kind string
}

// GraphEdge goes from one node's ID to another's. An end that is no node's ID becomes a node of its own.
type GraphEdge struct {
	From, To string
	// Label may be empty.
	Label string
}

// Printer prints reports in one form.
type Printer interface {
	// Print writes r to w at once. An empty table prints nothing. A template decides by itself whether a line break ends
	// its output, as in kubectl. The error says that r cannot be shown in this form, or that writing failed.
	Print(w io.Writer, r Report) error
}

// form renders a report; it never writes to the outside.
type form func(out *bytes.Buffer, r Report) error

// Print renders the whole report first, so that an error leaves no half of it behind.
func (f form) Print(w io.Writer, r Report) error {
	var out bytes.Buffer
	if err := f(&out, r); err != nil {
		return err
	}
	if out.Len() == 0 {
		return nil
	}
	if _, err := w.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write output: %w", err)
	}
	return nil
}

// missing is the error of a report without what a form needs: the command lists a format that it does not fill in.
func missing(format string) error {
	return fmt.Errorf("print %s: the command has no such output", format)
}
