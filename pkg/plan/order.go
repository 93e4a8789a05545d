package plan

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type scope int

const (
	anywhere scope = iota // the kind is not ours to know
	inNamespace
	inCluster
)

// kind is what we know about a kind: where its objects live, and how early they have to exist.
type kind struct {
	scope scope
	rank  int
}

// kindOf ranks kinds so that nothing is applied before what it needs: a namespace before what it holds, limits before
// what they limit, subjects and roles before the bindings that name them, who gets into a cluster of k0rdent's before the
// cluster. A kind that is not listed, such as a custom resource that makes a namespace, comes after roles and before
// bindings.
func kindOf(o *unstructured.Unstructured) kind {
	gvk := o.GroupVersionKind()
	switch gvk.Group + "/" + gvk.Kind {
	case "/Namespace":
		return kind{inCluster, 0}
	case "apiextensions.k8s.io/CustomResourceDefinition":
		return kind{inCluster, 1}
	case "/ResourceQuota", "/LimitRange":
		return kind{inNamespace, 2}
	case "/ServiceAccount":
		return kind{inNamespace, 3}
	case "/Secret", "/ConfigMap":
		return kind{inNamespace, 4}
	case "k0rdent.mirantis.com/ClusterAuthentication":
		// Its Secret comes before it, as its webhook demands, and the cluster that refers to it after it: k0rdent does nothing
		// for a cluster, not even delete it, while that refers to what is not there.
		return kind{inNamespace, 5}
	case "rbac.authorization.k8s.io/ClusterRole":
		return kind{inCluster, 5}
	case "rbac.authorization.k8s.io/Role":
		return kind{inNamespace, 6}
	case "k0rdent.mirantis.com/ClusterDeployment":
		return kind{inNamespace, 7}
	case "rbac.authorization.k8s.io/ClusterRoleBinding":
		return kind{inCluster, 8}
	case "rbac.authorization.k8s.io/RoleBinding":
		return kind{inNamespace, 9}
	case "security.istio.io/AuthorizationPolicy":
		// Who gets in through the mesh should hold rights there first, and lose them last.
		return kind{inNamespace, 10}
	}
	return kind{anywhere, 7}
}

// Sort brings steps, in place, into the order in which they have to be applied: creates and updates by what needs what
// (see [New]), then deletes the other way round, so that access is given before it is taken; for the same reason an update,
// which may take a subject away, comes after the creates that need no later place. An object that is deleted
// and created anew is deleted right before its create. Among equals the order is by kind, namespace and name. Steps
// without an object come first.
func Sort(steps []Step) {
	made := map[key]bool{}
	for _, s := range steps {
		if s.Verb != Delete && s.target() != nil {
			made[keyOf(s.target())] = true
		}
	}
	slices.SortStableFunc(steps, func(a, b Step) int {
		x, y := a.target(), b.target()
		if x == nil || y == nil {
			return cmp.Compare(defined(x), defined(y))
		}
		lateA, lateB := isLate(a, made), isLate(b, made)
		if lateA != lateB {
			return cmp.Compare(bit(lateA), bit(lateB))
		}
		order := cmp.Or(
			cmp.Compare(kindOf(x).rank, kindOf(y).rank),
			cmp.Compare(bit(a.Verb == Update), bit(b.Verb == Update)),
			cmp.Compare(x.GetKind(), y.GetKind()),
			cmp.Compare(x.GroupVersionKind().Group, y.GroupVersionKind().Group),
			cmp.Compare(x.GetNamespace(), y.GetNamespace()),
			cmp.Compare(x.GetName(), y.GetName()),
			cmp.Compare(bit(a.Verb != Delete), bit(b.Verb != Delete)),
		)
		if lateA {
			return -order
		}
		return order
	})
}

// isLate reports whether the step is a delete that no create of the same object follows.
func isLate(s Step, made map[key]bool) bool { return s.Verb == Delete && !made[keyOf(s.target())] }

func defined(o *unstructured.Unstructured) int { return bit(o != nil) }

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
