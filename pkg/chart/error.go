package chart

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// Error is why a template could not be read or rendered.
type Error struct {
	// Name is the template, as in [File]; it may be one that others include.
	Name string
	// Line counts from 1; 0 means that it is not known.
	Line int
	// Expression is what was being rendered: ".Values.auth.name". Empty means that it is not known.
	Expression string
	// Reason says what is wrong, in the words of text/template or of the chart itself.
	Reason string
	// Included is where the rendering was begun that came to Name, "mychart/templates/x.yaml:12"; empty when that is
	// the same file.
	Included string
	cause    error
}

// Error returns "mychart/templates/x.yaml:12: .Values.auth.name: nil pointer evaluating interface {}.name".
func (e *Error) Error() string {
	var out strings.Builder
	out.WriteString(e.Name)
	if e.Line > 0 {
		out.WriteString(":" + strconv.Itoa(e.Line))
	}
	if e.Expression != "" {
		out.WriteString(": " + e.Expression)
	}
	out.WriteString(": " + e.Reason)
	if e.Included != "" {
		out.WriteString(" (rendering " + e.Included + ")")
	}
	return out.String()
}

// Unwrap returns what text/template said.
func (e *Error) Unwrap() error { return e.cause }

// place is how text/template names a place: "template: NAME:12:5: executing "NAME" at <EXPRESSION>: ".
var place = regexp.MustCompile(`template: ([^\s:]+):(\d+)(?::\d+)?: (?:executing "[^"]*" at <(.*?)>: )?`)

// chartError is what a chart says itself, by "fail" or "required".
type chartError string

func (e chartError) Error() string { return string(e) }

// explain makes an [Error] of what text/template says of a template.
func explain(name string, err error) error {
	text := err.Error()
	found := &Error{Name: name, Reason: text, cause: err}
	places := place.FindAllStringSubmatchIndex(text, -1)
	part := func(m []int, n int) string {
		if m[2*n] < 0 {
			return ""
		}
		return text[m[2*n]:m[2*n+1]]
	}
	if len(places) > 0 {
		inner := places[0]
		for _, m := range places {
			// What "tpl" renders is no file: the place is where it was called.
			if part(m, 1) != rootName {
				inner = m
			}
		}
		found.Name, found.Expression = part(inner, 1), part(inner, 3)
		found.Line, _ = strconv.Atoi(part(inner, 2))
		found.Reason = text[places[len(places)-1][1]:]
		if first := places[0]; part(first, 1) != found.Name {
			found.Included = part(first, 1) + ":" + part(first, 2)
		}
	}
	var own chartError
	var bound *boundError
	switch {
	case errors.As(err, &own):
		found.Reason, found.Expression = string(own), ""
	case errors.As(err, &bound):
		found.Reason, found.Expression = bound.Error(), ""
	case found.Name == rootName:
		found.Name = name
	}
	if errors.As(err, &template.ExecError{}) && found.Reason == "" {
		found.Reason = fmt.Sprint(err)
	}
	return found
}
