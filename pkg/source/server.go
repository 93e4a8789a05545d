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
func Server(cluster *kube.Cluster) plan.Server { return server{cluster} }

// server lets plans write through the wire, which doesn't know them.
type server struct{ cluster *kube.Cluster }

func (s server) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.cluster.Get(ctx, o)
}

func (s server) Create(
	ctx context.Context, o *unstructured.Unstructured, w plan.Write,
) (*unstructured.Unstructured, error) {
	return s.cluster.Create(ctx, o, kube.WriteOptions(w))
}

func (s server) Patch(
	ctx context.Context, o *unstructured.Unstructured, patch []byte, w plan.Write,
) (*unstructured.Unstructured, error) {
	return s.cluster.Patch(ctx, o, patch, kube.WriteOptions(w))
}

func (s server) Delete(
	ctx context.Context, o *unstructured.Unstructured, uid types.UID, resourceVersion string, w plan.Write,
) error {
	return s.cluster.Delete(ctx, o, uid, resourceVersion, kube.WriteOptions(w))
}

func (s server) May(
	ctx context.Context, attributes []authorizationv1.ResourceAttributes,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	return s.cluster.May(ctx, attributes, questions)
}
