package change

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// veiled is a server whose answers look as what was read does: without the token of an AccessToken. Otherwise a change that
// is taken back would show the token, and put in its place what stands for it in what was read.
type veiled struct{ plan.Server }

// server is where changes are carried out and tried.
func (m *Maker) server() plan.Server { return veiled{m.world.Server()} }

// Get implements [plan.Server].
func (v veiled) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	live, err := v.Server.Get(ctx, o)
	return veil(live), err
}

// Create implements [plan.Server].
func (v veiled) Create(ctx context.Context, o *unstructured.Unstructured, how plan.Write) (*unstructured.Unstructured, error) {
	live, err := v.Server.Create(ctx, o, how)
	return veil(live), err
}

// Patch implements [plan.Server].
func (v veiled) Patch(
	ctx context.Context, o *unstructured.Unstructured, patch []byte, how plan.Write,
) (*unstructured.Unstructured, error) {
	live, err := v.Server.Patch(ctx, o, patch, how)
	return veil(live), err
}

// veil returns an AccessToken with the digest in place of the token, and without what kubectl keeps of it in an annotation;
// other objects as they are.
func veil(o *unstructured.Unstructured) *unstructured.Unstructured {
	if o == nil || o.GetKind() != kalm.TokenKind || o.GroupVersionKind().Group != kalm.Group {
		return o
	}
	o = o.DeepCopy()
	unstructured.RemoveNestedField(o.Object, "metadata", "annotations", corev1.LastAppliedConfigAnnotation)
	if len(o.GetAnnotations()) == 0 {
		o.SetAnnotations(nil)
	}
	spec, _ := o.Object["spec"].(map[string]any)
	switch text := spec["token"].(type) {
	case nil:
	case string:
		if sum, _, ok := inventory.ReadDigest(text); !ok || sum != o.GetName() {
			spec["token"] = inventory.Digest(text)
		}
	default:
		spec["token"] = inventory.Hidden
	}
	return o
}
