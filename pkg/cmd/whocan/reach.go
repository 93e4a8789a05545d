package whocan

import (
	"maps"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// reach is how far the rights of one subject let it do one action, in every place at once.
type reach struct {
	everywhere bool
	// names are the only objects for which cluster-wide requests are allowed.
	names []string
	// parts are lists of namespaces, each sorted, as the rights have them.
	parts [][]string
	// named are the only objects that are allowed in a namespace.
	named map[string][]string
}

// reachOf looks through all rights of a subject. The action's namespace does not count.
func reachOf(rights []rbac.Right, a rbac.Action, namespaced bool) *reach {
	out := &reach{}
	object := question.NamespaceObject(a)
	for i := range rights {
		r := &rights[i]
		switch {
		case r.Void != "":
		case r.Everywhere:
			out.cluster(r, a)
		case namespaced && !a.IsURL():
			out.local(r, a)
		case object:
			out.objects(r, a)
		}
	}
	slices.Sort(out.names)
	out.names = slices.Compact(out.names)
	return out
}

func (o *reach) cluster(r *rbac.Right, a rbac.Action) {
	if r.Allows(a) {
		o.everywhere = true
	} else if someName(r, a) {
		o.names = append(o.names, r.Names...)
	}
}

func (o *reach) local(r *rbac.Right, a rbac.Action) {
	a.Namespace = r.Namespaces[0] // the right is the same in all of them
	if r.Allows(a) {
		o.parts = append(o.parts, r.Namespaces)
		return
	}
	if !someName(r, a) {
		return
	}
	if o.named == nil {
		o.named = map[string][]string{}
	}
	for _, ns := range r.Namespaces {
		o.named[ns] = append(o.named[ns], r.Names...)
	}
}

func (o *reach) objects(r *rbac.Right, a rbac.Action) {
	name := a.Name
	var reached []string
	for _, ns := range r.Namespaces {
		if a.Name, a.Namespace = ns, ns; (name == "" || name == ns) && r.Allows(a) {
			reached = append(reached, ns)
		}
	}
	if len(reached) > 0 {
		o.parts = append(o.parts, reached)
	}
}

// someName reports whether the right allows an action that names no object for certain objects. Requests on whole
// collections carry no name, so that names allow nothing.
func someName(r *rbac.Right, a rbac.Action) bool {
	if a.Name != "" || len(r.Names) == 0 || a.Verb == "deletecollection" {
		return false
	}
	a.Name = r.Names[0]
	return r.Allows(a)
}

// namespaces are those in which the action is allowed, for all names, without what is allowed everywhere. Sorted.
func (o *reach) namespaces() []string {
	if len(o.parts) == 1 {
		return o.parts[0]
	}
	all := slices.Concat(o.parts...)
	slices.Sort(all)
	return slices.Compact(all)
}

// places are all namespaces in which something is allowed.
func (o *reach) places() []string {
	return append(slices.Concat(o.parts...), slices.Collect(maps.Keys(o.named))...)
}

// extent sums the reach up. Names are kept only when nothing wider is allowed.
func (o *reach) extent() rbac.Extent {
	e := rbac.Extent{Everywhere: o.everywhere, Namespaces: o.namespaces()}
	if !e.None() {
		return e
	}
	e.Names = slices.Clone(o.names)
	for _, names := range o.named {
		e.Names = append(e.Names, names...)
	}
	slices.Sort(e.Names)
	e.Names = slices.Compact(e.Names)
	return e
}

// within is the extent in one namespace.
func (o *reach) within(namespace string) rbac.Extent {
	if o.everywhere {
		return rbac.Extent{Everywhere: true}
	}
	for _, part := range o.parts {
		if _, found := slices.BinarySearch(part, namespace); found {
			return rbac.Extent{Namespaces: []string{namespace}}
		}
	}
	names := slices.Concat(o.names, o.named[namespace])
	slices.Sort(names)
	return rbac.Extent{Names: slices.Compact(names)}
}
