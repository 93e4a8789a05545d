package controlplane

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"
)

const (
	fieldManager  = "gatehouse-controlplane"
	applyParallel = 32               // requests at once; two cores are busy with fewer
	latePatience  = 10 * time.Second // for what appears after a request was answered: kinds, service accounts, quotas
)

// Applied says what an apply did.
type Applied struct {
	Objects int
	Skipped map[string]int // by Kind.group: objects of kinds that the server does not know; "" = documents that are no Kubernetes objects
}

// Apply loads manifests as admin, with server-side apply: files, and directories with all below them. Definitions of kinds come first, then
// namespaces, then the rest in parallel, and quotas last, so that they count what is there instead of refusing it. It returns when what follows from them is there too: with controllers, default service accounts of
// the namespaces and aggregated roles. Errors name the file: no such file, broken YAML, a kind the server does not know, an object it refuses.
func (cp *ControlPlane) Apply(ctx context.Context, paths ...string) error {
	manifests, err := readManifests(paths)
	if err != nil {
		return err
	}
	_, err = cp.apply(ctx, manifests, true)
	return err
}

// ApplyKnown does as Apply, but skips and counts objects of kinds that the server does not know.
func (cp *ControlPlane) ApplyKnown(ctx context.Context, paths ...string) (Applied, error) {
	manifests, err := readManifests(paths)
	if err != nil {
		return Applied{}, err
	}
	return cp.apply(ctx, manifests, false)
}

// ApplyObjects does as Apply, with objects made in code. They are not changed.
func (cp *ControlPlane) ApplyObjects(ctx context.Context, objects ...*unstructured.Unstructured) error {
	manifests := make([]manifest, 0, len(objects))
	for _, object := range objects {
		manifests = append(manifests, manifest{object: object})
	}
	_, err := cp.apply(ctx, manifests, true)
	return err
}

func (cp *ControlPlane) apply(ctx context.Context, manifests []manifest, strict bool) (Applied, error) {
	a, err := newApplier(cp)
	if err != nil {
		return Applied{}, err
	}
	var definitions, namespaces, rest, quotas []manifest
	for _, m := range manifests {
		switch m.kind() {
		case schema.GroupKind{Group: "apiextensions.k8s.io", Kind: "CustomResourceDefinition"}:
			definitions = append(definitions, m)
		case schema.GroupKind{Kind: "Namespace"}:
			namespaces = append(namespaces, m)
		case schema.GroupKind{Kind: "ResourceQuota"}:
			quotas = append(quotas, m)
		default:
			rest = append(rest, m)
		}
	}
	applied := Applied{Skipped: map[string]int{}}
	if err := a.resolve(ctx, definitions, strict, &applied); err != nil {
		return applied, err
	}
	if err := a.define(ctx, definitions); err != nil {
		return applied, err
	}
	if err := a.resolve(ctx, slices.Concat(namespaces, rest, quotas), strict, &applied); err != nil {
		return applied, err
	}
	for _, batch := range [][]manifest{namespaces, rest, quotas} {
		if err := a.all(ctx, batch); err != nil {
			return applied, err
		}
	}
	for _, m := range manifests {
		if a.mappings[m.object.GroupVersionKind()] != nil {
			applied.Objects++
		}
	}
	return applied, a.settle(ctx, namespaces)
}

// applier is the state of one apply.
type applier struct {
	cp       *ControlPlane
	client   dynamic.Interface
	mapper   *restmapper.DeferredDiscoveryRESTMapper
	mappings map[schema.GroupVersionKind]*meta.RESTMapping // nil for kinds that are skipped
	defined  map[schema.GroupKind]bool                     // kinds whose definitions this apply brought
}

func newApplier(cp *ControlPlane) (*applier, error) {
	client, err := dynamic.NewForConfig(cp.adminConfig)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	finder, err := discovery.NewDiscoveryClientForConfig(cp.adminConfig)
	if err != nil {
		return nil, fmt.Errorf("make client: %w", err)
	}
	return &applier{
		cp: cp, client: client,
		mapper:   restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(finder)),
		mappings: map[schema.GroupVersionKind]*meta.RESTMapping{},
		defined:  map[schema.GroupKind]bool{},
	}, nil
}

