package doctor

import (
	"cmp"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// Domain is a part of what is judged, of which findings are shown together.
type Domain struct {
	// Name is that of the plugin that knows most of it.
	Name string
	// Rules are those whose findings belong to it, unless a domain before it has them too.
	Rules []Rule
}

// domainOf returns the name of the domain of a finding, and its place among them; what belongs to none comes last.
func (c *Clinic) domainOf(f finding.Finding) (string, int) {
	i := slices.IndexFunc(c.Domains, func(d Domain) bool {
		return slices.ContainsFunc(d.Rules, func(r Rule) bool { return r.ID == f.ID })
	})
	if i < 0 {
		return "", len(c.Domains)
	}
	return c.Domains[i].Name, i
}

// arrange sorts findings: the gravest first, or, where there are domains, by these and by namespaces first.
func (c *Clinic) arrange(found []finding.Finding) {
	finding.Sort(found)
	if len(c.Domains) == 0 {
		return
	}
	slices.SortStableFunc(found, func(a, b finding.Finding) int {
		_, first := c.domainOf(a)
		_, second := c.domainOf(b)
		return cmp.Or(cmp.Compare(first, second), cmp.Compare(finding.NamespaceOf(a.Object), finding.NamespaceOf(b.Object)))
	})
}

// group is the findings of one domain about one namespace, in the JSON of a diagnosis.
type group struct {
	Domain string `json:"domain"`
	// Namespace is empty for what is in none.
	Namespace string `json:"namespace,omitempty"`
	// Findings counts them; they follow each other in the list of findings, as the groups do here.
	Findings int `json:"findings"`
}

// groups are those of findings that were arranged; nil where there are no domains.
func (c *Clinic) groups(found []finding.Finding) []group {
	if len(c.Domains) == 0 {
		return nil
	}
	out := []group{}
	for _, f := range found {
		name, _ := c.domainOf(f)
		namespace := finding.NamespaceOf(f.Object)
		if last := len(out) - 1; last >= 0 && out[last].Domain == name && out[last].Namespace == namespace {
			out[last].Findings++
			continue
		}
		out = append(out, group{name, namespace, 1})
	}
	return out
}

// table shows findings, with their domains where there are some.
func (c *Clinic) table(found []finding.Finding) *metav1.Table {
	t := findings.Table(found, true)
	if len(c.Domains) == 0 {
		return t
	}
	t.ColumnDefinitions = slices.Insert(t.ColumnDefinitions, 0, metav1.TableColumnDefinition{Name: "Domain", Type: "string"})
	for i := range t.Rows {
		name, _ := c.domainOf(found[i])
		t.Rows[i].Cells = slices.Insert(t.Rows[i].Cells, 0, any(cmp.Or(name, "-")))
	}
	return t
}

// text shows findings in full, under the names of their domains where there are some.
func (c *Clinic) text(found []finding.Finding) []string {
	if len(c.Domains) == 0 {
		return findings.Text(found)
	}
	var out []string
	for len(found) > 0 {
		name, place := c.domainOf(found[0])
		n := slices.IndexFunc(found, func(f finding.Finding) bool {
			_, other := c.domainOf(f)
			return other != place
		})
		if n < 0 {
			n = len(found)
		}
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, cmp.Or(name, "what was read")+": "+findings.Count(n, "finding"), "")
		out = append(out, findings.Text(found[:n])...)
		found = found[n:]
	}
	return out
}
