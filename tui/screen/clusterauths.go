package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// clusterState is what is known of the authentication of clusters. Secrets are not read for it.
func clusterState(w *world.World) *clusterauth.State {
	return clusterauth.NewState(w.Inventory, clusterauth.Options{Now: w.Now})
}

func clusterAuthPlace(namespace, name string) Place {
	return Place{Kind: ClusterAuth, Namespace: namespace, Name: name}
}

func clusterPlace(namespace, name string) Place {
	return Place{Kind: Cluster, Namespace: namespace, Name: name}
}

// clusterNotes says what the pages of clusters lack.
func clusterNotes(w *world.World, namespace string) []string {
	return gapNotes(w, namespace,
		need{inventory.ClusterAuthentications, "authentications may be missing"},
		need{inventory.ClusterDeployments, "clusters may be missing"},
		need{inventory.ClusterTemplates, "whether clusters use their authentication may be unknown"},
	)
}

// foundCell counts what is wrong with an object.
func foundCell(w *world.World, object string) Cell {
	if !w.Judged() {
		return Cell{Text: "…", Tone: Quiet}
	}
	return tallyCell(w.FindingsAbout(object))
}

// foundLines are the findings about an object, each of which leads to its page.
func foundLines(w *world.World, object string) []Line {
	if !w.Judged() {
		return nil
	}
	var lines []Line
	for _, f := range w.FindingsAbout(object) {
		lines = append(lines, findingLine(&f))
	}
	return lines
}

// authObject and clusterObject name objects as findings do.
func authObject(a *clusterauth.Authentication) string {
	return "clusterauthentication " + a.Namespace + "/" + a.Name
}

func clusterObject(c *clusterauth.Cluster) string {
	return "clusterdeployment " + c.Namespace + "/" + c.Name
}

// clusterAuthsPage lists the ClusterAuthentications.
func clusterAuthsPage(w *world.World, _ Place) (*Page, error) {
	state := clusterState(w)
	trusted := trust(state)
	column := func(c Column, of func(*clusterauth.Authentication) Cell) TypedColumn[*clusterauth.Authentication] {
		return TypedColumn[*clusterauth.Authentication]{Column: c, Cell: of}
	}
	page := &Page{
		Title: ClusterAuths.Title(), Notes: clusterNotes(w, ""), Command: command(w, "clusterauth", "list", "-A"),
		List: Table[*clusterauth.Authentication]{
			Columns: []TypedColumn[*clusterauth.Authentication]{
				column(Column{Name: "Namespace", Min: 10, Shrink: true}, func(a *clusterauth.Authentication) Cell { return Cell{Text: a.Namespace} }),
				column(Column{Name: "Name", Min: nameWidth, Shrink: true}, func(a *clusterauth.Authentication) Cell { return Cell{Text: a.Name, Tone: Strong} }),
				column(Column{Name: "Issuers", Min: 12, Shrink: true}, issuersCell),
				column(Column{Name: "CA", Min: 8, Shrink: true, Drop: 2}, func(a *clusterauth.Authentication) Cell { return trusted.cell(a) }),
				column(Column{Name: "Clusters", Right: true, Numeric: true, Min: 4, Drop: 1}, func(a *clusterauth.Authentication) Cell { return numberCell(len(a.UsedBy)) }),
				column(Column{Name: "Findings", Numeric: true, Min: 8, Shrink: true, Drop: 3}, func(a *clusterauth.Authentication) Cell { return foundCell(w, authObject(a)) }),
			},
			Key:  func(a *clusterauth.Authentication) string { return a.Namespace + "/" + a.Name },
			Open: func(a *clusterauth.Authentication) Place { return clusterAuthPlace(a.Namespace, a.Name) },
			Jump: func(a *clusterauth.Authentication, to Kind) Place {
				return JumpTo(to, rbac.Subject{}, rbac.ObjectID{}, rbac.ObjectID{}, a.Namespace)
			},
			Command: func(a *clusterauth.Authentication) string { return describeAuth(w, a) },
			Detail:  func(a *clusterauth.Authentication) *Text { return &Text{Lines: clusterAuthLines(w, state, trusted, a)} },
			Empty:   emptyWords(w, "", "there are no ClusterAuthentications", inventory.ClusterAuthentications),
		}.Of(pointers(state.Authentications())),
	}
	page.judgeLater(w)
	return page, nil
}

