package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Reason says why something that comes near does not allow an action. The values are part of the JSON output.
type Reason string

// The reasons, nearest first.
const (
	// ReasonElsewhere: the action is allowed, but in other namespaces only.
	ReasonElsewhere Reason = "other-namespace"
	// ReasonClusterScope: a RoleBinding can't allow a cluster-wide request, nor a URL.
	ReasonClusterScope Reason = "cluster-scope"
	// ReasonName: the rule is limited to other object names.
	ReasonName Reason = "resource-name"
	// ReasonVerb: the rule has the resource but not the verb.
	ReasonVerb Reason = "verb"
	// ReasonGroup: the rule has a resource of that name in another API group.
	ReasonGroup Reason = "api-group"
	// ReasonSubresource: the rule has the resource but not the subresource, or only a subresource of it.
	ReasonSubresource Reason = "subresource"
	// ReasonRoleMissing: a binding names the subject, but its role does not exist.
	ReasonRoleMissing Reason = "role-missing"
	// ReasonSubject: the action is allowed to a subject that is easily taken for this one.
	ReasonSubject Reason = "subject"
)

// reasonOrder is the order of output.
func reasonOrder() []Reason {
	return []Reason{
		ReasonElsewhere, ReasonClusterScope, ReasonName, ReasonVerb, ReasonGroup, ReasonSubresource,
		ReasonRoleMissing, ReasonSubject,
	}
}

// rank is the place of a reason in the order of output; reasons that are none of them come last.
func (r Reason) rank() int {
	if i := slices.Index(reasonOrder(), r); i >= 0 {
		return i
	}
	return len(reasonOrder())
}

// NearMiss is a binding that almost allows an action.
type NearMiss struct {
	Reason Reason
	// Subject is the one that the binding names. It is not the one asked about when the reason is ReasonSubject.
	Subject Subject
	Via     Via
	Binding *Binding
	// Role is nil when it is missing.
	Role *Role
	// Rule is the number of the rule in Role.Rules; -1 when no single rule is meant.
	Rule int
	// Has is what is there instead: namespaces, names, verbs, groups or resources, as the reason says.
	Has []string
	// Others counts further bindings with the same reason, role and subject, which are left out.
	Others int
}

// WhyNot lists what comes near to allowing the action to the identity, nearest first, and nil when nothing does.
// It does not look whether the action is allowed.
func (ix *Index) WhyNot(id Identity, a Action) []NearMiss {
	var found []NearMiss
	var buf [16]int32
	for _, n := range ix.numbersOf(id, buf[:0]) {
		for _, b := range ix.subjects[n].bindings {
			if miss, ok := ix.nearMiss(b, &a); ok {
				miss.Subject = ix.subjects[n].Subject
				miss.Via = id.via(miss.Subject)
				found = append(found, miss)
			}
		}
	}
	found = append(found, ix.lookAlikes(id, a)...)
	slices.SortStableFunc(found, func(a, b NearMiss) int {
		return cmp.Or(cmp.Compare(a.Reason.rank(), b.Reason.rank()),
			strings.Compare(a.Binding.Namespace, b.Binding.Namespace), strings.Compare(a.Binding.Name, b.Binding.Name),
			CompareSubjects(a.Subject, b.Subject))
	})
	return foldMisses(found)
}

// AllowedIn returns the namespaces in which a RoleBinding allows the action to the identity, sorted. The action's own
// namespace does not count.
func (ix *Index) AllowedIn(id Identity, a Action) []string {
	var found []string
	var buf [16]int32
	for _, n := range ix.numbersOf(id, buf[:0]) {
		s := &ix.subjects[n]
		for _, b := range s.bindings[s.cluster:] {
			at := &ix.bindings[b]
			a.Namespace = at.Namespace
			if at.role != noRole && slices.ContainsFunc(ix.roles[at.role].rules, func(r int32) bool { return ix.rules[r].allows(&a) }) {
				found = append(found, at.Namespace)
			}
		}
	}
	return sortedUnique(found)
}

