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

// printJUnit prints errors and warnings as failed tests; what passed, and mere information, as tests that passed.
func printJUnit(out *bytes.Buffer, r Report) error {
	if r.Findings == nil {
		return missing(JUnit)
	}
	suite := junitSuite{Name: "gatehouse"}
	for _, f := range r.Findings() {
		suite.Cases = append(suite.Cases, testCase(f))
		if f.Severity != finding.Info {
			suite.Failures++
		}
	}
	if r.Passed != nil {
		for _, name := range r.Passed() {
			suite.Cases = append(suite.Cases, junitCase{Class: suite.Name, Name: Escape(name)})
		}
	}
	suite.Tests = len(suite.Cases)

	doc, err := xml.MarshalIndent(junitSuites{Suite: suite}, "", "  ")
	if err != nil {
		return fmt.Errorf("print junit: %w", err)
	}
	out.WriteString(xml.Header)
	out.Write(doc)
	out.WriteString("\n")
	return nil
}

func testCase(f finding.Finding) junitCase {
	c := junitCase{Class: Escape(f.ID), Name: Escape(cmp.Or(f.Object, f.Message)), File: Escape(f.Location.File)}
	lines := []string{f.Message}
	for _, more := range []string{f.Why, f.Location.String()} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	text := EscapeLines(strings.Join(lines, "\n"))
	if f.Severity == finding.Info {
		c.Out = text
		return c
	}
	c.Failure = &junitFailure{Type: string(f.Severity), Message: Escape(f.Message), Text: text}
	return c
}