// resolve finds the resource of every kind among the manifests. A kind just defined may appear late; another one is there or is not.
func (a *applier) resolve(ctx context.Context, manifests []manifest, strict bool, applied *Applied) error {
	for _, m := range manifests {
		gvk := m.object.GroupVersionKind()
		if _, known := a.mappings[gvk]; !known {
			err := a.patiently(ctx, func() (bool, error) {
				mapping, err := a.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
				if err == nil {
					a.mappings[gvk] = mapping
					return false, nil
				}
				a.mapper.Reset()
				return a.defined[gvk.GroupKind()], err
			})
			switch {
			case meta.IsNoMatchError(err) && !strict:
				a.mappings[gvk] = nil
			case err != nil:
				return m.wrap(err)
			}
		}
		if a.mappings[gvk] == nil {
			applied.Skipped[strings.TrimSuffix(gvk.Kind+"."+gvk.Group, ".")]++
		}
	}
	return nil
}

// define applies definitions of kinds and waits until the server serves them.
func (a *applier) define(ctx context.Context, definitions []manifest) error {
	if err := a.all(ctx, definitions); err != nil || len(definitions) == 0 {
		return err
	}
	for _, m := range definitions {
		resource := a.client.Resource(a.mappings[m.object.GroupVersionKind()].Resource)
		err := a.patiently(ctx, func() (bool, error) {
			definition, err := resource.Get(ctx, m.object.GetName(), metav1.GetOptions{})
			if err != nil {
				return false, err
			}
			return true, established(definition)
		})
		if err != nil {
			return m.wrap(err)
		}
		// The server took the definition, so both are strings.
		group, _, _ := unstructured.NestedString(m.object.Object, "spec", "group")
		kind, _, _ := unstructured.NestedString(m.object.Object, "spec", "names", "kind")
		a.defined[schema.GroupKind{Group: group, Kind: kind}] = true
	}
	a.mapper.Reset()
	return nil
}

func established(definition *unstructured.Unstructured) error {
	conditions, _, err := unstructured.NestedSlice(definition.Object, "status", "conditions")
	if err != nil {
		return err
	}
	for _, condition := range conditions {
		if c, ok := condition.(map[string]any); ok && c["type"] == "Established" && c["status"] == "True" {
			return nil
		}
	}
	return errors.New("definition is not established")
}

// all applies the manifests in parallel, but those that are skipped.
func (a *applier) all(ctx context.Context, manifests []manifest) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(applyParallel)
	for _, m := range manifests {
		mapping := a.mappings[m.object.GroupVersionKind()]
		if mapping == nil {
			continue
		}
		group.Go(func() error {
			if err := a.one(ctx, m, mapping); err != nil {
				return m.wrap(err)
			}
			return nil
		})
	}
	return group.Wait()
}

func (a *applier) one(ctx context.Context, m manifest, mapping *meta.RESTMapping) error {
	object := clean(m.object)
	if object.GetName() == "" {
		return errors.New("object has no name")
	}
	var resource dynamic.ResourceInterface = a.client.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		if object.GetNamespace() == "" {
			object.SetNamespace(metav1.NamespaceDefault)
		}
		resource = a.client.Resource(mapping.Resource).Namespace(object.GetNamespace())
	} else {
		object.SetNamespace("")
	}
	return a.patiently(ctx, func() (bool, error) {
		_, err := resource.Apply(ctx, object.GetName(), object, metav1.ApplyOptions{FieldManager: fieldManager, Force: true})
		return a.late(err, m.kind()), err
	})
}

// late says whether an error may go away by itself, because what the object needs is still being made.
func (a *applier) late(err error, kind schema.GroupKind) bool {
	switch {
	case apierrors.IsServerTimeout(err), apierrors.IsInternalError(err), apierrors.IsServiceUnavailable(err), apierrors.IsTooManyRequests(err):
		return true
	case apierrors.IsNotFound(err):
		return a.defined[kind]
	case apierrors.IsForbidden(err):
		return strings.Contains(err.Error(), "status unknown for quota") || strings.Contains(err.Error(), "error looking up service account")
	}
	return false
}

// patiently calls try until it returns no error or one that does not go away, for latePatience at most.
func (a *applier) patiently(ctx context.Context, try func() (again bool, err error)) error {
	deadline := time.After(latePatience)
	for {
		again, err := try()
		if err == nil || !again {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-deadline:
			return err
		case <-time.After(readyPulse):
		}
	}
}

// settle waits until the controllers have done what follows from the applied objects.
func (a *applier) settle(ctx context.Context, namespaces []manifest) error {
	if !a.cp.controllers {
		return nil
	}
	names := map[string]bool{metav1.NamespaceDefault: true}
	for _, m := range namespaces {
		names[m.object.GetName()] = true
	}
	return a.cp.waitControllers(ctx, slices.Sorted(maps.Keys(names))...)
}
