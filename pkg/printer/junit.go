package printer

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

type (
	junitSuites struct {
		XMLName xml.Name   `xml:"testsuites"`
		Suite   junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// printJUnit prints a test for each object of findings: a failed one when there is an error or a warning, and else one
// that passed, with mere information as its output. What passed are further tests.
func printJUnit(out *bytes.Buffer, r Report) error {
	if r.Findings == nil {
		return missing(JUnit)
	}
	suite := junitSuite{Name: "gatehouse"}
	number := map[string]int{}
	for _, f := range r.Findings() {
		name := cmp.Or(f.Object, f.Message)
		n, there := number[name]
		if !there {
			n = len(suite.Cases)
			number[name] = n
			suite.Cases = append(suite.Cases, junitCase{Class: suite.Name, Name: Escape(name), File: Escape(f.Location.File)})
		}
		suite.Cases[n].add(f)
	}
	if r.Passed != nil {
		for _, name := range r.Passed() {
			if _, there := number[name]; !there {
				suite.Cases = append(suite.Cases, junitCase{Class: suite.Name, Name: Escape(name)})
			}
		}
	}
	suite.Tests = len(suite.Cases)
	for i := range suite.Cases {
		if suite.Cases[i].Failure != nil {
			suite.Failures++
		}
	}

	doc, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return fmt.Errorf("print junit: %w", err)
	}
	out.WriteString(xml.Header)
	out.Write(doc)
	out.WriteString("\n")
	return nil
}

// add puts a finding behind those that the test has. The first failure gives the message.
func (c *junitCase) add(f finding.Finding) {
	lines := []string{f.ID + ": " + f.Message}
	for _, more := range []string{f.Why, f.Location.String()} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	text := EscapeLines(strings.Join(lines, "\n"))
	switch {
	case f.Severity == finding.Info:
		c.Out = strings.TrimPrefix(c.Out+"\n\n"+text, "\n\n")
	case c.Failure == nil:
		c.Failure = &junitFailure{Type: Escape(f.ID), Message: Escape(f.Message), Text: text}
	default:
		c.Failure.Text += "\n\n" + text
	}
}
