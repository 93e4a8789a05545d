package conformance

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/component-helpers/auth/rbac/validation"
	"k8s.io/kubernetes/pkg/apis/rbac"
	registry "k8s.io/kubernetes/pkg/registry/rbac"
	rulevalidation "k8s.io/kubernetes/pkg/registry/rbac/validation"
	upstream "k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac"

	engine "github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Each check compares one query of the engine with upstream and returns what differs, "" when nothing does.

// checkCan compares decisions, and the proofs with every path there is.
func checkCan(p *probe, q question) string {
	want := p.allowed(q.id, q.action)
	if got := p.ix.Allowed(q.id, q.action); got != want {
		return fmt.Sprintf("Allowed is %v, upstream says %v", got, want)
	}
	can := p.ix.Can(q.id, q.action)
	if can.Allowed != want || can.Superuser != q.id.Superuser() {
		return fmt.Sprintf("Can says allowed %v, superuser %v, upstream says %v", can.Allowed, can.Superuser, want)
	}
	var got []string
	for i := range can.Proofs {
		proof := &can.Proofs[i]
		got = append(got, path(proof.Binding.KindName()+" "+proof.Binding.Namespace, proof.Subject, *proof.Policy()))
		if reason := badPart(p, proof); reason != "" {
			return reason
		}
	}
	return compare("proofs", got, p.paths(q))
}

func path(binding string, s engine.Subject, rule rbacv1.PolicyRule) string {
	return fmt.Sprintf("%s: %s: %q %q %q %q %q", binding, s, rule.Verbs, rule.APIGroups, rule.Resources, rule.ResourceNames,
		rule.NonResourceURLs)
}

// paths lists all that allows the request, found by looking at everything.
func (p *probe) paths(q question) []string {
	var all []string
	attrs := attributes(q.id, q.action)
	for b := range p.bindings() {
		kind := "clusterrolebinding/"
		if b.Namespace != "" {
			kind = "rolebinding/"
			if b.Namespace != q.action.Namespace || q.action.IsURL() {
				continue
			}
		}
		var seen []engine.Subject
		for _, s := range b.Subjects {
			one, _ := engine.NewSubject(s, b.Namespace)
			if !names(q.id, s, b.Namespace) || slices.Contains(seen, one) {
				continue
			}
			seen = append(seen, one)
			for _, rule := range p.rules(b) {
				if upstream.RuleAllows(attrs, &rule) {
					all = append(all, path(kind+b.Name+" "+b.Namespace, one, rule))
				}
			}
		}
	}
	return all
}

// badPart says what is wrong with the part of an aggregated role that a proof names. There is none where the rule was written into the role
// itself and stays, as no part has any.
func badPart(p *probe, proof *engine.Proof) string {
	if proof.Part == nil {
		i := slices.IndexFunc(p.set.ClusterRoles, func(r *rbacv1.ClusterRole) bool { return r.Name == proof.Role.Name })
		if len(proof.Role.Aggregates) == 0 || slices.ContainsFunc(p.set.ClusterRoles[i].Rules, func(r rbacv1.PolicyRule) bool {
			return reflect.DeepEqual(r, *proof.Policy())
		}) {
			return ""
		}
		return "no part for a rule of aggregated " + proof.Role.Name
	}
	if len(proof.Role.Aggregates) == 0 || proof.Part.Name == proof.Role.Name {
		return "a part of what is not aggregated: " + proof.Role.Name
	}
	none := engine.Subject{}
	return compare("rule of part "+proof.Part.Name, []string{path("", none, proof.Part.Rules[proof.PartRule])},
		[]string{path("", none, *proof.Policy())})
}

// checkRights compares what the lines of rights allow with the decision.
func checkRights(p *probe, q question) string {
	want := p.allowed(q.id, q.action)
	if q.id.Superuser() {
		q.id.Groups = slices.DeleteFunc(slices.Clone(q.id.Groups), func(g string) bool { return g == engine.GroupMasters })
		want = p.allowed(q.id, q.action)
	}
	for _, place := range []string{"", q.action.Namespace} {
		if got := allowedBy(p.ix.Rights(q.id, place), q.action); got != want {
			return fmt.Sprintf("Rights(%q) allow it: %v, upstream says %v", place, got, want)
		}
	}
	return ""
}

// checkMayGrant compares with what the API server does before it stores a binding.
func checkMayGrant(p *probe, id engine.Identity, ref rbacv1.RoleRef, namespace string) string {
	ctx := request.WithNamespace(request.WithUser(context.Background(), &user.DefaultInfo{Name: id.User, Groups: id.Groups}), namespace)
	rules, err := p.up.Rules.GetRoleReferenceRules(ctx, ref, namespace)
	covered := err == nil && rulevalidation.ConfirmNoEscalation(ctx, p.up.Rules, rules) == nil
	internal := rbac.RoleRef{APIGroup: rbac.GroupName, Kind: ref.Kind, Name: ref.Name}
	want := registry.EscalationAllowed(ctx) || registry.BindingAuthorized(ctx, internal, namespace, p.up.Authorizer) || covered
	got := p.ix.MayGrant(id, ref, namespace)
	switch {
	case got.Allowed != want:
		return fmt.Sprintf("MayGrant %s %s in %q is %v (%s), upstream says %v", ref.Kind, ref.Name, namespace, got.Allowed, got.How, want)
	case got.RoleFound != (err == nil):
		return fmt.Sprintf("MayGrant found %s %s in %q: %v, upstream says %v", ref.Kind, ref.Name, namespace, got.RoleFound, err)
	case !got.Allowed && got.RoleFound && len(got.Missing) == 0:
		return "MayGrant is refused with nothing missing"
	}
	return ""
}

// checkCovers compares what is missing. Ours joins what upstream lists piece by piece, so each has to cover the other.
func checkCovers(held, wanted []rbacv1.PolicyRule) string {
	ok, theirs := validation.Covers(held, wanted)
	ours := engine.Covers(held, wanted)
	if ok != (len(ours) == 0) {
		return fmt.Sprintf("Covers misses %q, upstream misses %q", ours, theirs)
	}
	if both, _ := validation.Covers(ours, theirs); !both {
		return fmt.Sprintf("Covers misses %q, which is less than upstream's %q", ours, theirs)
	}
	if both, _ := validation.Covers(theirs, ours); !both {
		return fmt.Sprintf("Covers misses %q, which is more than upstream's %q", ours, theirs)
	}
	return ""
}

func compare(what string, got, want []string) string {
	slices.Sort(got)
	slices.Sort(want)
	if slices.Equal(got, want) {
		return ""
	}
	return fmt.Sprintf("%s:\n  got  %q\n  want %q", what, got, want)
}
