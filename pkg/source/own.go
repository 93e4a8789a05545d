package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const (
	// ownName names the role and the binding that hold the caller's own rules when the real ones can't be read.
	ownName = "selfsubjectrulesreview"
	// ownOrigin is their origin.
	ownOrigin = rbac.ToldOrigin
	// noNamespace is a name that no namespace can have, so that no RoleBinding counts in a review for it.
	noNamespace = "-"
)

// ownRules adds the caller's own rules, as the server tells them, to the snapshot: a ClusterRole and a
// ClusterRoleBinding with those that hold everywhere, a Role and a RoleBinding with what the namespace adds. A review is
// about a namespace, and its answer mixes the two; what holds without any namespace is asked for by another review. They
// hold for the caller only, and may repeat what other objects of the snapshot give.
func (l *loading) ownRules(ctx context.Context, snapshot *rbac.Snapshot) error {
	var (
		self            authenticationv1.UserInfo
		rules, anywhere authorizationv1.SubjectRulesReviewStatus
		group, groupCtx = errgroup.WithContext(ctx)
	)
	group.Go(func() (err error) {
		self, err = l.cluster.Self(groupCtx)
		return err
	})
	group.Go(func() (err error) {
		rules, err = l.cluster.SelfRules(groupCtx, l.namespace)
		return err
	})
	group.Go(func() (err error) {
		if anywhere, err = l.cluster.SelfRules(groupCtx, noNamespace); err != nil {
			// The namespace that the error names is none.
			return fmt.Errorf("ask for my rules: %w", errors.Unwrap(err))
		}
		return nil
	})
	gap := rbac.Gap{What: "own rules in namespace " + l.namespace, Namespace: l.namespace}
	if err := group.Wait(); err != nil {
		// Servers before 1.28 have no SelfSubjectReview, and both reviews may be forbidden: the lists count all the same.
		if refused(err) || apierrors.IsNotFound(err) {
			gap.Cause = cause(err)
			l.add(gap)
			return nil
		}
		return err
	}
	if rules.Incomplete || rules.EvaluationError != "" {
		gap.Cause = incompleteness(rules)
		l.add(gap)
	}
	if anywhere.Incomplete || anywhere.EvaluationError != "" {
		l.add(rbac.Gap{What: "own rules in the whole cluster", Cause: incompleteness(anywhere)})
	}
	global := ownPolicy(anywhere)
	local := slices.DeleteFunc(ownPolicy(rules), func(r rbacv1.PolicyRule) bool {
		return len(r.NonResourceURLs) > 0 || slices.ContainsFunc(global, func(g rbacv1.PolicyRule) bool {
			return g.String() == r.String()
		})
	})
	addOwn(snapshot, l.namespace, self.Username, local)
	addOwn(snapshot, "", self.Username, global)
	return nil
}

// incompleteness says why the server does not tell all rules.
func incompleteness(status authorizationv1.SubjectRulesReviewStatus) string {
	return cmp.Or(status.EvaluationError, "the server has authorizers that can't list their rules")
}

func addOwn(snapshot *rbac.Snapshot, namespace, user string, rules []rbacv1.PolicyRule) {
	if len(rules) == 0 || user == "" {
		return
	}
	kind := "Role"
	if namespace == "" {
		kind = "ClusterRole"
	}
	snapshot.Roles = append(snapshot.Roles, rbac.Role{
		Namespace: namespace, Name: ownName, Rules: rules, Stored: true, Origin: ownOrigin,
	})
	snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{
		Namespace: namespace, Name: ownName, Origin: ownOrigin,
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: ownName},
		Subjects: []rbacv1.Subject{rbac.User(user).RBAC()},
	})
}

// ownPolicy returns the rules on resources and on URLs, sorted, since the server gives them in the order in which it
// happens to find them.
func ownPolicy(status authorizationv1.SubjectRulesReviewStatus) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, r := range status.ResourceRules {
		rules = append(rules, rbacv1.PolicyRule{
			Verbs: r.Verbs, APIGroups: r.APIGroups, Resources: r.Resources, ResourceNames: r.ResourceNames,
		})
	}
	for _, r := range status.NonResourceRules {
		rules = append(rules, rbacv1.PolicyRule{Verbs: r.Verbs, NonResourceURLs: r.NonResourceURLs})
	}
	slices.SortFunc(rules, func(a, b rbacv1.PolicyRule) int { return strings.Compare(a.String(), b.String()) })
	return rules
}
