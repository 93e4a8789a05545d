package screen_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// acmeWorld is what examples/acme holds. It is read once.
func acmeWorld(t *testing.T) *world.World {
	t.Helper()
	w, err := readAcme()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

var readAcme = sync.OnceValues(func() (*world.World, error) { return readWorld("../../examples/acme") })

// readWorld reads manifests as the browser does.
func readWorld(paths ...string) (*world.World, error) {
	want := world.Want()
	want.Kinds = append(want.Kinds, "pods")
	moment, err := source.FileMoment(context.Background(), paths, source.FilesOptions{}, want)
	if err != nil {
		return nil, err
	}
	frame := world.Frame{Context: "acme", Offline: true, ReadOnly: true, From: []string{"acme"}}
	return world.New(moment, frame, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)), nil
}

// TestRightsPages compares the pages of roles, bindings and subjects with what is in testdata/rights.
func TestRightsPages(t *testing.T) {
	t.Parallel()
	tests := map[string]screen.Place{
		"roles":                  {Kind: screen.Roles},
		"role-aggregated":        {Kind: screen.Role, Name: "kubeflow-edit"},
		"role-parts":             {Kind: screen.Role, Name: "kubeflow-edit", Tab: "parts"},
		"role-holders":           {Kind: screen.Role, Name: "kubeflow-edit", Tab: "holders"},
		"role-everything":        {Kind: screen.Role, Name: "cluster-admin"},
		"role-missing":           {Kind: screen.Role, Name: "catalog-release"},
		"role-namespaced":        {Kind: screen.Role, Namespace: "ci", Name: "builder"},
		"binding":                {Kind: screen.Binding, Namespace: "team-nlp", Name: "user-omar-acme-example-clusterrole-edit"},
		"binding-dangling":       {Kind: screen.Binding, Namespace: "catalog", Name: "release"},
		"binding-cluster":        {Kind: screen.Binding, Name: "sre"},
		"bindings":               {Kind: screen.Bindings},
		"subjects":               {Kind: screen.Subjects},
		"subject-grants":         {Kind: screen.Subject, Subject: rbac.User("dana@acme.example")},
		"subject-rights":         {Kind: screen.Subject, Subject: rbac.User("dana@acme.example"), Tab: "rights"},
		"subject-account":        {Kind: screen.Subject, Subject: rbac.ServiceAccount("ci", "deployer")},
		"subject-account-rights": {Kind: screen.Subject, Subject: rbac.ServiceAccount("ci", "deployer"), Tab: "rights"},
		"subject-pods":           {Kind: screen.Subject, Subject: rbac.ServiceAccount("ci", "deployer"), Tab: "pods"},
		"subject-everybody":      {Kind: screen.Subject, Subject: rbac.Group(rbac.GroupAuthenticated)},
		"subject-unknown":        {Kind: screen.Subject, Subject: rbac.User("nobody@acme.example")},
		"access":                 {Kind: screen.Workspace, Name: "team-vision", Tab: "access"},
		"access-exec":            {Kind: screen.Workspace, Name: "team-vision", Tab: "access", Query: "pods/exec"},
		"access-nodes":           {Kind: screen.Workspace, Name: "team-vision", Tab: "access", Query: "nodes"},
		"access-namespace":       {Kind: screen.Workspace, Name: "team-vision", Tab: "access", Query: "namespaces"},
		"access-unknown":         {Kind: screen.Workspace, Name: "team-vision", Tab: "access", Query: "podz"},
	}
	for name, place := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(acmeWorld(t), place)
			if err != nil {
				t.Fatal(err)
			}
			golden.Equal(t, dump(page), "rights/"+name)
		})
	}
}

// dump writes a page with all of its list, and the detail of the first rows.
func dump(page *screen.Page) string {
	const details = 3
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n", page.Title)
	for _, f := range page.Facts {
		fmt.Fprintf(&b, "%s: %s%s\n", f.Name, f.Value, leads(f.Open))
	}
	for _, tab := range page.Tabs {
		fmt.Fprintf(&b, "[%s %s] ", tab.Title, tab.Badge)
	}
	fmt.Fprintf(&b, "\n$ %s\n", page.Command)
	for _, note := range page.Notes {
		fmt.Fprintf(&b, "! %s\n", note)
	}
	if page.List != nil {
		b.WriteString(table(page.List))
		for row := range min(details, page.List.Rows) {
			fmt.Fprintf(&b, "\n-- %q", page.List.Key(row))
			if page.List.Open != nil {
				b.WriteString(leads(page.List.Open(row)))
			}
			if page.List.Command != nil {
				fmt.Fprintf(&b, "\n$ %s", page.List.Command(row))
			}
			b.WriteString("\n")
			if page.List.Detail != nil {
				b.WriteString(lines(page.List.Detail(row)))
			}
		}
	}
	if page.Text != nil {
		b.WriteString("\n" + lines(page.Text))
	}
	return b.String()
}

// long is how many rows a list may have before what Kubernetes itself made is left out of it.
const long = 90

func madeByKubernetes(key string) bool {
	return strings.Contains(key, "system:") || strings.Contains(key, "kube-system/") || strings.Contains(key, "kube-public/")
}

// table writes a list.
func table(l *screen.List) string {
	var cells, b strings.Builder
	for _, c := range l.Columns {
		cells.WriteString(c.Name + "\t")
	}
	for row := range l.Rows {
		if l.Rows > long && madeByKubernetes(l.Key(row)) {
			continue
		}
		cells.WriteString("\n")
		for column := range l.Columns {
			cells.WriteString(l.Cell(row, column).Text + "\t")
		}
	}
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = io.WriteString(w, cells.String()+"\n")
	_ = w.Flush()
	if l.Rows == 0 {
		b.WriteString(l.Empty + "\n")
	}
	var out []string
	for one := range strings.SplitSeq(b.String(), "\n") {
		out = append(out, strings.TrimRight(one, " "))
	}
	return strings.Join(out, "\n")
}

func lines(text *screen.Text) string {
	var b strings.Builder
	for _, one := range text.Lines {
		for _, span := range one.Spans {
			b.WriteString(span.Text)
		}
		b.WriteString(leads(one.Open) + "\n")
	}
	return b.String()
}

// leads writes where something leads.
func leads(p screen.Place) string {
	if p.Zero() {
		return ""
	}
	name := p.Name
	if p.Namespace != "" {
		name = p.Namespace + "/" + name
	}
	if p.Kind == screen.Subject {
		name = p.Subject.String()
	}
	return " => " + strings.TrimSpace(fmt.Sprintf("%s %s %s", p.Kind, name, p.Query))
}
