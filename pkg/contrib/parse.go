package contrib

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/document"
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
// empty are the workspaces that the file names without giving them any member, as "team-a: {}" does, sorted: nobody is to
// be there. The error joins one for each mistake, which begins with the file and the line: "members.csv:3: ...".
func ParseMembers(r io.Reader, name, defaultWorkspace string) (grants []Grant, empty []string, err error) {
	content, err := io.ReadAll(io.LimitReader(r, limit+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("read %s: %w", name, err)
	case len(content) > limit:
		return nil, nil, fmt.Errorf("read %s: it has more than %d MiB", name, limit>>20)
	case !utf8.Valid(content):
		return nil, nil, fmt.Errorf("read %s: it is not UTF-8 text", name)
	}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	p := &parser{
		Reader: &document.Reader{File: name, Lenient: true}, workspace: defaultWorkspace, lines: map[member]Grant{},
	}
	if isCSV(name, content) {
		p.csv(content)
	} else if err := p.Documents(content, p.document); err != nil {
		return nil, nil, err
	}
	if err := p.Err(); err != nil {
		return nil, nil, err
	}
	return p.grants, p.empty(), nil
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
	*document.Reader
	workspace string
	grants    []Grant
	lines     map[member]Grant
	// named are the workspaces that stand in the file by themselves.
	named []string
	// manifest says that there was an object of Kubernetes, which is no list of members.
	manifest bool
}

// empty returns the workspaces that are named without members.
func (p *parser) empty() []string {
	slices.Sort(p.named)
	return slices.DeleteFunc(slices.Compact(p.named), func(name string) bool {
		return slices.ContainsFunc(p.grants, func(g Grant) bool { return g.Workspace == name })
	})
}

// name takes a workspace that stands in the file by itself.
func (p *parser) name(line int, workspace string) {
	if len(validation.IsDNS1123Label(workspace)) > 0 {
		p.Fail(line, "read members: workspace %q is no name of a namespace", workspace)
		return
	}
	p.named = append(p.named, workspace)
}

// row is a member as a file has it: texts, empty for what is not there.
type row struct {
	workspace, subject, role, expires, http, name string
}

// add takes a row of a file.
func (p *parser) add(line int, f row) {
	g, err := p.grant(f)
	if err != nil {
		p.Fail(line, "%w", err)
		return
	}
	g.File, g.Line = p.File, line
	key := member{g.Workspace, g.Subject}
	first, twice := p.lines[key]
	switch {
	case !twice:
		p.lines[key] = g
		p.grants = append(p.grants, g)
	case first.RoleText() != g.RoleText():
		p.Fail(line, "%s has the role %s in %s here, and %s in line %d", Label(g.Subject), g.RoleText(), g.Workspace, first.RoleText(), first.Line)
	case !first.equal(g):
		p.Fail(line, "%s is in %s already, in line %d, and not with the same", Label(g.Subject), g.Workspace, first.Line)
	}
}

// grant returns what a row says.
func (p *parser) grant(f row) (Grant, error) {
	g := Grant{Workspace: cmp.Or(f.workspace, p.workspace), Name: f.name}
	switch {
	case g.Workspace == "":
		return g, errors.New("read member: its workspace is missing")
	case len(validation.IsDNS1123Label(g.Workspace)) > 0:
		return g, fmt.Errorf("read member: workspace %q is no name of a namespace", g.Workspace)
	case f.subject == "":
		return g, errors.New("read member: its subject is missing")
	case f.role == "":
		return g, fmt.Errorf("read member %q: its role is missing", f.subject)
	case strings.TrimSpace(f.subject) != f.subject || strings.IndexFunc(f.subject, unicode.IsControl) >= 0:
		return g, fmt.Errorf("read member %q: there is white space around its name, or a control character in it", f.subject)
	}
	var err error
	if g.Subject, err = rbac.ParseSubject(f.subject); err != nil {
		return g, err
	}
	if g.Role, g.RoleRef, err = ParseRole(f.role); err != nil {
		return g, err
	}
	if g.Never = f.expires == "never"; f.expires != "" && !g.Never {
		if g.Expires, err = document.Date(f.expires); err != nil {
			return g, fmt.Errorf("expires: %w", err)
		}
	}
	if f.http != "" {
		on, err := strconv.ParseBool(strings.ToLower(f.http))
		if err != nil {
			return g, fmt.Errorf("parse http %q: want true or false", f.http)
		}
		g.NoHTTP = !on
	}
	return g, nil
}
