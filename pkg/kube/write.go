package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/validate/content"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
)

// WriteOptions say how one object is written.
type WriteOptions struct {
	// DryRun lets the server do all but store the result.
	DryRun bool
	// FieldManager is who the server notes as the author; deletes have none.
	FieldManager string
}

// Get reads the object of the same version, kind, namespace and name as o. What it asks for is guessed from the kind
// (RoleBinding: rolebindings), and an object without a namespace is taken for one of the cluster: nothing is
// discovered. The same holds for the writes. Errors are those of the server, not wrapped: callers know what they asked.
func (c *Cluster) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	path, err := objectPath(o)
	if err != nil {
		return nil, err
	}
	return answer(ctx, c.client.Get().AbsPath(path...).MaxRetries(0))
}

// Create makes o and returns what the server stored. An answer that says to come back later (429, 5xx) is an error:
// asking again could make what an earlier request has made already.
func (c *Cluster) Create(
	ctx context.Context, o *unstructured.Unstructured, options WriteOptions,
) (*unstructured.Unstructured, error) {
	body, err := json.Marshal(o.Object)
	if err != nil {
		return nil, fmt.Errorf("encode object: %w", err)
	}
	return answer(ctx, options.apply(c.client.Post().AbsPath(collectionPath(o)...)).
		SetHeader("Content-Type", contentJSON).Body(body))
}

// Patch applies a JSON merge patch (RFC 7396) to the object that o names, and returns what the server stored. Like
// [Cluster.Create] it asks once.
func (c *Cluster) Patch(
	ctx context.Context, o *unstructured.Unstructured, patch []byte, options WriteOptions,
) (*unstructured.Unstructured, error) {
	path, err := objectPath(o)
	if err != nil {
		return nil, err
	}
	return answer(ctx, options.apply(c.client.Patch(types.MergePatchType).AbsPath(path...)).Body(patch))
}

// Delete deletes the object that o names, and its dependents in the background, if it has this UID and resource
// version; an empty one matches any. Like [Cluster.Create] it asks once.
func (c *Cluster) Delete(
	ctx context.Context, o *unstructured.Unstructured, uid types.UID, resourceVersion string, options WriteOptions,
) error {
	path, err := objectPath(o)
	if err != nil {
		return err
	}
	background := metav1.DeletePropagationBackground
	deletion := metav1.DeleteOptions{
		TypeMeta:          metav1.TypeMeta{APIVersion: "v1", Kind: "DeleteOptions"},
		PropagationPolicy: &background,
		Preconditions:     &metav1.Preconditions{},
	}
	if uid != "" {
		deletion.Preconditions.UID = &uid
	}
	if resourceVersion != "" {
		deletion.Preconditions.ResourceVersion = &resourceVersion
	}
	if options.DryRun {
		deletion.DryRun = []string{metav1.DryRunAll}
	}
	body, err := json.Marshal(deletion)
	if err != nil {
		return fmt.Errorf("encode delete options: %w", err)
	}
	return c.client.Delete().AbsPath(path...).MaxRetries(0).
		SetHeader("Accept", contentJSON).SetHeader("Content-Type", contentJSON).Body(body).Do(ctx).Error()
}

// May asks the server whether the asking user may do each of these (SelfSubjectAccessReview), at most limit at a time,
// and returns the answers in the order of the questions. The first review that fails ends all of them.
func (c *Cluster) May(
	ctx context.Context, attributes []authorizationv1.ResourceAttributes, limit int,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	statuses := make([]authorizationv1.SubjectAccessReviewStatus, len(attributes))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(limit, 1))
	for i := range attributes {
		if groupCtx.Err() != nil {
			break
		}
		group.Go(func() error {
			review := &authorizationv1.SelfSubjectAccessReview{
				Spec: authorizationv1.SelfSubjectAccessReviewSpec{ResourceAttributes: &attributes[i]},
			}
			if err := c.create(groupCtx, "authorization.k8s.io", "selfsubjectaccessreviews", review); err != nil {
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
		return nil, fmt.Errorf("ask what I may do: %w", err)
	}
	return statuses, nil
}

// apply makes a request one write: asked once, as these options say.
func (o WriteOptions) apply(request *rest.Request) *rest.Request {
	// Fields that the server does not know are an error of a dry run. The write itself needs no second look, which costs
	// the server a good part of what a write costs.
	validation := metav1.FieldValidationIgnore
	if o.DryRun {
		request.Param("dryRun", metav1.DryRunAll)
		validation = metav1.FieldValidationStrict
	}
	request.Param("fieldValidation", validation)
	if o.FieldManager != "" {
		request.Param("fieldManager", o.FieldManager)
	}
	return request.MaxRetries(0)
}

// answer sends a request for JSON and reads the one object that comes back.
func answer(ctx context.Context, request *rest.Request) (*unstructured.Unstructured, error) {
	result := request.SetHeader("Accept", contentJSON).Do(ctx)
	if err := result.Error(); err != nil {
		return nil, err
	}
	body, err := result.Raw()
	if err != nil {
		return nil, err
	}
	object := &unstructured.Unstructured{}
	if err := object.UnmarshalJSON(body); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	return object, nil
}

func collectionPath(o *unstructured.Unstructured) []string {
	resource, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
	segments := []string{"apis", resource.Group, resource.Version}
	if resource.Group == "" {
		segments = []string{"api", resource.Version}
	}
	if namespace := o.GetNamespace(); namespace != "" {
		segments = append(segments, "namespaces", namespace)
	}
	return append(segments, resource.Resource)
}

// objectPath refuses names that would lead to another object, or, when empty, to all objects of the kind.
func objectPath(o *unstructured.Unstructured) ([]string, error) {
	name := o.GetName()
	if reasons := content.IsPathSegmentName(name); name == "" || len(reasons) > 0 {
		return nil, fmt.Errorf("bad name %q: %s", name, strings.Join(append(reasons, "want one part of a path"), ", "))
	}
	return append(collectionPath(o), name), nil
}
