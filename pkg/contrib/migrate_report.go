package contrib

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// report fills in what each subject keeps, gains and loses in each place.
func (m *migration) report() {
	byPlace := map[string]*Migrated{}
	var order []*Migrated
	for i := range m.moved {
		one := &m.moved[i]
		key := one.place + "\n" + one.subject.String()
		r := byPlace[key]
		if r == nil {
			r = &Migrated{Subject: one.subject, Namespace: one.place, Expires: one.binding.Expires, Creator: one.binding.Creator}
			byPlace[key] = r
			order = append(order, r)
		}
		if one.binding.Expires != r.Expires && !slices.Contains(r.From, string(one.binding.Role)) {
			// The first lasts the longest.
			r.Warnings = append(r.Warnings, fmt.Sprintf("%s ends sooner, at %s", one.binding.Role, end(&one.binding)))
		}
		r.From = append(r.From, string(one.binding.Role))
		for _, name := range one.refs {
			r.To = append(r.To, "clusterrole/"+name)
		}
		r.Warnings = append(r.Warnings, one.warnings...)
	}
	after := rbac.Compile(m.index.Snapshot().With(&m.snapshot))
	for _, r := range order {
		for _, to := range r.To {
			if _, there := after.RoleNumber(rbac.ObjectID{Kind: "ClusterRole", Name: strings.TrimPrefix(to, "clusterrole/")}); !there {
				r.Warnings = append(r.Warnings, to+" is not there, or can't be read: what it gives is not known, and told as nothing")
			}
		}
		for _, list := range []*[]string{&r.From, &r.To, &r.Warnings} {
			slices.Sort(*list)
			*list = slices.Compact(*list)
		}
		m.compare(r, after)
		m.out.Members = append(m.out.Members, *r)
	}
	slices.SortFunc(m.out.Members, func(a, b Migrated) int {
		return cmp.Or(strings.Compare(a.Namespace, b.Namespace), rbac.CompareSubjects(a.Subject, b.Subject))
	})
}

// compare says what one subject keeps, gains and loses. Groups of a user are not known.
func (m *migration) compare(r *Migrated, after *rbac.Index) {
	id := rbac.NewIdentity(r.Subject)
	r.Kept, r.Gained, r.Lost = []Difference{}, []Difference{}, []Difference{}
	for _, a := range Abilities() {
		actions := a.In(r.Namespace)
		had, has := may(m.index, id, actions), may(after, id, actions)
		// Whoever logs in is never spelled with capital letters.
		kalmed := a.Kalm != nil && !isUpper(r.Subject) && m.policy.Decide(asker(r.Subject), a.asked(r.Namespace)).Allowed
		add := func(to *[]Difference, actions []rbac.Action) {
			if len(actions) > 0 {
				*to = append(*to, Difference{Ability: a.ID, Text: a.Text, Actions: actions, Cluster: a.Cluster || r.Namespace == "", Note: a.Note})
			}
		}
		if kalmed {
			add(&r.Kept, has)
			add(&r.Lost, without(actions, has))
			continue
		}
		add(&r.Gained, without(has, had))
	}
}

func without(actions, others []rbac.Action) []rbac.Action {
	return slices.DeleteFunc(slices.Clone(actions), func(a rbac.Action) bool { return slices.Contains(others, a) })
}
