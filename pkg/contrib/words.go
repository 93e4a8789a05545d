package contrib

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Word is a role word of one system.
type Word struct {
	System workspace.Flavor `json:"system"`
	// Role is the word as the system writes it: "view", "kubeflow-edit", "clusterOwner".
	Role string `json:"role"`
	// ClusterWide says that it is given in the whole cluster.
	ClusterWide bool `json:"clusterWide,omitempty"`
	// Unknown says that what the role holds could not be read, or that there is no such role.
	Unknown bool `json:"unknown,omitempty"`
	// Note is what else there is to know.
	Note string `json:"note,omitempty"`
}

// Extent says how much of an ability a role gives.
type Extent string

// The extents.
const (
	All     Extent = "yes"
	Part    Extent = "part" // some of its actions
	None    Extent = "no"
	NotRead Extent = "unknown"
)

// Comparison says what role words allow, over the systems that have them.
type Comparison struct {
	Words []Word `json:"words"`
	Rows  []Row  `json:"abilities"`
}

// Row is an ability, and how much of it each word gives, in their order.
type Row struct {
	Ability
	Extents []Extent `json:"extents"`
}

// somewhere is the workspace in which words are compared.
const somewhere = "workspace"

// CompareWords says what the role words of each system allow in a workspace, or given for the whole cluster. What roles of
// Kubernetes and Kubeflow hold is looked up in the index; what those of Kalm allow, its policy decides.
func CompareWords(ix *rbac.Index, everywhere bool) Comparison {
	var c Comparison
	var answers []func(a *Ability) Extent
	add := func(system workspace.Flavor, role string, answer func(a *Ability) Extent) {
		w := Word{System: system, Role: role, ClusterWide: everywhere, Unknown: answer == nil}
		if answer == nil {
			answer = func(*Ability) Extent { return NotRead }
		}
		c.Words, answers = append(c.Words, w), append(answers, answer)
	}
	for _, role := range workspace.Roles() {
		add(workspace.Native, role.Short(), holder(ix, role.Short(), everywhere))
	}
	if everywhere {
		add(workspace.Native, clusterAdmin, holder(ix, clusterAdmin, everywhere))
	} else {
		for _, role := range workspace.Roles() {
			name := role.ClusterRole(workspace.Kubeflow)
			add(workspace.Kubeflow, name, holder(ix, name, everywhere))
		}
	}
	for _, role := range workspace.Roles() {
		word := kalm.Role(role)
		if everywhere {
			word = word.Everywhere()
		}
		add(workspace.Kalm, string(word), inKalm(word))
	}
	if !everywhere {
		c.Words[len(c.Words)-1].Note = "Kalm's owner may do what its editor may: Kalm's API asks for what is an owner's in the whole cluster only"
	}
	for _, a := range Abilities() {
		row := Row{Ability: a}
		for _, answer := range answers {
			row.Extents = append(row.Extents, answer(&a))
		}
		c.Rows = append(c.Rows, row)
	}
	return c
}

const clusterAdmin = "cluster-admin"

// holder answers for whoever holds a ClusterRole in a workspace, or everywhere; nil when there is no such role.
func holder(ix *rbac.Index, name string, everywhere bool) func(a *Ability) Extent {
	n, ok := ix.RoleNumber(rbac.ObjectID{Kind: "ClusterRole", Name: name})
	if !ok {
		return nil
	}
	role := *ix.Roles()[n]
	role.Stored = true // it holds already what is aggregated
	who := rbac.User("somebody")
	binding := rbac.Binding{
		Namespace: somewhere, Name: "b", RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects: []rbacv1.Subject{who.RBAC()},
	}
	place := somewhere
	if everywhere {
		binding.Namespace, place = "", ""
	}
	own := rbac.Compile(&rbac.Snapshot{Roles: []rbac.Role{role}, Bindings: []rbac.Binding{binding}})
	id := rbac.NewIdentity(who)
	return func(a *Ability) Extent {
		switch n := len(may(own, id, a.In(place))); n {
		case 0:
			return None
		case len(a.Actions):
			return All
		}
		return Part
	}
}

// inKalm answers for whoever has a role in Kalm.
func inKalm(role kalm.Role) func(a *Ability) Extent {
	b := kalm.Binding{Namespace: somewhere, Name: "b", Subject: "somebody", Role: role, Creator: "somebody"}
	place := somewhere
	if role.Cluster() {
		b.Namespace, place = kalm.SystemNamespace, ""
	}
	policy := kalm.NewPolicy(kalm.World{
		Namespaces: []kalm.Namespace{{Name: somewhere, Enabled: true}}, Bindings: []kalm.Binding{b},
	})
	return func(a *Ability) Extent {
		if a.Kalm != nil && policy.Decide(kalm.Asker{User: "somebody"}, a.asked(place)).Allowed {
			return All
		}
		return None
	}
}
