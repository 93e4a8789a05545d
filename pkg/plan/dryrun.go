package plan

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// usualDryRun is how many steps a dry run asks for one by one.
const usualDryRun = 100

// sampled is how many steps of a bigger plan it asks for: enough for each kind, and for many a namespace. Every one costs
// the server about as much as the write that it is for.
const sampled = 20

// DryRun lets the server do all of the plan but store the results: admission, validation, RBAC's rule that nobody gives
// what he doesn't hold, and whether each object is still what the plan was made for. It returns the objects as they
// would be stored, in the order of the steps, without those that are deleted.
//
// Of more than 100 steps it asks for 20 at most, unless the options say to be thorough: the first of each verb and
// kind, then of each namespace.
// Objects that were not asked for come as the plan has them; so do those that the server cannot judge yet, because the
// plan makes their namespace, or deletes another object of their name, first.
//
// The error joins one for each step that would fail, in their order; the objects are nil then. Progress is not told.
func DryRun(ctx context.Context, server Server, p Plan, o Options) ([]*unstructured.Unstructured, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	var (
		c       = newCarrier(server, o, 0)
		how     = Write{DryRun: true, FieldManager: o.FieldManager}
		asked   = sample(p.Steps, o.Thorough)
		objects = make([]*unstructured.Unstructured, len(p.Steps))
		errs    = make([]error, len(p.Steps))
		group   errgroup.Group
	)
	group.SetLimit(c.options.Parallel)
	for i, s := range p.Steps {
		if s.Verb != Delete {
			objects[i] = s.Object
		}
		if !asked[i] {
			continue
		}
		group.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				errs[i] = s.wrap(err)
				return nil
			}
			f := c.settle(ctx, workOf(server, how, s), func(error) bool { return false })
			switch {
			case f.err != nil:
				errs[i] = s.wrap(f.err)
			case s.Verb != Delete && f.object != nil:
				objects[i] = f.object
			}
			return nil
		})
	}
	_ = group.Wait() // each step keeps its error
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("dry run: %w", err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	kept := objects[:0]
	for _, object := range objects {
		if object != nil {
			kept = append(kept, object)
		}
	}
	return kept, nil
}

// sample returns which steps to ask for.
func sample(steps []Step, thorough bool) []bool {
	asked := make([]bool, len(steps))
	possible := judgeable(steps)
	if thorough || len(steps) <= usualDryRun {
		return possible
	}
	// Kinds differ more than namespaces do: no kind shall be left out for a crowd of namespaces.
	left := sampled
	for _, namespaces := range []bool{false, true} {
		seen := map[right]bool{}
		for i, s := range steps {
			r := rightOf(s)
			if !namespaces {
				r = r.everywhere()
			}
			if !possible[i] || seen[r] || left == 0 {
				continue
			}
			seen[r] = true
			if !asked[i] {
				asked[i] = true
				left--
			}
		}
	}
	return asked
}

// judgeable returns which steps a server can try before the others are done. Who gives a role has to hold its rules, so
// that a server judges no binding of a role that is not there yet.
func judgeable(steps []Step) []bool {
	possible := make([]bool, len(steps))
	deleted := map[key]bool{}
	made := map[string]bool{} // namespaces, as far as the names of objects of the cluster tell
	roles := map[key]bool{}
	for i, s := range steps {
		k := keyOf(s.target())
		possible[i] = !s.Unchanged() && (s.Verb != Create || !deleted[k]) && (k.namespace == "" || !made[k.namespace]) && !roles[roleOf(s.target())]
		switch {
		case s.Verb == Create && k.group == rbacv1.GroupName && (k.kind == "Role" || k.kind == "ClusterRole"):
			roles[k] = true
		case s.Verb == Delete:
			deleted[k] = true
		case s.Verb == Create && k.namespace == "":
			made[k.name] = true
		}
	}
	return possible
}

// roleOf names the role that a binding gives; for other objects it names none.
func roleOf(o *unstructured.Unstructured) key {
	if o.GroupVersionKind().Group != rbacv1.GroupName {
		return key{}
	}
	kind, _, _ := unstructured.NestedString(o.Object, "roleRef", "kind")
	name, _, _ := unstructured.NestedString(o.Object, "roleRef", "name")
	k := key{group: rbacv1.GroupName, kind: kind, name: name}
	if kind == "Role" {
		k.namespace = o.GetNamespace()
	}
	return k
}
