package rbac

import (
	"cmp"
	"slices"
	"strings"
)

// Scope says in which namespaces a who-can query looks.
type Scope int

// The scopes of a who-can query.
const (
	// InNamespace asks for requests in the action's namespace, or for cluster-wide requests when it has none.
	InNamespace Scope = iota
	// Anywhere asks for the cluster-wide request and for those in every namespace at once.
	Anywhere
)

// Grant is one subject that may do an action, with the places where it may and the proofs.
type Grant struct {
	Subject Subject
	// Superuser says that the API server admits the subject without asking RBAC.
	Superuser bool
	// Everywhere says that the action is allowed cluster-wide, and so in every namespace.
	Everywhere bool
	// Namespaces are those in which a RoleBinding allows the action, sorted. Superuser or Everywhere may come on top.
	Namespaces []string
	// Names are the only objects for which the action is allowed; nil means that the names are not limited.
	Names []string
	// Proofs hold one path for each binding, cluster-wide ones first: the binding's first rule that allows the action.
	Proofs []Proof
}

// Answer is the result of a who-can query.
type Answer struct {
	// Grants hold one entry a subject: superusers, users, groups, service accounts.
	Grants []Grant
	// OnlyNamed are subjects that may do the action for certain object names only, when the action names none. They
	// would be refused a request without a name, so they are not in Grants.
	OnlyNamed []Grant
}

// WhoCan returns every subject that may do the action. Subjects are those that bindings name, and system:masters;
// members of groups are not known here.
func (ix *Index) WhoCan(a Action, scope Scope) Answer {
	q := whoCan{ix: ix, action: a, prover: ix.newProver(), byNamespace: scope == Anywhere && namespaceObject(a)}
	first, end := ix.bindingsIn("")
	q.collect(first, end)
	switch {
	case a.IsURL():
	case scope == Anywhere:
		q.collect(end, int32(len(ix.bindings)))
	case a.Namespace != "":
		q.collect(ix.bindingsIn(a.Namespace))
	}
	masters := Grant{Subject: Group(GroupMasters), Superuser: true, Everywhere: true}
	answer := Answer{Grants: q.grants(false)}
	if i := slices.IndexFunc(answer.Grants, func(g Grant) bool { return g.Subject == masters.Subject }); i >= 0 {
		masters.Namespaces, masters.Proofs = answer.Grants[i].Namespaces, answer.Grants[i].Proofs
		answer.Grants = slices.Delete(answer.Grants, i, i+1)
	}
	answer.Grants = slices.Insert(answer.Grants, 0, masters)
	if q.named > 0 {
		answer.OnlyNamed = q.onlyNamed(answer.Grants)
	}
	return answer
}

// namespaceObject reports whether the action is on some namespace object that it leaves open. Requests for it carry
// the object's name as their namespace, so a RoleBinding can allow them for its own namespace.
func namespaceObject(a Action) bool {
	if a.Name != "" {
		return false
	}
	a.Name = "x"
	return a.AtObjectNamespace().Namespace == "x"
}

// whoCan is one query at work: matches are collected binding by binding, then sorted out by subject.
type whoCan struct {
	ix          *Index
	action      Action
	prover      *prover
	byNamespace bool
	matched     []int32 // per role: 0 not looked at yet, else the number of its first matching rule + 2; 1 when none
	byName      []int32 // the same for rules that only match certain names
	hits        []hit
	named       int
}

type hit struct {
	subject, binding, position int32
	named                      bool
}

func (q *whoCan) collect(first, end int32) {
	if q.matched == nil {
		q.matched = make([]int32, len(q.ix.roles))
		q.byName = make([]int32, len(q.ix.roles))
	}
	for b := first; b < end; b++ {
		r := q.ix.bindings[b].role
		if r == noRole || len(q.ix.bindings[b].subjects) == 0 {
			continue
		}
		if q.matched[r] == 0 {
			q.match(r)
		}
		position, named := q.matched[r], false
		if position == 1 {
			if position = q.byName[r]; position == 1 {
				continue
			}
			named = true
			if q.byNamespace && q.ix.bindings[b].namespace != 0 {
				if position = q.matchOwn(r, q.ix.bindings[b].Namespace); position == 1 {
					continue
				}
				named = false
			}
		}
		for _, s := range q.ix.bindings[b].subjects {
			q.hits = append(q.hits, hit{s, b, position - 2, named})
			if named {
				q.named++
			}
		}
	}
}

