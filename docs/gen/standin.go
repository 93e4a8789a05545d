package main

import (
	"context"
	"errors"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// standIn stands in for a cluster that holds what files say, for the picture of a preview: it allows everything, takes
// everything on trial, and writes nothing. It is a [change.World] and a [plan.Server].
type standIn struct{ from []string }

func (s standIn) Inventory(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	inv, err := source.FileInventory(ctx, s.from, source.FilesOptions{}, want)
	if err == nil {
		inv.Live = true
	}
	return inv, err
}

func (s standIn) Rights(ctx context.Context) (*rbac.Index, error) {
	files, err := source.FilesWith(s.from, source.FilesOptions{})
	if err != nil {
		return nil, err
	}
	snapshot, err := files.Load(ctx, source.Want{})
	if err != nil {
		return nil, err
	}
	return rbac.Compile(snapshot), nil
}

// Self implements [change.World]: somebody whose rights leave nothing to remark on.
func (standIn) Self(context.Context) (rbac.Identity, error) {
	return rbac.NewIdentity(rbac.User("dana@acme.example")), nil
}

func (s standIn) Server() plan.Server { return s }

func (standIn) Get(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	resource := schema.GroupResource{Group: o.GroupVersionKind().Group, Resource: strings.ToLower(o.GetKind()) + "s"}
	return nil, apierrors.NewNotFound(resource, o.GetName())
}

func (standIn) Create(_ context.Context, o *unstructured.Unstructured, how plan.Write) (*unstructured.Unstructured, error) {
	return o, onTrial(how)
}

func (standIn) Patch(_ context.Context, o *unstructured.Unstructured, _ []byte, how plan.Write) (*unstructured.Unstructured, error) {
	return o, onTrial(how)
}

func (standIn) Delete(_ context.Context, _ *unstructured.Unstructured, _ types.UID, _ string, how plan.Write) error {
	return onTrial(how)
}

func onTrial(how plan.Write) error {
	if !how.DryRun {
		return errors.New("a picture writes")
	}
	return nil
}

func (standIn) May(_ context.Context, asked []authorizationv1.ResourceAttributes) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	answers := make([]authorizationv1.SubjectAccessReviewStatus, len(asked))
	for i := range answers {
		answers[i].Allowed = true
	}
	return answers, nil
}
