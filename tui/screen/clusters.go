package screen

import (
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// clustersPage lists the clusters of k0rdent.
func clustersPage(w *world.World, _ Place) (*Page, error) {
	state := clusterState(w)
	column := func(c Column, of func(*clusterauth.Cluster) Cell) TypedColumn[*clusterauth.Cluster] {
		return TypedColumn[*clusterauth.Cluster]{Column: c, Cell: of}
	}
	page := &Page{
		Title: Clusters.Title(), Notes: clusterNotes(w, ""), Command: command(w, "clusterauth", "plan", "-A"),
		List: Table[*clusterauth.Cluster]{
			Columns: []TypedColumn[*clusterauth.Cluster]{
				column(Column{Name: "Namespace", Min: 10, Shrink: true}, func(c *clusterauth.Cluster) Cell { return Cell{Text: c.Namespace} }),
				column(Column{Name: "Name", Min: nameWidth, Shrink: true}, func(c *clusterauth.Cluster) Cell { return Cell{Text: c.Name, Tone: Strong} }),
				column(Column{Name: "Authentication", Min: 10, Shrink: true}, func(c *clusterauth.Cluster) Cell { return cell(c.ClusterAuth, Plain) }),
				column(Column{Name: "In use", Min: 6, Drop: 1}, usesCell),
				column(Column{Name: "Template", Min: 10, Shrink: true, Drop: 3}, func(c *clusterauth.Cluster) Cell { return cell(c.Template, Plain) }),
				column(Column{Name: "Kubernetes", Min: 8, Drop: 4}, kubernetesCell),
				column(Column{Name: "State", Min: 8, Shrink: true, Drop: 2}, clusterStateCell),
				column(Column{Name: "Findings", Numeric: true, Min: 8, Shrink: true, Drop: 5}, func(c *clusterauth.Cluster) Cell { return foundCell(w, clusterObject(c)) }),
			},
			Key:  func(c *clusterauth.Cluster) string { return c.Namespace + "/" + c.Name },
			Open: func(c *clusterauth.Cluster) Place { return clusterPlace(c.Namespace, c.Name) },
			Jump: func(c *clusterauth.Cluster, to Kind) Place {
				return JumpTo(to, rbac.Subject{}, rbac.ObjectID{}, rbac.ObjectID{}, c.Namespace)
			},
			Command: func(c *clusterauth.Cluster) string { return planCluster(w, c) },
			Detail:  func(c *clusterauth.Cluster) *Text { return &Text{Lines: foundLines(w, clusterObject(c))} },
			Empty:   emptyWords(w, "", "there are no ClusterDeployments", inventory.ClusterDeployments),
		}.Of(pointers(state.Clusters())),
	}
	page.judgeLater(w)
	return page, nil
}

// planCluster is the command that says what k0rdent does to a cluster next.
func planCluster(w *world.World, c *clusterauth.Cluster) string {
	return command(w, "clusterauth", "plan", c.Name, "-n", c.Namespace)
}

// usesCell says whether the cluster's API server gets its authentication.
func usesCell(c *clusterauth.Cluster) Cell {
	if c.ClusterAuth == "" {
		return cell("", Plain)
	}
	tone := Plain
	switch c.Uses() {
	case clusterauth.UseYes:
		tone = Good
	case clusterauth.UseNo:
		tone = Bad
	case clusterauth.UseUnknown:
		tone = Warn
	}
	return Cell{Text: string(c.Uses()), Tone: tone}
}

func kubernetesCell(c *clusterauth.Cluster) Cell {
	if c.Kubernetes == nil {
		return cell("", Plain)
	}
	text := "v" + c.Kubernetes.String()
	if c.K0sAssumed {
		text += " (assumed)"
	}
	return Cell{Text: text}
}

// clusterStateCell says what is going on with a cluster, the most urgent only.
func clusterStateCell(c *clusterauth.Cluster) Cell {
	switch {
	case c.Problem != nil:
		return Cell{Text: "unreadable", Tone: Bad}
	case c.Deleting:
		return Cell{Text: "deleting", Tone: Warn}
	case c.RegionPaused:
		return Cell{Text: "paused", Tone: Warn}
	case c.DryRun:
		return Cell{Text: "dry run", Tone: Quiet}
	case c.Rolling != "":
		return Cell{Text: "rolling", Tone: Warn}
	case c.Ready == nil:
		return cell("", Plain)
	case c.Ready.Status == "True":
		return Cell{Text: "ready", Tone: Good}
	}
	return Cell{Text: "not ready", Tone: Warn}
}

// clusterPage is everything about one cluster.
func clusterPage(w *world.World, p Place) (*Page, error) {
	state := clusterState(w)
	c, err := state.Cluster(p.Namespace, p.Name)
	if err != nil {
		return nil, fmt.Errorf("open cluster: %w", err)
	}
	page := &Page{
		Title: clusterObject(&c),
		Facts: []Fact{
			{Name: "namespace", Value: c.Namespace, Open: Place{Kind: Workspace, Name: c.Namespace}},
			{Name: "state", Value: clusterStateCell(&c).Text, Tone: clusterStateCell(&c).Tone},
			{Name: "template", Value: cell(c.Template, Plain).Text},
			{Name: "kubernetes", Value: kubernetesCell(&c).Text},
			{Name: "authentication", Value: "off", Tone: Quiet},
		},
		Text: &Text{Lines: clusterLines(w, state, &c)}, Notes: clusterNotes(w, c.Namespace), Command: planCluster(w, &c),
	}
	if c.ClusterAuth != "" {
		page.Facts[len(page.Facts)-1] = Fact{Name: "authentication", Value: c.ClusterAuth, Open: clusterAuthPlace(c.Namespace, c.ClusterAuth)}
		page.Facts = append(page.Facts, Fact{Name: "in use", Value: usesCell(&c).Text, Tone: usesCell(&c).Tone})
	}
	page.judgeLater(w)
	return page, nil
}

// clusterLines say what a cluster is made of, what k0rdent does to it next, and what is wrong with it.
func clusterLines(w *world.World, s *clusterauth.State, c *clusterauth.Cluster) []Line {
	var lines []Line
	add := func(label, text string) {
		if text != "" {
			lines = append(lines, labelled(label, text))
		}
	}
	if c.Problem != nil {
		lines = append(lines, line(c.Problem.Error(), Bad))
	}
	add("control plane", string(c.ControlPlane))
	if c.K0s != "" {
		add("k0s", c.K0s+", by "+c.K0sSource)
	}
	add("region", c.Region)
	add("credential", c.Credential)
	add("rolling", c.Rolling)
	for _, r := range clusterauth.Rollouts(s, s) {
		if r.Namespace == c.Namespace && r.Cluster == c.Name {
			lines = append(lines, labelled("next", r.Line()))
			if !strings.HasSuffix(r.Line(), r.Why) {
				lines = append(lines, labelled("since", r.Why))
			}
		}
	}
	for _, m := range c.Machines {
		text := m.Name
		if m.Version != "" {
			text += " " + m.Version
		}
		add("machine", text)
	}
	return append(lines, foundLines(w, clusterObject(c))...)
}
