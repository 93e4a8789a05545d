package world

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Names are what questions are made of: the words that may stand in one. The slices are shared.
type Names struct {
	// Verbs are all that any resource has, the common ones first.
	Verbs []string
	// Resources are sorted by word, subresources behind their resource.
	Resources []Resource
	// Namespaces are all that are known, sorted.
	Namespaces []string
	// URLs are those of the API server that are known, sorted: what every server has, and what rules name.
	URLs []string
}

// Resource is a resource or subresource as a question names it.
type Resource struct {
	rbac.Resource
	// Word names it: "pods", "pods/exec", and with its group where others have the name: "events.events.k8s.io".
	Word string
	// Verbs are those that make sense, those that only authorization knows among them.
	Verbs []string
}

// Names returns the words of questions.
func (w *World) Names() *Names { return w.names() }

func (w *World) nameAll() *Names {
	c := w.Index.Catalog()
	n := &Names{Namespaces: w.Index.Namespaces()}
	all := c.Resources()
	verbs := rbac.AllVerbs()
	n.Resources = make([]Resource, 0, len(all))
	for _, r := range all {
		known := Resource{Resource: r, Word: r.Name, Verbs: c.Verbs(r.Group, r.Name)}
		if meant, err := c.Resolve(r.Name, "", false); err != nil || meant.Group != r.Group || len(meant.Notes) > 0 {
			known.Word = qualified(r)
		}
		verbs = append(verbs, known.Verbs...)
		n.Resources = append(n.Resources, known)
	}
	slices.SortStableFunc(n.Resources, func(a, b Resource) int { return cmp.Compare(a.Word, b.Word) })
	n.Verbs = rbac.SortVerbs(verbs)
	n.URLs = w.urls()
	return n
}

// urls are the non-resource URLs of rules, without patterns, and those that every API server has.
func (w *World) urls() []string {
	urls := []string{"/api", "/apis", "/healthz", "/livez", "/logs", "/metrics", "/openapi/v2", "/openapi/v3", "/readyz", "/version"}
	for i := range w.Snapshot.Roles {
		r := &w.Snapshot.Roles[i]
		for j := range r.Rules {
			for _, url := range r.Rules[j].NonResourceURLs {
				if !strings.Contains(url, "*") {
					urls = append(urls, url)
				}
			}
		}
	}
	slices.Sort(urls)
	return slices.Compact(urls)
}

// qualified is the word for a resource of a group: "deployments.apps", "deployments.apps/scale".
func qualified(r rbac.Resource) string {
	main, sub, has := strings.Cut(r.Name, "/")
	if r.Group != "" {
		main += "." + r.Group
	}
	if has {
		return main + "/" + sub
	}
	return main
}
