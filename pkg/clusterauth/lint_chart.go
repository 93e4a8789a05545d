package clusterauth

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// LintChart checks the chart of a cluster template in a directory. It is rendered three times, as k0rdent has it
// rendered: without auth values, with those of a ClusterAuthentication, and with those of one that has anonymous. The
// error is of a chart that can't be read or rendered at all, or of a version of k0s that is none.
func LintChart(dir string, o LintOptions) ([]finding.Finding, error) {
	o.Name, o.Key, o.Hash = SentinelName, SentinelKey, SentinelHash
	l, err := newLinter(o, dir)
	if err != nil {
		return nil, err
	}
	c, err := chart.Load(dir)
	if err != nil {
		return nil, err
	}
	t := &lintTemplate{linter: l, dir: dir, chart: c}
	without, withoutErr := t.render(withAuth(o.Values, nil))
	with, withErr := t.render(withAuth(o.Values, authValues(false)))
	if withoutErr != nil && withErr != nil {
		return nil, fmt.Errorf("render chart %s: %w", dir, withErr)
	}
	t.checkValues()
	t.checkText()
	if withErr != nil {
		t.fails("CT001", "can't be rendered with auth values", withErr)
		return l.done(), nil
	}
	l.checkRendered(with)
	if len(readPlanes(with)) == 0 {
		return l.done(), nil
	}
	if withoutErr != nil {
		t.fails("CT008", "can't be rendered without auth values", withoutErr)
	} else {
		l.checkWithout(readPlanes(without), readPlanes(with))
	}
	anonymous, err := t.render(withAuth(o.Values, authValues(true)))
	if err != nil {
		t.fails("CT006", "can't be rendered with auth.configWithAnon", err)
		return l.done(), nil
	}
	l.checkAnonymous(readPlanes(anonymous))
	return l.done(), nil
}

// authValues returns the values that k0rdent sets.
func authValues(anonymous bool) map[string]any {
	auth := map[string]any{"configSecret": map[string]any{"name": SentinelName, "key": SentinelKey, "hash": SentinelHash}}
	if anonymous {
		auth["configWithAnon"] = true
	}
	return auth
}

// withAuth returns values with others under auth, whole, as k0rdent sets them.
func withAuth(values, auth map[string]any) map[string]any {
	out := maps.Clone(values)
	if out == nil {
		out = map[string]any{}
	}
	if delete(out, "auth"); auth != nil {
		out["auth"] = auth
	}
	return out
}

// lintTemplate is the chart of a cluster template.
type lintTemplate struct {
	*linter
	dir   string
	chart *chart.Chart
}

func (t *lintTemplate) options(values map[string]any) chart.Options {
	return chart.Options{
		Values: values, Release: chart.Release{Name: "cluster-name", Namespace: "cluster-namespace"}, SkipSchema: true,
	}
}

func (t *lintTemplate) render(values map[string]any) ([]lintDocument, error) {
	rendered, err := t.chart.Render(t.options(values))
	if err != nil {
		return nil, err
	}
	var out []lintDocument
	for _, file := range rendered {
		if path.Base(file.Name) == "NOTES.txt" {
			continue
		}
		name, source := t.template(file.Name)
		documents, err := readDocuments([]byte(file.Data), name, source)
		if err != nil {
			return nil, &noYAML{name, err}
		}
		out = append(out, documents...)
	}
	return out, nil
}

// noYAML is why what a template gave can't be read. Its lines are not those of the template.
type noYAML struct {
	file string
	err  error
}

// Error says it.
func (e *noYAML) Error() string { return "what it gives is no YAML: " + e.err.Error() }

// template returns the path and the text of a template, by the name that it has in the chart.
func (t *lintTemplate) template(name string) (file, text string) {
	below := strings.TrimPrefix(name, t.chart.Name+"/")
	// A chart below may be in a directory of another name: then there is no text, and no line.
	return filepath.Join(t.dir, filepath.FromSlash(below)), string(t.chart.Files[below]) + "\n"
}

// fails tells of a template that can't be rendered.
func (t *lintTemplate) fails(id, what string, err error) {
	at, text := finding.Location{File: t.dir}, err.Error()
	if gave, ok := errors.AsType[*noYAML](err); ok {
		at.File, text = gave.file, "what it gives is no YAML: line "+strings.TrimPrefix(gave.err.Error(), gave.file+":")
	}
	if in, ok := errors.AsType[*chart.Error](err); ok {
		at.File, _ = t.template(in.Name)
		at.Line, text = in.Line, in.Reason
		if in.Expression != "" {
			text = in.Expression + ": " + text
		}
	}
	why := "k0rdent tries each template without auth values first, and clusters without spec.clusterAuth never get any"
	if id != "CT008" {
		why = "k0rdent tries templates without auth values only, so that this fails when a cluster is under way"
	}
	t.add(id, "", at, fmt.Sprintf("%s: %s", what, text), snippet(why+". Ask with parentheses, which stop at what is not there, and declare the values in values.yaml",
		"{{- if (((.Values.auth).configSecret).name) }}\n...\n{{- end }}"))
}

// checkWithout checks what was rendered without auth values: CT008.
func (l *linter) checkWithout(planes, with []lintPlane) {
	const why = "A cluster without spec.clusterAuth would ask for a Secret or a file that is not there, and its API server would not start. Write"
	for i := range planes {
		p := &planes[i]
		if flag, ok := p.flag("authentication-config"); ok {
			l.add("CT008", p.object, p.at(flag.node, "authentication-config:"),
				fmt.Sprintf("authentication-config is %q without auth values", flag.value), snippet(why, p.fixed()))
		}
		for _, f := range p.files {
			if f.secret == "" || sameFile(f, with, l.o.Name) {
				l.add("CT008", p.object, p.at(f.node, "configSecret.name", "secretName", "secretRef"),
					fmt.Sprintf("file %s is taken from Secret %q without auth values", f.path, f.secret), snippet(why, p.fixed()))
			}
		}
	}
}

// sameFile says whether a file is in the directory of one that comes from the Secret, once there are auth values.
func sameFile(f lintFile, with []lintPlane, secret string) bool {
	for i := range with {
		for _, other := range with[i].from(secret) {
			if f.path == other.path || path.Dir(f.path) == path.Dir(other.path) && f.key == "" {
				return true
			}
		}
	}
	return false
}
