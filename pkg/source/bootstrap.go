package source

import (
	_ "embed" // for the built-in roles
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// bootstrapOrigin is the origin of the roles and bindings that an API server makes for itself.
const bootstrapOrigin = "built-in"

// bootstrapJSON holds, as a snapshot, the roles and bindings that kube-apiserver 1.36 makes when it starts. It is made
// from the server's own tables; a test compares it with a real server.
//
//go:generate go -C ../../test run ./gen/bootstrap -o ../pkg/source/bootstrap.json
//go:embed bootstrap.json
var bootstrapJSON string

// addBootstrap adds the built-in roles and bindings that the gathering doesn't have itself, so that roleRefs to "view"
// or "cluster-admin" mean what they mean in a cluster, and labels such as aggregate-to-edit extend the role. A dump of
// all of a cluster's ClusterRoles has its own, perhaps changed on purpose, and gets none; nor does what holds no RBAC
// objects at all.
func (g *gathering) addBootstrap() error {
	if len(g.snapshot.Roles)+len(g.snapshot.Bindings) == 0 || g.wholeDump() {
		return nil
	}
	builtin, err := BuiltIn()
	if err != nil {
		return err
	}
	for _, role := range builtin.Roles {
		if _, there := g.roles[objectKey{role.Namespace, role.Name}]; !there {
			role.Origin = bootstrapOrigin
			g.addRole(role)
		}
	}
	for _, binding := range builtin.Bindings {
		if _, there := g.bindings[objectKey{binding.Namespace, binding.Name}]; !there {
			binding.Origin = bootstrapOrigin
			g.addBinding(binding)
		}
	}
	return nil
}

// BuiltIn returns the roles and bindings that kube-apiserver 1.36 makes when it starts, for questions about manifests that
// have none at all.
func BuiltIn() (*rbac.Snapshot, error) {
	return ReadSnapshot(strings.NewReader(bootstrapJSON), "built-in roles")
}

// wholeDump reports whether all ClusterRoles of a cluster seem to be there: those that every cluster has, as an API
// server holds them. A few of them are what somebody looked at, and say nothing about the others.
func (g *gathering) wholeDump() bool {
	for _, name := range []string{"cluster-admin", "admin", "edit", "view", "system:basic-user"} {
		n, there := g.roles[objectKey{name: name}]
		if !there || !g.snapshot.Roles[n].Stored {
			return false
		}
	}
	return true
}
