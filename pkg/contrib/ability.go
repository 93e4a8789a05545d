package contrib

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Ability is something that people want to do, and by which roles of different systems are compared.
type Ability struct {
	// ID is stable: "read-secrets".
	ID string `json:"id"`
	// Text says it in words.
	Text string `json:"text"`
	// Actions are what it takes in Kubernetes, all of them. What Kalm alone has is an action on Kalm's objects there.
	Actions []rbac.Action `json:"actions"`
	// Cluster says that it is about the cluster, whichever namespace a role is in.
	Cluster bool `json:"cluster,omitempty"`
	// Kalm is what Kalm's API asks its policy for, with an empty namespace where that is the workspace; nil when Kalm has
	// nothing of the kind.
	Kalm *kalm.Request `json:"-"`
	// Note is what else there is to know.
	Note string `json:"note,omitempty"`
}

// In returns the actions as requests in a namespace; an empty one stands for all of them at once.
func (a *Ability) In(namespace string) []rbac.Action {
	out := make([]rbac.Action, len(a.Actions))
	for i, action := range a.Actions {
		if !a.Cluster {
			action.Namespace = namespace
		}
		out[i] = action
	}
	return out
}

// asked returns what Kalm's API asks for in a namespace, or for all of them.
func (a *Ability) asked(namespace string) kalm.Request {
	r := *a.Kalm
	switch {
	case r.Namespace != "":
	case namespace == "":
		r.Namespace = kalm.All
	default:
		r.Namespace = namespace
	}
	return r
}

