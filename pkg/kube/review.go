package kube

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Self asks the server who is asking (SelfSubjectReview): the user and groups after authentication and, with --as,
// after impersonation.
func (c *Cluster) Self(ctx context.Context) (authenticationv1.UserInfo, error) {
	review := &authenticationv1.SelfSubjectReview{}
	if err := c.create(ctx, "authentication.k8s.io", "selfsubjectreviews", review); err != nil {
		return authenticationv1.UserInfo{}, fmt.Errorf("ask who I am: %w", err)
	}
	return review.Status.UserInfo, nil
}

// SelfRules asks the server what the asking user may do in a namespace (SelfSubjectRulesReview). The answer says itself
// whether it is incomplete, as it is with authorizers that can't list their rules.
func (c *Cluster) SelfRules(ctx context.Context, namespace string) (authorizationv1.SubjectRulesReviewStatus, error) {
	review := &authorizationv1.SelfSubjectRulesReview{
		Spec: authorizationv1.SelfSubjectRulesReviewSpec{Namespace: namespace},
	}
	if err := c.create(ctx, "authorization.k8s.io", "selfsubjectrulesreviews", review); err != nil {
		return authorizationv1.SubjectRulesReviewStatus{}, fmt.Errorf("ask for my rules in namespace %s: %w", namespace, err)
	}
	return review.Status, nil
}

// Review asks the server to decide requests (SubjectAccessReview), at most limit at a time, and returns the decisions
// in the order of the specs. All authorizers of the server take part, not only RBAC. The first refusal or failure of a
// review itself ends all of them.
func (c *Cluster) Review(
	ctx context.Context, specs []authorizationv1.SubjectAccessReviewSpec, limit int,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	statuses := make([]authorizationv1.SubjectAccessReviewStatus, len(specs))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(limit, 1))
	for i := range specs {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error {
			review := &authorizationv1.SubjectAccessReview{Spec: specs[i]}
			if err := c.create(groupCtx, "authorization.k8s.io", "subjectaccessreviews", review); err != nil {
				return err
			}
			statuses[i] = review.Status
			return nil
		})
	}
	err := group.Wait()
	if err == nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("review access: %w", err)
	}
	return statuses, nil
}

func (c *Cluster) create(ctx context.Context, group, resource string, review runtime.Object) error {
	return c.client.Post().AbsPath("apis", group, "v1", resource).
		VersionedParams(&metav1.CreateOptions{}, metav1.ParameterCodec).
		Body(review).Do(ctx).Into(review)
}
