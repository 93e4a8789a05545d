package contrib

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// guard is a server that lets nothing be patched in namespace "granted", for it would be a grant, and nothing at all be
// done in "closed".
type guard struct{ t *testing.T }

func (g guard) Get(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return o, nil
}

func (g guard) Create(_ context.Context, o *unstructured.Unstructured, _ plan.Write) (*unstructured.Unstructured, error) {
	return nil, fmt.Errorf("create %s: nothing is to be created", o.GetName())
}

func (g guard) Patch(_ context.Context, o *unstructured.Unstructured, _ []byte, w plan.Write) (*unstructured.Unstructured, error) {
	if !w.DryRun {
		g.t.Errorf("%s is patched, and not only on trial", o.GetName())
	}
	if o.GetNamespace() == "granted" {
		return nil, apierrors.NewForbidden(schema.GroupResource{Resource: "rolebindings"}, o.GetName(), errors.New("not currently held"))
	}
	return o, nil
}

func (g guard) Delete(_ context.Context, o *unstructured.Unstructured, _ types.UID, _ string, _ plan.Write) error {
	return fmt.Errorf("delete %s: nothing is to be deleted", o.GetName())
}

func (g guard) May(_ context.Context, asked []authorizationv1.ResourceAttributes) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	out := make([]authorizationv1.SubjectAccessReviewStatus, len(asked))
	for i, a := range asked {
		out[i].Allowed = a.Namespace != "" && a.Namespace != "closed"
	}
	return out, nil
}

// step takes bob out of a role binding in a namespace: out of his own, or out of one that he shares.
func step(t *testing.T, namespace string, verb plan.Verb) plan.Step {
	t.Helper()
	b := kubeflow.PairBinding(namespace, rbac.User("bob@x.com"), "edit")
	b.UID, b.ResourceVersion = "u", "1"
	after := b.DeepCopy()
	b.Subjects = append(b.Subjects, rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: "carol@x.com"})
	objects, err := plan.FromObjects(b, after)
	if err != nil {
		t.Fatal(err)
	}
	s := plan.Step{Verb: verb, Old: objects[0], Unit: "bob@x.com in " + namespace}
	if verb == plan.Update {
		s.Object = objects[1]
	}
	return s
}

func TestPossible(t *testing.T) {
	t.Parallel()
	p, err := plan.New("expire", step(t, "closed", plan.Delete), step(t, "granted", plan.Update), step(t, "open", plan.Delete),
		step(t, "shared", plan.Update))
	if err != nil {
		t.Fatal(err)
	}
	got, left, err := possible(t.Context(), guard{t}, p)
	if err != nil {
		t.Fatal(err)
	}
	units, texts := []string{}, []string{}
	for _, s := range got.Steps {
		units = append(units, s.Unit)
	}
	for _, one := range left {
		texts = append(texts, one.Error())
	}
	if diff := cmp.Diff([]string{"bob@x.com in shared", "bob@x.com in open"}, units); diff != "" {
		t.Errorf("what is possible (-want +got):\n%s", diff)
	}
	want := []string{
		"remove bob@x.com in closed: may not delete rolebindings",
		`remove bob@x.com in granted: update rolebinding granted/user-bob-x-com-clusterrole-edit: rolebindings "user-bob-x-com-clusterrole-edit" is forbidden: not currently held`,
	}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
}
