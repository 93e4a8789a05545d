package profile

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// text is the description as kubectl describe would write it.
func (d *description) text(now time.Time) []string {
	lines := align(d.fields(now), "")
	lines = append(lines, d.memberLines(now)...)
	lines = append(lines, d.quotaLines()...)
	lines = append(lines, section("Objects", []string{"Object", "State", ""}, d.Objects, func(o profile.ObjectState) []string {
		return []string{o.Kind + "/" + o.Name, o.State, o.Why}
	})...)
	lines = append(lines, d.findingLines()...)
	lines = append(lines, section("Events", []string{"Age", "Type", "Reason", "Object", "Message"}, d.Events, func(e profile.Event) []string {
		return []string{age(e.Last, now), e.Type, e.Reason, e.Object, e.Message}
	})...)
	if len(d.Notes) == 0 {
		return lines
	}
	lines = append(lines, "Notes:")
	for _, note := range d.Notes {
		lines = append(lines, "  "+note)
	}
	return lines
}

// fields are the lines with one value.
func (d *description) fields(now time.Time) [][]string {
	status := string(d.Status.Phase)
	if d.Status.Why != "" {
		status += ": " + d.Status.Why
	}
	created := "<unknown>"
	if !d.Created.IsZero() {
		created = d.Created.UTC().Format(time.RFC3339) + " (" + age(d.Created, now) + ")"
	}
	out := [][]string{
		{"Name:", d.Name},
		{"Flavor:", string(d.Flavor)},
		{"Status:", status},
		{"Owner:", orUnknown(subjectText(d.Owner))},
		{"Created:", created},
	}
	out = append(out, pairs("Labels:", d.Labels)...)
	out = append(out, pairs("Annotations:", d.Annotations)...)
	if d.Flavor == workspace.Kubeflow {
		out = append(out, d.pluginLines()...)
	}
	return append(out, []string{"Holds:", d.Holds.Summary()})
}

func (d *description) pluginLines() [][]string {
	if len(d.Plugins) == 0 {
		return [][]string{{"Plugins:", "<none>"}}
	}
	var out [][]string
	head := "Plugins:"
	for _, p := range d.Plugins {
		text := p.Kind
		if spec, err := json.Marshal(p.Spec); err == nil && len(p.Spec) > 0 {
			text += " " + string(spec)
		}
		if p.Problem != "" {
			text += ": " + p.Problem
		}
		out = append(out, []string{head, text})
		head = ""
	}
	return out
}

func (d *description) memberLines(now time.Time) []string {
	heads := []string{"Subject", "Role", "How", "HTTP", "Expires"}
	return section("Members", heads, viewMembers(d.Members, now), func(m memberView) []string {
		expires := "<never>"
		if m.Expires != nil {
			expires = m.Expires.Format(time.RFC3339)
			if m.Expired {
				expires += " (past)"
			}
		}
		http := m.HTTP
		if m.HTTPWhy != "" {
			http += " (" + m.HTTPWhy + ")"
		}
		return []string{m.Subject, orNone(m.Role), strings.TrimSpace(string(m.How) + " " + m.Queue), http, expires}
	})
}

func (d *description) quotaLines() []string {
	heads := []string{"Resource", "Used", "Hard", "", "Object"}
	return section("Quota", heads, d.limits, func(u profile.Usage) []string {
		return []string{string(u.Resource), u.UsedText(), u.Hard.String(), bar(u), orNone(u.Quota)}
	})
}

func (d *description) findingLines() []string {
	if len(d.findings) == 0 {
		return []string{"Findings:  <none>"}
	}
	lines := []string{"Findings:"}
	for _, f := range d.findings {
		lines = append(lines, fmt.Sprintf("  %s %s %s: %s", f.Severity, f.ID, f.Object, f.Message))
	}
	return lines
}

// pairs are the lines of labels or annotations.
func pairs(head string, set map[string]string) [][]string {
	if len(set) == 0 {
		return [][]string{{head, "<none>"}}
	}
	var out [][]string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		out = append(out, []string{head, key + "=" + set[key]})
		head = ""
	}
	return out
}

// section is a small table with a title, or "<none>".
func section[T any](title string, heads []string, items []T, cells func(T) []string) []string {
	if len(items) == 0 {
		return []string{title + ":  <none>"}
	}
	rows := [][]string{heads}
	for _, item := range items {
		rows = append(rows, cells(item))
	}
	return append([]string{title + ":"}, align(rows, "  ")...)
}

// align puts cells into columns; columns without any text are left out. Cells are escaped first, or what is counted
// would not be what is shown.
func align(rows [][]string, indent string) []string {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			row[i] = printer.Escape(cell)
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
	}
	var out []string
	for _, row := range rows {
		var line strings.Builder
		line.WriteString(indent)
		for i, cell := range row {
			if widths[i] > 0 {
				line.WriteString(cell + strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		out = append(out, strings.TrimRight(line.String(), " "))
	}
	return out
}
