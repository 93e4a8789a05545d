package source

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// reading is what a track knows of its resource.
type reading struct {
	tried   bool // to read it was tried, with whatever result
	held    bool // that succeeded, if only with the result that there is nothing to be had
	exists  bool // the server has the kind
	at      *place
	gaps    []rbac.Gap
	err     error // why it is not current
	polling bool
}

// listed reports whether the server says that it serves the resource.
func (t *track) listed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return has(t.served.value, t.resource.group, t.resource.resource)
}

// there reports whether the resource was read, if only in part. The lock must be held.
func (t *track) there() bool { return t.held && t.exists }

// broken reports whether the connection is gone. The lock must be held.
func (t *track) broken() bool { return severs(t.err) }

// seen is what a moment shows of the state. The lock must be held.
func (t *track) seen() any {
	return [...]any{t.tried, t.exists, t.missing()}
}

// missing returns the gaps of the resource. The lock must be held.
func (t *track) missing() []rbac.Gap {
	switch {
	case t.resource.controller():
		return nil
	case !t.tried:
		return []rbac.Gap{{What: t.resource.called(), Cause: "not read yet"}}
	case t.err != nil && (!t.held || !severs(t.err)):
		return append(slices.Clone(t.gaps), rbac.Gap{What: t.resource.called(), Cause: cause(t.err)})
	}
	return t.gaps
}

// closed reports whether the caller may see nothing of a resource that says who may do what. The lock must be held.
func (t *track) closed() bool {
	return t.access && t.held && t.exists && t.at == nil && t.resource.group == rbacv1.GroupName
}
