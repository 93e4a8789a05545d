package conformance

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// places are the namespaces of the grammar, the cluster, and a namespace that nobody knows.
func places() []string { return []string{"", "dev", "qa", "prod", "zz"} }

// checkWhoCan compares the list of subjects with the decision about each of them alone, and about the one who asks.
func checkWhoCan(p *probe, q question) string {
	answer := p.ix.WhoCan(q.action, rbac.InNamespace)
	if text := sameSubjects(answer.Grants, p.ix.AllowedSubjects(q.action, rbac.InNamespace)); text != "" {
		return text
	}
	var got, want []string
	for _, g := range answer.Grants {
		got = append(got, g.Subject.String())
		if !g.Superuser && (len(g.Proofs) == 0 || g.Names != nil) {
			return fmt.Sprintf("WhoCan: grant of %s without a proof, or with names", g.Subject)
		}
	}
	for _, s := range p.subjects {
		if p.allowed(alone(s), q.action) {
			want = append(want, s.String())
		}
	}
	if diff := compare("WhoCan", got, want); diff != "" {
		return diff
	}
	if got, want := granted(answer.Grants, q.id, q.action), p.allowed(q.id, q.action); got != want {
		return fmt.Sprintf("WhoCan lists who asks: %v, upstream says %v", got, want)
	}
	return ""
}

// inPlace is the request that a query for anywhere stands for in one place: requests for a namespace object carry its name.
func inPlace(a rbac.Action, namespace string) rbac.Action {
	a.Namespace = namespace
	if a.Group == "" && a.Resource == "namespaces" && a.Name == "" && namespace != "" {
		named := a
		named.Name, named.Namespace = namespace, ""
		if at := named.AtObjectNamespace(); at.Namespace == namespace {
			return at
		}
	}
	return a
}

// checkAnywhere compares every place of every grant with the decision about that subject alone.
func checkAnywhere(p *probe, q question) string {
	answer := p.ix.WhoCan(q.action, rbac.Anywhere)
	if text := sameSubjects(answer.Grants, p.ix.AllowedSubjects(q.action, rbac.Anywhere)); text != "" {
		return text
	}
	grants := map[rbac.Subject]rbac.Grant{}
	for _, g := range answer.Grants {
		if _, twice := grants[g.Subject]; twice {
			return fmt.Sprintf("WhoCan anywhere: two grants of %s", g.Subject)
		}
		grants[g.Subject] = g
		if !slices.Contains(p.subjects, g.Subject) {
			return fmt.Sprintf("WhoCan anywhere: nobody named %s", g.Subject)
		}
	}
	for _, s := range p.subjects {
		g, listed := grants[s]
		if listed && !g.Everywhere && len(g.Namespaces) == 0 {
			return fmt.Sprintf("WhoCan anywhere: %s nowhere", s)
		}
		for _, place := range places() {
			if q.action.IsURL() && place != "" {
				continue
			}
			a := inPlace(q.action, place)
			got := g.Everywhere || place != "" && slices.Contains(g.Namespaces, place)
			unnamed := q.action
			unnamed.Namespace = place // a rule for the empty name counts as one for any
			want := p.allowed(alone(s), a) || p.allowed(alone(s), unnamed)
			if want && a.Name != q.action.Name && onlyNamed(answer, s, a.Name) {
				a.Namespace = "" // the name, not the place, limits a ClusterRoleBinding: it stands among those
				want = got || !p.allowed(alone(s), a) || p.allowed(alone(s), unnamed)
			}
			if got != want {
				return fmt.Sprintf("WhoCan anywhere: %s in %q is %v, upstream says %v", s, place, got, want)
			}
		}
	}
	return ""
}

// onlyNamed reports whether the answer lists the subject for objects of that name everywhere.
func onlyNamed(answer rbac.Answer, s rbac.Subject, name string) bool {
	return slices.ContainsFunc(answer.OnlyNamed, func(g rbac.Grant) bool {
		return g.Subject == s && g.Everywhere && slices.Contains(g.Names, name)
	})
}

// checkOnlyNamed compares the subjects that may do something for certain names only with decisions about each name.
func checkOnlyNamed(p *probe, q question) string {
	a := q.action
	a.Name = ""
	if a.IsURL() || inPlace(a, "dev").Name != "" {
		return ""
	}
	only := map[rbac.Subject][]rbac.Grant{}
	for _, g := range p.ix.WhoCan(a, rbac.Anywhere).OnlyNamed {
		only[g.Subject] = append(only[g.Subject], g)
	}
	for _, s := range p.subjects {
		for _, place := range places() {
			here := inPlace(a, place)
			limited := !p.allowed(alone(s), here) && a.Verb != "deletecollection"
			var want []string
			for _, name := range []string{"db", "web-0", "dev", "qa", "r1", "c1", "*"} {
				here.Name = name
				if limited && p.allowed(alone(s), here) {
					want = append(want, name)
				}
			}
			var got []string
			for _, g := range only[s] {
				inside := place != "" && slices.Contains(g.Namespaces, place)
				if inside && !limited {
					return fmt.Sprintf("WhoCan only named: %s in %q has no limit there", s, place)
				}
				if inside || limited && g.Everywhere {
					got = append(got, g.Names...)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := compare(fmt.Sprintf("WhoCan names of %s in %q", s, place), slices.Compact(got), want); diff != "" {
				return diff
			}
		}
	}
	return ""
}

// sameSubjects compares an answer without proofs with the subjects of one with proofs.
func sameSubjects(grants []rbac.Grant, subjects []rbac.Subject) string {
	if len(grants) != len(subjects) {
		return fmt.Sprintf("%d grants, but %d subjects", len(grants), len(subjects))
	}
	for i := range grants {
		if grants[i].Subject != subjects[i] {
			return fmt.Sprintf("grant %d is for %s, but subject %d is %s", i, grants[i].Subject, i, subjects[i])
		}
	}
	return ""
}