// match finds the first rule of the role that allows the action, and the first that allows it for some names only.
func (q *whoCan) match(r int32) {
	q.matched[r], q.byName[r] = 1, 1
	for i, n := range q.ix.roles[r].rules {
		rule := &q.ix.rules[n]
		if !rule.allowsSomeName(&q.action) {
			continue
		}
		if q.action.IsURL() || matchesName(rule.policy, q.action.Name) {
			q.matched[r] = int32(i) + 2
			return
		}
		if q.byName[r] == 1 && q.action.Name == "" && !neverNamed(q.action.Verb) {
			q.byName[r] = int32(i) + 2
		}
	}
}

// neverNamed reports whether requests with the verb never carry a name, so that a rule limited to names has no use. Lists
// carry one when a field selector asks for a single object. A create by POST carries none, but one by server-side apply or
// PUT does: the API server then asks whether the object of that name may be created.
func neverNamed(verb string) bool { return verb == "deletecollection" }

// matchOwn finds the first rule that allows the action for the namespace object in which the binding is.
func (q *whoCan) matchOwn(r int32, namespace string) int32 {
	a := q.action
	a.Name = namespace
	for i, n := range q.ix.roles[r].rules {
		if q.ix.rules[n].allows(&a) {
			return int32(i) + 2
		}
	}
	return 1
}

// grants sorts the hits out by subject. Hits are in the order of bindings, so each grant's are too.
func (q *whoCan) grants(named bool) []Grant {
	hits := make([]hit, 0, len(q.hits))
	for _, h := range q.hits {
		if h.named == named {
			hits = append(hits, h)
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.subject, b.subject) })
	proofs := make([]Proof, len(hits))
	places := make([]string, 0, len(hits))
	var out []Grant
	for from := 0; from < len(hits); {
		n := hits[from].subject
		g := Grant{Subject: q.ix.subjects[n].Subject}
		to, start := from, len(places)
		for ; to < len(hits) && hits[to].subject == n; to++ {
			h := hits[to]
			proofs[to] = q.prover.prove(n, ViaDirect, h.binding, int(h.position))
			ns := q.ix.bindings[h.binding].Namespace
			switch {
			case ns == "":
				g.Everywhere = true
			case len(places) == start || places[len(places)-1] != ns:
				places = append(places, ns)
			}
		}
		g.Proofs = proofs[from:to:to]
		if len(places) > start {
			g.Namespaces = places[start:len(places):len(places)]
		}
		out = append(out, g)
		from = to
	}
	return out
}

// onlyNamed returns the grants for certain names, leaving out the places where the subject may do it without a limit.
func (q *whoCan) onlyNamed(full []Grant) []Grant {
	unlimited := make(map[Subject]*Grant, len(full))
	for i := range full {
		unlimited[full[i].Subject] = &full[i]
	}
	var out []Grant
	for _, g := range q.grants(true) {
		covered := func(string) bool { return false }
		if u := unlimited[g.Subject]; u != nil {
			covered = func(ns string) bool {
				_, found := slices.BinarySearch(u.Namespaces, ns)
				return u.Everywhere || found
			}
		}
		g.Proofs = slices.DeleteFunc(g.Proofs, func(p Proof) bool { return covered(p.Binding.Namespace) })
		if len(g.Proofs) == 0 {
			continue
		}
		g.Namespaces = slices.DeleteFunc(g.Namespaces, covered)
		for _, p := range g.Proofs {
			g.Names = append(g.Names, q.names(p.Binding)...)
		}
		slices.Sort(g.Names)
		g.Names = slices.Compact(g.Names)
		out = append(out, g)
	}
	return out
}

// names lists the object names for which the binding's role allows the action.
func (q *whoCan) names(b *Binding) []string {
	var names []string
	for _, n := range q.ix.roles[q.ix.resolve(b.RoleRef, b.Namespace)].rules {
		if rule := &q.ix.rules[n]; rule.allowsSomeName(&q.action) {
			names = append(names, rule.policy.ResourceNames...)
		}
	}
	return names
}

// sortProofs orders proofs by place, binding and rule.
func sortProofs(proofs []Proof) {
	slices.SortStableFunc(proofs, func(a, b Proof) int {
		return cmp.Or(strings.Compare(a.Binding.Namespace, b.Binding.Namespace),
			strings.Compare(a.Binding.Name, b.Binding.Name), cmp.Compare(a.Rule, b.Rule),
			CompareSubjects(a.Subject, b.Subject))
	})
}