// nearMiss judges one binding of the subject: the nearest of its role's rules counts.
func (ix *Index) nearMiss(n int32, a *Action) (NearMiss, bool) {
	b := &ix.bindings[n]
	inScope := b.namespace == 0 || (b.Namespace == a.Namespace && !a.IsURL())
	if b.role == noRole {
		return NearMiss{Reason: ReasonRoleMissing, Binding: b.Binding, Rule: -1}, inScope
	}
	best := NearMiss{Binding: b.Binding, Role: ix.roles[b.role].Role}
	best.Reason = none
	object := a.Group == "" && a.Resource == "namespaces" && a.Namespace != ""
	for position, r := range ix.roles[b.role].rules {
		reason, has := judge(&ix.rules[r], a)
		switch {
		case reason == "" && inScope:
			continue // it allows the action, so it is no miss
		case reason == "" && (a.Namespace == "" || a.IsURL()):
			reason, has = ReasonClusterScope, []string{b.Namespace}
		case reason == "" && object && !matchesName(ix.rules[r].policy, b.Namespace):
			// In another namespace it is about the object of that name, which the rule does not reach.
			reason, has = ReasonClusterScope, []string{b.Namespace}
		case reason == "":
			reason, has = ReasonElsewhere, []string{b.Namespace}
		case !inScope:
			continue
		}
		switch {
		case reason.rank() < best.Reason.rank():
			best.Reason, best.Rule, best.Has = reason, position, has
		case reason == best.Reason && reason != none:
			best.Has = append(slices.Clip(best.Has), has...)
		}
	}
	if best.Reason == none {
		return NearMiss{}, false
	}
	best.Has = sortedUnique(best.Has)
	return best, true
}

// none is the reason of a rule that has nothing to do with an action.
const none Reason = "none"

// judge says in what single respect the rule does not allow the action; "" when it does, none when more is missing.
func judge(r *rule, a *Action) (Reason, []string) {
	p := r.policy
	verb := matchesVerb(p, a.Verb)
	if a.IsURL() {
		url := matchesURL(p, a.Path)
		switch {
		case verb && url:
			return "", nil
		case url:
			return ReasonVerb, p.Verbs
		}
		return none, nil
	}
	group, resource := matchesGroup(p, a.Group), matchesResource(p, a.Resource, a.Subresource)
	name := matchesName(p, a.Name)
	switch {
	case verb && group && resource && name:
		return "", nil
	case verb && group && resource:
		return ReasonName, p.ResourceNames
	case group && resource && name:
		return ReasonVerb, p.Verbs
	case verb && resource && name:
		return ReasonGroup, p.APIGroups
	case verb && group && name:
		if has := sameResource(p, a.Resource); len(has) > 0 {
			return ReasonSubresource, has
		}
	}
	return none, nil
}

// sameResource lists the rule's entries for the resource itself, any of its subresources, or a mistaken "res/*".
func sameResource(p *rbacv1.PolicyRule, resource string) []string {
	var has []string
	for _, r := range p.Resources {
		if main, _, _ := strings.Cut(r, "/"); main == resource {
			has = append(has, r)
		}
	}
	return has
}

// lookAlikes finds subjects that are easily taken for the identity's and may do the action: another case, a group or a
// user of the same name, a service account of that name in another namespace.
func (ix *Index) lookAlikes(id Identity, a Action) []NearMiss {
	var found []NearMiss
	mine := id.Subject
	for n := range ix.subjects {
		s := ix.subjects[n].Subject
		if s == mine || s.Kind == rbacv1.GroupKind && slices.Contains(id.Groups, s.Name) || !alike(s, mine) {
			continue
		}
		only := Identity{Subject: s, User: s.UserName()}
		if s.Kind == rbacv1.GroupKind {
			only.Groups = []string{s.Name}
		}
		ix.visit(only, a, func(_, binding int32, position int) bool {
			b := &ix.bindings[binding]
			found = append(found, NearMiss{
				Reason: ReasonSubject, Subject: s, Via: ViaDirect, Binding: b.Binding, Role: ix.roles[b.role].Role,
				Rule: position, Has: []string{s.String()},
			})
			return false
		})
	}
	return found
}

func alike(s, mine Subject) bool {
	if !strings.EqualFold(s.Name, mine.Name) {
		return false
	}
	if s.Kind == rbacv1.ServiceAccountKind || mine.Kind == rbacv1.ServiceAccountKind {
		return s.Kind == mine.Kind
	}
	return true
}

// foldMisses keeps one of the misses that differ in their namespace only, and counts the rest.
func foldMisses(found []NearMiss) []NearMiss {
	type key struct {
		reason  Reason
		subject Subject
		role    *Role
		rule    int
		binding string
	}
	first := map[key]int{}
	var out []NearMiss
	for _, miss := range found {
		k := key{miss.Reason, miss.Subject, miss.Role, miss.Rule, miss.Binding.Name}
		i, known := first[k]
		if !known || miss.Role == nil {
			first[k] = len(out)
			out = append(out, miss)
			continue
		}
		out[i].Others++
		if miss.Reason == ReasonElsewhere || miss.Reason == ReasonClusterScope {
			out[i].Has = append(out[i].Has, miss.Has...)
		}
	}
	return out
}

func sortedUnique(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
