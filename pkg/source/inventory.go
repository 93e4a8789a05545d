package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// LiveInventory reads the wanted objects of a live cluster, as one user: a request for each kind, all at the same time,
// and no discovery. The answers hold all that was written before, since plans are made from them. With Want.Namespace,
// profiles and namespaces are read by that name; that there is none is no error. Secrets are passed over: see
// [LiveSecrets].
//
// A kind that the server doesn't have is not served, and no gap. What is refused (403) is a gap that says which rule is
// missing. A list that is refused everywhere is asked for in the context's namespace, and whether a custom resource that
// is refused is served at all, which the refusal doesn't tell, is asked for too. How Kubeflow's controller is configured
// is never a gap: few may read it, and there are other ways to find out; warn, which may be nil, hears of it when the
// server fails there. Elsewhere such an error ends the reading. The clock says when the objects were read.
func LiveInventory(
	ctx context.Context, cluster *kube.Cluster, clk clock.PassiveClock, warn Warn, want inventory.Want,
) (*inventory.Inventory, error) {
	resources, err := wantedResources(want)
	if err != nil {
		return nil, err
	}
	resources = slices.DeleteFunc(resources, func(r shelved) bool { return r.want == inventory.Secrets })
	var (
		load    = &loading{cluster: cluster.Latest(), namespace: cmp.Or(want.Namespace, cluster.Namespace())}
		taken   = clk.Now().UTC()
		shelves = make([]shelf, len(resources))
		served  = make([]bool, len(resources))
		unknown = make([]error, len(resources)) // what the controller's could not be read for
	)
	load.servedIn = askOnce(ctx, load.cluster)
	err = allOf(ctx, len(resources), func(ctx context.Context, i int) error {
		var err error
		shelves[i] = resources[i].shelf()
		r := &shelving{loading: load, want: want, shelved: &resources[i], shelf: shelves[i]}
		if served[i], err = r.read(ctx); r.controller() {
			unknown[i], err = err, nil
		}
		return err
	})
	if err := errors.Join(err, context.Cause(ctx)); err != nil {
		return nil, err
	}
	if err := cmp.Or(unknown...); err != nil && warn != nil {
		warn("the configuration of Kubeflow is not known: %v", err)
	}
	inv := &inventory.Inventory{
		Source: cluster.Name(), Taken: taken, Live: true, Served: map[inventory.Kind]bool{}, Gaps: slices.CompactFunc(load.sortedGaps(), sameGap),
	}
	if slices.Contains(want.Kinds, inventory.Secrets) {
		inv.Served[inventory.Secrets] = true
	}
	for i, r := range resources {
		inv.Served[r.want] = inv.Served[r.want] || served[i] || !r.custom
		shelves[i].store(inv)
	}
	return inv, nil
}

// allOf does n things at the same time, and returns the error of the first in their order that fails, so that the same
// cause has the same error every time. What comes after that is called off; what comes before it is waited for.
func allOf(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	var (
		group sync.WaitGroup
		errs  = make([]error, n)
	)
	for i := range n {
		own := ctx
		rest, callOff := context.WithCancel(own)
		defer callOff()
		group.Go(func() {
			if errs[i] = do(own, i); errs[i] != nil {
				callOff()
			}
		})
		ctx = rest
	}
	group.Wait()
	return cmp.Or(errs...)
}

// errNotServed is what reading gives of a kind that the server doesn't have.
var errNotServed = errors.New("the server doesn't have the kind")

// shelving is the reading of one resource.
type shelving struct {
	*loading
	*shelved
	want  inventory.Want
	shelf interface {
		kube.Sink
		label(kind schema.GroupVersionKind)
	}
	// at is what was read, nil when nothing could be.
	at *place
}

// place is a part of a cluster's objects: those of a resource, in a namespace or everywhere, or the one of a name. The
// version is what they are as of; of a single object it is empty.
type place struct {
	resource                 schema.GroupVersionResource
	namespace, name, version string
}

