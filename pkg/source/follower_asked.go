package source

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// servedEvery is how often the server is asked what it serves.
const servedEvery = 30 * time.Second

// ownPolicies stand for RBAC objects that can't be read.
type ownPolicies struct {
	roles    []rbac.Role
	bindings []rbac.Binding
}

// followServed asks what the server serves, again and again. What it serves anew wakes those who look for it.
func (f *following) followServed(ctx context.Context) {
	var known []rbac.Resource
	load, warn := &loading{cluster: f.cluster}, f.warn
	for ctx.Err() == nil {
		resources := load.resources(ctx, warn)
		anew := known != nil && slices.ContainsFunc(resources, func(r rbac.Resource) bool { return !has(known, r.Group, r.Name) })
		if resources != nil || known == nil { // what was known before the connection broke stays
			answered(f, &f.served, resources, load.sortedGaps())
			known = resources
		}
		if anew {
			f.mu.Lock()
			f.retry()
			f.mu.Unlock()
		}
		f.pause(ctx, servedEvery)
		load, warn = &loading{cluster: f.cluster.Latest()}, func(string, ...any) {} // it has been said
	}
}

// has reports whether a resource is among these, in whatever version.
func has(resources []rbac.Resource, group, name string) bool {
	return slices.ContainsFunc(resources, func(r rbac.Resource) bool { return r.Group == group && r.Name == name })
}

// followOwn asks for the caller's own rules, again and again, for as long as the real ones can't be read.
func (f *following) followOwn(ctx context.Context) {
	select {
	case <-f.listed:
	case <-ctx.Done():
		return
	}
	for asked := false; ctx.Err() == nil; asked = true {
		load := &loading{cluster: f.cluster, namespace: cmp.Or(f.want.Namespace, f.cluster.Namespace())}
		var own rbac.Snapshot
		if f.closed() {
			err := load.ownRules(ctx, &own)
			if err != nil && asked {
				f.pause(ctx, pollEvery) // what was true before the connection broke stays
				continue
			}
			if err != nil {
				load.add(rbac.Gap{What: "own rules in namespace " + load.namespace, Namespace: load.namespace, Cause: cause(err)})
			}
		}
		answered(f, &f.own, ownPolicies{own.Roles, own.Bindings}, load.sortedGaps())
		f.pause(ctx, pollEvery)
	}
}

// closed reports whether a list of RBAC can't be read at all.
func (f *following) closed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.ContainsFunc(f.tracks, (*track).closed)
}
