package plan

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// Server is what carrying out a plan needs of an API server. Errors are those of client-go, so that
// apierrors.IsConflict and the like work on them. It may be used by several goroutines at once.
type Server interface {
	// Get reads the object of the same version, kind, namespace and name as o.
	Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error)
	// Create makes o and returns what the server made of it.
	Create(ctx context.Context, o *unstructured.Unstructured, w Write) (*unstructured.Unstructured, error)
	// Patch applies a JSON merge patch (RFC 7396) to the object that o names.
	Patch(ctx context.Context, o *unstructured.Unstructured, patch []byte, w Write) (*unstructured.Unstructured, error)
	// Delete deletes the object that o names if it has this UID and resource version; empty ones match any. Dependents
	// are deleted in the background.
	Delete(ctx context.Context, o *unstructured.Unstructured, uid types.UID, resourceVersion string, w Write) error
	// May asks whether the caller may do each of these (SelfSubjectAccessReview), all at once, in their order.
	May(ctx context.Context, attributes []authorizationv1.ResourceAttributes) ([]authorizationv1.SubjectAccessReviewStatus, error)
}

// Write says how a write is done.
type Write struct {
	// DryRun lets the server do all but store the result.
	DryRun bool
	// FieldManager is who the server notes as the author.
	FieldManager string
}