// read reads the resource, and reports whether it is served.
func (r *shelving) read(ctx context.Context) (bool, error) {
	namespace, name := r.want.Namespace, ""
	switch {
	case r.controller():
		namespace = cmp.Or(r.want.System, systemNamespace)
	case r.home != "":
		namespace = r.home
	case r.whole:
		namespace = ""
	case !r.namespaced:
		namespace, name = "", r.want.Namespace
	}
	err := r.fetch(ctx, namespace, name)
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, errNotServed):
		return false, nil
	case !refused(err):
		return false, err
	case r.controller():
		return true, nil
	}
	if r.custom {
		served, err := r.isServed()
		if err == nil && !served {
			return false, nil
		}
		// When not even that is told, the kind may be there: it is safer to say that something is missing.
	}
	return true, r.fallBack(ctx, namespace, name, err)
}

// fetch reads the resource in the first of its versions that is served: the objects of a namespace, the one of that
// name, or all. That there is none of the name is no error.
func (r *shelving) fetch(ctx context.Context, namespace, name string) error {
	for _, version := range r.versions {
		resource := r.in(version)
		r.shelf.label(resource.GroupVersion().WithKind(r.kind))
		at := &place{resource: resource, namespace: namespace, name: name}
		var err error
		if name == "" {
			at.version, err = r.of(r.cluster).ListAt(ctx, resource, namespace, r.shelf)
		} else {
			err = r.cluster.Item(ctx, resource, namespace, name, r.shelf)
		}
		switch {
		case err == nil, name != "" && missesObject(err, name):
			r.at = at
			return nil
		case !apierrors.IsNotFound(err):
			r.shelf.Restart() // there may be pages of it
			return err
		}
	}
	return errNotServed
}

// missesObject reports whether a 404 is about the object, and not about its kind.
func missesObject(err error, name string) bool {
	var status apierrors.APIStatus
	if !apierrors.IsNotFound(err) || !errors.As(err, &status) {
		return false
	}
	details := status.Status().Details
	return details != nil && details.Name == name
}

// isServed asks whether there is such a resource in one of its versions.
func (r *shelving) isServed() (bool, error) {
	for _, version := range r.versions {
		served, err := r.servedIn(schema.GroupVersion{Group: r.group, Version: version})
		if served[r.resource] || err != nil {
			return err == nil, err
		}
	}
	return false, nil
}

// fallBack reads what is left when the server has refused, and notes what is missing then.
func (r *shelving) fallBack(ctx context.Context, namespace, name string, refusal error) error {
	missing := &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{r.group}, Resources: []string{r.resource}}
	switch {
	case name != "":
		missing.Verbs, missing.ResourceNames = []string{"get"}, []string{name}
		r.add(rbac.Gap{What: r.called() + " " + name, Cause: cause(refusal), Missing: missing})
		return nil
	case namespace != "":
		r.add(r.local(namespace, refusal, missing))
		return nil
	}
	if r.whole && !r.namespaced {
		r.add(rbac.Gap{What: r.called(), Cause: cause(refusal), Missing: missing})
		return nil
	}
	elsewhere := fmt.Sprintf("%s outside of namespace %s", r.called(), r.namespace)
	namespace = r.namespace
	if !r.namespaced {
		elsewhere = fmt.Sprintf("%s other than %s", r.called(), r.namespace)
		namespace, name = "", r.namespace
	}
	err := r.fetch(ctx, namespace, name)
	switch {
	case err == nil:
		r.add(rbac.Gap{What: elsewhere, Cause: cause(refusal), Missing: missing})
		return nil
	case !refused(err):
		return err
	}
	if !r.namespaced {
		r.add(rbac.Gap{What: r.called(), Cause: cause(refusal), Missing: missing})
		return nil
	}
	r.add(rbac.Gap{What: r.called() + " in all namespaces", Cause: cause(refusal), Missing: missing}, r.local(namespace, err, missing))
	return nil
}

// local is the gap of a namespace.
func (r *shelving) local(namespace string, refusal error, missing *rbacv1.PolicyRule) rbac.Gap {
	return rbac.Gap{
		What: r.called() + " in namespace " + namespace, Namespace: namespace, Cause: cause(refusal), Missing: missing,
	}
}

// sameGap reports whether two gaps say the same, as those of two parts of a resource do.
func sameGap(a, b rbac.Gap) bool { return reflect.DeepEqual(a, b) }
