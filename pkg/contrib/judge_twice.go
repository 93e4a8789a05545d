package contrib

import (
	"cmp"
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgeTwice is KF008 of users who have several roles, and of names that two users share.
func (p *place) judgeTwice() {
	byUser := map[string][]*rbacv1.RoleBinding{}
	var order []string
	for _, b := range p.bindings {
		name, ok := contributor(b)
		if !ok || short(b) == "" || p.going[b] {
			continue
		}
		if byUser[name] == nil {
			order = append(order, name)
		}
		byUser[name] = append(byUser[name], b)
	}
	owners := p.bindingOf[kubeflow.OwnerBinding]
	for _, name := range order {
		held := byUser[name]
		if owners != nil && len(owners.Subjects) == 1 && names(owners, rbac.User(name)) {
			held = append(held, owners)
		}
		slices.SortStableFunc(held, p.strongest)
		for _, b := range held[1:] {
			// It must not be the one that the fix relies on.
			p.going[b] = true
			f := p.superfluous(name, held[0], b)
			p.going[b] = f.Fix != nil
			p.found(f)
		}
		for _, b := range byUser[name] {
			if !p.going[b] {
				p.judgeCollision(name, b)
			}
		}
	}
}

// isOver reports whether a grant is past its date, and so GH001's.
func (p *place) isOver(b *rbacv1.RoleBinding) bool {
	m := workspace.Member{Expires: expires(b.Annotations)}
	return m.Expired(p.state.Now)
}

// strongest brings the binding to keep to the front: the owner's, the highest role, the one that stays longest, the one
// that the dashboard finds.
func (p *place) strongest(a, b *rbacv1.RoleBinding) int {
	return cmp.Or(
		isFirst(a.Name == kubeflow.OwnerBinding, b.Name == kubeflow.OwnerBinding),
		cmp.Compare(workspace.RoleOf(b.RoleRef).Rank(), workspace.RoleOf(a.RoleRef).Rank()),
		isFirst(expires(a.Annotations).IsZero(), expires(b.Annotations).IsZero()),
		expires(b.Annotations).Compare(expires(a.Annotations)),
		isFirst(isCanonical(a), isCanonical(b)),
		isFirst(p.policyOf[a.Name] != nil, p.policyOf[b.Name] != nil),
		cmp.Compare(a.Name, b.Name),
	)
}

func isFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

func isCanonical(b *rbacv1.RoleBinding) bool {
	name, ok := contributor(b)
	return ok && b.Name == kubeflow.BindingName(rbacv1.UserKind, name, short(b))
}

// superfluous is a role beside a stronger one of the same user.
func (p *place) superfluous(name string, keep, b *rbacv1.RoleBinding) finding.Finding {
	has := "is " + roleText(keep)
	if keep.Name == kubeflow.OwnerBinding {
		has = "owns the workspace"
	}
	f := finding.Finding{
		ID: "KF008", Severity: finding.Warning, Object: bindingName(b),
		Message: fmt.Sprintf("it makes %s %s, who %s already (%s)", name, roleText(b), has, bindingName(keep)),
		Why: "Lists show the user more than once, and whoever removes one of the roles believes that the user is gone.\n" +
			"Keep the strongest role, or the one that is meant.",
	}
	if end := expires(keep.Annotations); !end.IsZero() && (expires(b.Annotations).IsZero() || expires(b.Annotations).After(end)) {
		f.Why += "\nThe stronger role ends on " + end.Format("2006-01-02") + ", and this one does not: both may be meant."
		return f
	}
	f.Fix = p.keepOne(name, keep, b).plan(fmt.Sprintf("leave %s one role in %s", name, p.name))
	return f
}

// keepOne removes a pair, and makes sure that whoever got in by it goes on to: the user by the pair that stays.
func (p *place) keepOne(name string, keep, b *rbacv1.RoleBinding) *repair {
	who := user(name)
	r := repairOf(who, p.name)
	r.unbind(b, "a stronger role is there")
	o := p.pairPolicy(b, who)
	if o == nil || o.GetName() == keep.Name {
		return r
	}
	p.close(r, o, "it goes with its role binding")
	return r
}

// judgeCollision is KF008 of two users whose pairs have one name. Names that differ in case only are another matter: see
// judgeSpelling.
func (p *place) judgeCollision(name string, b *rbacv1.RoleBinding) {
	other := p.bindingOf[kubeflow.BindingName(rbacv1.UserKind, name, short(b))]
	if other == nil || other == b {
		return
	}
	holder, ok := contributor(other)
	if !ok || holder == name || foldEqual(holder, name) {
		return
	}
	p.found(collision(name, holder, other.Name, b))
}

// collision is KF008 of a user whose pair can't have its name, because another user's has it or gets it.
func collision(name, holder, taken string, b *rbacv1.RoleBinding) finding.Finding {
	return finding.Finding{
		ID: "KF008", Severity: finding.Warning, Object: bindingName(b),
		Message: fmt.Sprintf("the name that Kubeflow has for %s is taken by %s", name, holder),
		Why: fmt.Sprintf("Kubeflow turns both users' names into %s. Whoever removes %s in the dashboard takes the access of %s away.\n",
			inline(taken), inline(name), inline(holder)) +
			"Remove either with kubectl contrib remove, which looks at the subject.",
	}
}
