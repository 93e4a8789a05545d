package contrib

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// limit is how much of a file is read: a hundred thousand members fit in.
const limit = 16 << 20

// ParseMembers reads a list of members. It is CSV when the name ends in .csv, YAML (or JSON) when it ends in .yaml, .yml
// or .json, and otherwise whichever its first line looks like. CSV has the columns workspace, subject, role, expires and
// http, in this order or in that of a first line that names them; name is a further one. YAML is either of
//
//	team-a:
//	  bob@x.com: editor
//	  group:ml: {role: viewer, expires: 2030-01-31, http: false}
//
//	- {workspace: team-a, subject: bob@x.com, role: editor}
//
// and a workspace may also hold a list of the latter. defaultWorkspace is that of members for which none is given; it may
// be empty. Dates are RFC 3339, or days in UTC. A member who is there twice with the same is returned once.
//
// Errors begin with the file and the line: "members.csv:3: ...".
func ParseMembers(r io.Reader, name, defaultWorkspace string) ([]Grant, error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	case len(content) > limit:
		return nil, fmt.Errorf("read %s: it has more than %d MiB", name, limit>>20)
	case !utf8.Valid(content):
		return nil, fmt.Errorf("read %s: it is not UTF-8 text", name)
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	p := &parser{name: name, workspace: defaultWorkspace, lines: map[member]Grant{}}
	if isCSV(name, content) {
		err = p.csv(content)
	} else {
		err = p.yaml(content)
	}
	if err != nil {
		return nil, err
	}
	return p.grants, nil
}

// isCSV tells by the ending, else by the first line that is neither empty nor a comment.
func isCSV(name string, content []byte) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return true
	case ".yaml", ".yml", ".json":
		return false
	}
	for line := range bytes.Lines(content) {
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		return strings.ContainsAny(text, ",;") && !strings.ContainsAny(text[:1], "-{[\"'") && !strings.Contains(text, ": ") &&
			!strings.HasSuffix(text, ":")
	}
	return false
}

// member is who may be in a file once.
type member struct {
	workspace string
	subject   rbac.Subject
}

// parser collects the grants of one file.
type parser struct {
	name, workspace string
	grants          []Grant
	lines           map[member]Grant
}

// row is a member as a file has it: texts, empty for what is not there.
type row struct {
	workspace, subject, role, expires, http, name string
}

func (p *parser) fail(line int, format string, args ...any) error {
	return fmt.Errorf("%s:%d: %w", p.name, line, fmt.Errorf(format, args...))
}

// add takes a row of a file.
func (p *parser) add(line int, f row) error {
	g := Grant{Workspace: f.workspace, Name: f.name, Line: line}
	if g.Workspace == "" {
		g.Workspace = p.workspace
	}
	switch {
	case g.Workspace == "":
		return p.fail(line, "read member: its workspace is missing")
	case len(validation.IsDNS1123Label(g.Workspace)) > 0:
		return p.fail(line, "read member: workspace %q is no name of a namespace", g.Workspace)
	case f.subject == "":
		return p.fail(line, "read member: its subject is missing")
	case f.role == "":
		return p.fail(line, "read member %q: its role is missing", f.subject)
	case strings.TrimSpace(f.subject) != f.subject || strings.IndexFunc(f.subject, unicode.IsControl) >= 0:
		return p.fail(line, "read member %q: there is white space around its name, or a control character in it", f.subject)
	}
	var err error
	if g.Subject, err = rbac.ParseSubject(f.subject); err != nil {
		return p.fail(line, "%w", err)
	}
	if g.Role, g.RoleRef, err = ParseRole(f.role); err != nil {
		return p.fail(line, "%w", err)
	}
	if g.Expires, err = parseDate(f.expires); err != nil {
		return p.fail(line, "%w", err)
	}
	if f.http != "" {
		on, err := strconv.ParseBool(strings.ToLower(f.http))
		if err != nil {
			return p.fail(line, "parse http %q: want true or false", f.http)
		}
		g.NoHTTP = !on
	}
	key := member{g.Workspace, g.Subject}
	first, twice := p.lines[key]
	switch {
	case !twice:
		p.lines[key] = g
		p.grants = append(p.grants, g)
	case first.RoleText() != g.RoleText():
		return p.fail(line, "%s has the role %s in %s here, and %s in line %d", Label(g.Subject), g.RoleText(), g.Workspace, first.RoleText(), first.Line)
	case !first.equal(g):
		return p.fail(line, "%s is in %s already, in line %d, and not with the same", Label(g.Subject), g.Workspace, first.Line)
	}
	return nil
}

// parseDate reads the time that a grant ends: a span of time would end it later each time that the file is read.
func parseDate(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("parse expires %q: want a date, such as 2030-01-31 or 2030-01-31T18:00:00Z", text)
}