func describeAuth(w *world.World, a *clusterauth.Authentication) string {
	return command(w, "clusterauth", "describe", a.Name, "-n", a.Namespace)
}

func issuersCell(a *clusterauth.Authentication) Cell {
	switch {
	case a.Problem != nil:
		return Cell{Text: "unreadable", Tone: Bad}
	case a.Configuration == nil:
		return Cell{Text: "off", Tone: Warn}
	}
	return cell(strings.Join(a.Issuers(), ", "), Plain)
}

// trusts say through which certificates the issuers of each ClusterAuthentication are trusted.
type trusts map[[2]string][]clusterauth.CABundle

func trust(s *clusterauth.State) trusts {
	out := trusts{}
	for _, b := range clusterauth.CAList(s) {
		key := [2]string{b.Namespace, b.Name}
		out[key] = append(out[key], b)
	}
	return out
}

// cell names where the certificates are.
func (t trusts) cell(a *clusterauth.Authentication) Cell {
	var sources []string
	for _, b := range t[[2]string{a.Namespace, a.Name}] {
		if !slices.Contains(sources, b.Source) {
			sources = append(sources, b.Source)
		}
	}
	c := cell(strings.Join(sources, ", "), Plain)
	if a.CAProblem != nil && !a.CAUnread {
		c.Tone = Warn
	}
	return c
}

// clusterAuthPage is everything about one ClusterAuthentication.
func clusterAuthPage(w *world.World, p Place) (*Page, error) {
	state := clusterState(w)
	a, err := state.Authentication(p.Namespace, p.Name)
	if err != nil {
		return nil, fmt.Errorf("open clusterauthentication: %w", err)
	}
	trusted := trust(state)
	page := &Page{
		Title: authObject(&a),
		Facts: []Fact{
			{Name: "namespace", Value: a.Namespace, Open: Place{Kind: Workspace, Name: a.Namespace}},
			{Name: "issuers", Value: issuersCell(&a).Text, Tone: issuersCell(&a).Tone},
			{Name: "CA", Value: trusted.cell(&a).Text, Tone: trusted.cell(&a).Tone},
			{Name: "clusters", Value: strconv.Itoa(len(a.UsedBy))},
			{Name: "findings", Value: foundCell(w, authObject(&a)).Text, Tone: foundCell(w, authObject(&a)).Tone},
		},
		Text: &Text{Lines: clusterAuthLines(w, state, trusted, &a)}, Notes: clusterNotes(w, a.Namespace), Command: describeAuth(w, &a),
	}
	page.judgeLater(w)
	return page, nil
}

// clusterAuthLines describe a ClusterAuthentication as "kubectl clusterauth describe" does.
func clusterAuthLines(w *world.World, s *clusterauth.State, t trusts, a *clusterauth.Authentication) []Line {
	var lines []Line
	if a.Managed {
		lines = append(lines, line("a copy that k0rdent made of the one in its system namespace", Quiet))
	}
	issuers, err := s.Explain(*a)
	if err != nil {
		lines = append(lines, line(err.Error(), Warn))
	}
	for _, issuer := range issuers {
		lines = append(lines, line("issuer "+issuer.URL, Strong))
		for _, text := range issuer.Lines {
			lines = append(lines, line("  "+text, Plain))
		}
	}
	lines = append(lines, caLines(t, a)...)
	lines = append(lines, line("clusters", Strong))
	for _, name := range a.UsedBy {
		l := line("  "+name, Plain)
		l.Open = clusterPlace(a.Namespace, name)
		lines = append(lines, l)
	}
	if len(a.UsedBy) == 0 {
		lines = append(lines, line("  none", Quiet))
	}
	return append(lines, foundLines(w, authObject(a))...)
}

func caLines(t trusts, a *clusterauth.Authentication) []Line {
	var lines []Line
	for _, b := range t[[2]string{a.Namespace, a.Name}] {
		lines = append(lines, line("CA: "+b.Source, Strong))
		switch {
		case a.CAUnread:
			lines = append(lines, line("  not read: the browser reads no Secrets", Quiet))
		case b.Problem != "":
			lines = append(lines, line("  "+b.Problem, Warn))
		}
		for _, c := range b.Certificates {
			lines = append(lines, line(fmt.Sprintf("  %s, %s left", c.Subject, question.Plural(c.DaysLeft, "day")), Plain))
		}
	}
	return lines
}
