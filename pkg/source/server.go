package source

import (
	"context"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// questions is how many access reviews are asked at a time.
const questions = 32

// Server returns what carries out plans on a cluster. It contacts nobody until it is used.
//
// Objects with secrets are as an inventory has them: what it hides is hidden in all that comes back, requests about them
// are in no log, and a write that would put what stands for a secret in its place is an error.
func Server(cluster *kube.Cluster) plan.Server { return server{cluster} }

// server lets plans write through the wire, which doesn't know them.
type server struct{ cluster *kube.Cluster }

func (s server) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	got, err := s.cluster.Get(guard(ctx, o), o)
	return guarded(o, got, err)
}

func (s server) Create(
	ctx context.Context, o *unstructured.Unstructured, w plan.Write,
) (*unstructured.Unstructured, error) {
	if err := checkSecret(o, o.Object); err != nil {
		return nil, err
	}
	got, err := s.cluster.Create(guard(ctx, o), o, kube.WriteOptions(w))
	return guarded(o, got, err)
}

func (s server) Patch(
	ctx context.Context, o *unstructured.Unstructured, patch []byte, w plan.Write,
) (*unstructured.Unstructured, error) {
	if err := checkPatch(o, patch); err != nil {
		return nil, err
	}
	got, err := s.cluster.Patch(guard(ctx, o), o, patch, kube.WriteOptions(w))
	return guarded(o, got, err)
}

func (s server) Delete(
	ctx context.Context, o *unstructured.Unstructured, uid types.UID, resourceVersion string, w plan.Write,
) error {
	return s.cluster.Delete(guard(ctx, o), o, uid, resourceVersion, kube.WriteOptions(w)) // the answer may be the object
}

func (s server) May(
	ctx context.Context, attributes []authorizationv1.ResourceAttributes,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	return s.cluster.May(ctx, attributes, questions)
}
