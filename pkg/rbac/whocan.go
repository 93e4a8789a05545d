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
	// would be refused a request without a name, so they are not in Grants. A subject has one entry for each set of names.
	OnlyNamed []Grant
}

// WhoCan returns every subject that may do the action. Subjects are those that bindings name, and system:masters;
// members of groups are not known here.
func (ix *Index) WhoCan(a Action, scope Scope) Answer {
	q := ix.collect(a, scope)
	q.prover = ix.newProver()
	return q.answer()
}

// AllowedSubjects returns the subjects of [Index.WhoCan]'s grants, in the same order, without saying why. It is the
// cheaper question where nobody looks at the proofs.
func (ix *Index) AllowedSubjects(a Action, scope Scope) []Subject {
	q := ix.collect(a, scope)
	numbers := make([]int32, 0, len(q.hits))
	for i := range q.hits {
		if !q.hits[i].named {
			numbers = append(numbers, q.hits[i].subject)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	out := make([]Subject, 1, len(numbers)+1)
	out[0] = Group(GroupMasters)
	for _, n := range numbers {
		if s := ix.subjects[n].Subject; s != out[0] {
			out = append(out, s)
		}
	}
	return out
}

// collect finds all hits of a query.
func (ix *Index) collect(a Action, scope Scope) *whoCan {
	q := &whoCan{
		ix: ix, action: a, sieve: actionSieve(&a), byNamespace: scope == Anywhere && namespaceObject(a),
	}
	q.clusterBindings()
	q.cluster = len(q.hits)
	_, end := ix.bindingsIn("")
	switch {
	case a.IsURL():
	case scope == Anywhere:
		q.matched = make([]match, len(ix.roles))
		q.makeRoom(end, int32(len(ix.bindings)))
		q.roleBindings(end, int32(len(ix.bindings)))
	case a.Namespace != "":
		q.roleBindings(ix.bindingsIn(a.Namespace))
	}
	return q
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

// whoCan is one query at work: hits are collected binding by binding, then sorted out by subject.
type whoCan struct {
	ix          *Index
	action      Action
	sieve       sieve
	prover      *prover
	byNamespace bool
	matched     []match // per role, so that many bindings to one role ask once; nil in queries of few bindings
	hits        []hit
	cluster     int // how many of them are of ClusterRoleBindings: these come first, in no order; the rest by binding
	named       int
}

// match tells which rules of a role allow the action: the position of the first plus one, or 0 when there is none.
type match struct {
	asked bool
	any   int32
	named int32 // of the first that allows it for certain names only
}

// hit is a subject of a binding whose role allows the action.
type hit struct {
	subject, binding, position int32
	named                      bool
}

// clusterBindings collects hits of ClusterRoleBindings, role by role.
func (q *whoCan) clusterBindings() {
	l := &q.ix.lookup
	var found []hit // here the subject is a number into l.bound
	for _, list := range l.lists(&q.action) {
		for _, n := range list {
			verdict := q.judge(&q.ix.rules[l.rules[n].rule])
			if verdict == forNone {
				continue
			}
			found = slices.Grow(found, len(l.rules[n].places))
			for _, at := range l.rules[n].places {
				found = append(found, hit{subject: at.bound, position: at.position, named: verdict == forNames})
			}
		}
	}
	sortHits(found, func(h *hit) int32 { return h.subject })
	q.hits = make([]hit, 0, 2*len(found)+8)
	for len(found) > 0 {
		n := found[0].subject
		var m match
		for ; len(found) > 0 && found[0].subject == n; found = found[1:] {
			first := &m.any
			if found[0].named {
				first = &m.named
			}
			if position := found[0].position + 1; *first == 0 || position < *first {
				*first = position
			}
		}
		for _, b := range l.bound[n].bindings {
			q.add(b, m)
		}
	}
}

// roleBindings collects hits of a range of RoleBindings.
func (q *whoCan) roleBindings(first, end int32) {
	for b := first; b < end; b++ {
		at := &q.ix.bindings[b]
		if at.role == noRole || len(at.subjects) == 0 {
			continue
		}
		m := q.match(at.role)
		if q.byNamespace && m.any == 0 && m.named > 0 {
			if m.any = q.matchOwn(at.role, at.Namespace); m.any == 0 {
				continue
			}
		}
		if m.any > 0 || m.named > 0 {
			q.add(b, m)
		}
	}
}

// makeRoom prepares for as many hits as a range of RoleBindings may give.
func (q *whoCan) makeRoom(first, end int32) {
	count := 0
	for b := first; b < end; b++ {
		at := &q.ix.bindings[b]
		if at.role == noRole || len(at.subjects) == 0 {
			continue
		}
		if m := q.match(at.role); m.any > 0 || m.named > 0 {
			count += len(at.subjects)
		}
	}
	q.hits = slices.Grow(q.hits, count)
}

func (q *whoCan) add(binding int32, m match) {
	position, named := m.any-1, m.any == 0
	if named {
		position = m.named - 1
	}
	for _, s := range q.ix.bindings[binding].subjects {
		q.hits = append(q.hits, hit{s, binding, position, named})
		if named {
			q.named++
		}
	}
}

func (q *whoCan) match(r int32) match {
	if q.matched == nil {
		return q.matchRules(r)
	}
	if !q.matched[r].asked {
		q.matched[r] = q.matchRules(r)
	}
	return q.matched[r]
}

func (q *whoCan) matchRules(r int32) match {
	m := match{asked: true}
	for i, n := range q.ix.roles[r].rules {
		switch q.judge(&q.ix.rules[n]) {
		case forAll:
			m.any = int32(i) + 1
			return m
		case forNames:
			if m.named == 0 {
				m.named = int32(i) + 1
			}
		case forNone:
		}
	}
	return m
}

// verdict says whether a rule allows the action.
type verdict int

const (
	forNone verdict = iota
	forNames
	forAll
)

// judge asks one rule. An action without a name is allowed for certain names by a rule that lists them.
func (q *whoCan) judge(rule *rule) verdict {
	switch {
	case !rule.sieve.passes(q.sieve) || !rule.allowsSomeName(&q.action):
		return forNone
	case q.action.IsURL() || matchesName(rule.policy, q.action.Name):
		return forAll
	case q.action.Name == "" && !neverNamed(q.action.Verb):
		return forNames
	}
	return forNone
}

// neverNamed reports whether requests with the verb never carry a name, so that a rule limited to names has no use. Lists
// carry one when a field selector asks for a single object. A create by POST carries none, but one by server-side apply or
// PUT does: the API server then asks whether the object of that name may be created.
func neverNamed(verb string) bool { return verb == "deletecollection" }

// matchOwn finds the first rule that allows the action for the namespace object in which the binding is, as in match.
func (q *whoCan) matchOwn(r int32, namespace string) int32 {
	a := q.action
	a.Name = namespace
	for i, n := range q.ix.roles[r].rules {
		if q.ix.rules[n].sieve.passes(q.sieve) && q.ix.rules[n].allows(&a) {
			return int32(i) + 1
		}
	}
	return 0
}

// sortProofs orders proofs by place, binding and rule.
func sortProofs(proofs []Proof) {
	slices.SortStableFunc(proofs, func(a, b Proof) int {
		return cmp.Or(strings.Compare(a.Binding.Namespace, b.Binding.Namespace),
			strings.Compare(a.Binding.Name, b.Binding.Name), cmp.Compare(a.Rule, b.Rule),
			CompareSubjects(a.Subject, b.Subject))
	})
}