// Abilities returns what roles are compared by: what a role in a workspace is about, then what concerns the cluster. What
// Kalm's API asks for in each case is read in its handlers.
//
// Source: kalmhq/kalm at 3479e596, api/handler/*.go, controller/controllers/permission.
func Abilities() []Ability {
	const some = "x" // any object: Kalm's roles know no names
	in := func(action kalm.Action, kind, name string) *kalm.Request {
		return &kalm.Request{Action: action, Kind: kind, Name: name}
	}
	of := func(action kalm.Action, kind string) *kalm.Request {
		return &kalm.Request{Action: action, Namespace: kalm.All, Kind: kind, Name: some}
	}
	whole := func(action kalm.Action) *kalm.Request { return &kalm.Request{Action: action, Namespace: kalm.All} }
	do := func(texts ...string) []rbac.Action {
		out := make([]rbac.Action, 0, len(texts))
		for _, text := range texts {
			verb, resource, _ := strings.Cut(text, " ")
			resource, group, _ := strings.Cut(resource, ".")
			resource, subresource, _ := strings.Cut(resource, "/")
			out = append(out, rbac.Action{Verb: verb, Group: group, Resource: resource, Subresource: subresource})
		}
		return out
	}
	local := func(id, text string, asks *kalm.Request, actions ...string) Ability {
		return Ability{ID: id, Text: text, Actions: do(actions...), Kalm: asks}
	}
	global := func(id, text string, asks *kalm.Request, actions ...string) Ability {
		return Ability{ID: id, Text: text, Actions: do(actions...), Kalm: asks, Cluster: true}
	}
	noted := func(a Ability, note string) Ability { a.Note = note; return a }
	return []Ability{
		local("read-workloads", "see pods, deployments and services", in(kalm.View, "components", some), "list pods", "list deployments.apps", "list services"),
		local("read-logs", "read logs", in(kalm.View, "pods", some), "get pods/log"),
		local("read-volumes", "see volume claims", in(kalm.View, "", ""), "list persistentvolumeclaims"),
		local("read-configmaps", "read ConfigMaps", nil, "get configmaps"),
		local("read-events", "read events", nil, "list events"),
		local("read-accounts", "see quotas and service accounts", nil, "list resourcequotas", "list serviceaccounts"),
		local("read-secrets", "read Secrets", nil, "get secrets"),
		local("change-workloads", "make, change and delete deployments", in(kalm.Edit, "components", some), "create deployments.apps", "update deployments.apps", "delete deployments.apps"),
		local("delete-pods", "delete pods", in(kalm.Edit, "", ""), "delete pods"),
		local("exec", "run commands in pods", in(kalm.Edit, "pods", some), "create pods/exec"),
		local("port-forward", "forward ports of pods", nil, "create pods/portforward"),
		local("delete-volumes", "delete volume claims", in(kalm.Edit, "", ""), "delete persistentvolumeclaims"),
		local("write-secrets", "write Secrets", nil, "create secrets", "update secrets"),
		local("change-network", "make ingresses and network policies", nil, "create ingresses.networking.k8s.io", "create networkpolicies.networking.k8s.io"),
		local("account-tokens", "make tokens of service accounts", nil, "create serviceaccounts/token"),
		local("act-as-accounts", "act as service accounts", nil, "impersonate serviceaccounts"),
		local("give-roles", "give roles in Kubernetes", nil, "create rolebindings.rbac.authorization.k8s.io"),
		local("guard-endpoints", "change Kalm's protected endpoints", in(kalm.Edit, "protectedEndpoints", some), "update protectedendpoints.core.kalm.dev"),
		noted(global("become-admin", "do anything in the cluster", in(kalm.Edit, "components", some), "* *.*"),
			"with Kalm's words by a defect: Kalm's controller gives a Component whatever ClusterRole the Component asks for"),
		global("read-storage-classes", "see storage classes", of(kalm.View, "storageClasses"), "list storageclasses.storage.k8s.io"),
		global("read-registries", "see image registries of Kalm's", of(kalm.View, "registries"), "list dockerregistries.core.kalm.dev"),
		global("change-registries", "change image registries of Kalm's", of(kalm.Edit, "registries"), "update dockerregistries.core.kalm.dev"),
		global("read-namespaces", "see all namespaces", whole(kalm.View), "list namespaces"),
		global("read-nodes", "see nodes", whole(kalm.View), "list nodes"),
		global("read-persistent-volumes", "see volumes of the cluster", whole(kalm.View), "list persistentvolumes"),
		global("make-namespaces", "make and delete namespaces", of(kalm.Edit, "applications"), "create namespaces", "delete namespaces"),
		global("cordon-nodes", "cordon nodes", whole(kalm.Edit), "patch nodes"),
		global("read-routes", "see HTTP routes of Kalm's", whole(kalm.View), "list httproutes.core.kalm.dev"),
		global("change-routes", "change HTTP routes of Kalm's", whole(kalm.Edit), "update httproutes.core.kalm.dev"),
		noted(global("read-login", "see the login configuration of Kalm's", whole(kalm.View), "list singlesignonconfigs.core.kalm.dev"),
			"with its client secrets: a defect of Kalm's leaves them in"),
		global("change-login", "change the login configuration of Kalm's", whole(kalm.Edit), "update singlesignonconfigs.core.kalm.dev"),
		global("change-certificates", "change certificates of Kalm's", whole(kalm.Manage), "update httpscerts.core.kalm.dev"),
		global("give-kalm-roles", "give roles in Kalm", whole(kalm.Manage), "create rolebindings.core.kalm.dev"),
		global("read-all-secrets", "read Secrets of all namespaces", nil, "list secrets"),
	}
}

// may reports which of the actions an identity may do.
func may(ix *rbac.Index, id rbac.Identity, actions []rbac.Action) (yes []rbac.Action) {
	for _, action := range actions {
		if ix.Allowed(id, action) {
			yes = append(yes, action)
		}
	}
	return yes
}

// asker is a subject to Kalm's policy.
func asker(s rbac.Subject) kalm.Asker {
	if isGroup(s) {
		return kalm.Asker{Groups: []string{s.Name}}
	}
	return kalm.Asker{User: s.Name}
}
