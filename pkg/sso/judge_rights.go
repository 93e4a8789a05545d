package sso

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// RightsRules returns the ids of what [JudgeRights] finds, which needs all roles and bindings.
func RightsRules() []string { return []string{"SS014", "SS015", "SS016", "SS017", "SS019"} }

// JudgeRights returns what is wrong with Kalm's back doors in RBAC: who may read the secrets of the login, who reaches the port
// where everybody is administrator, and what Kalm has made that gives more than is known. They are sorted. There are none when
// not all roles and bindings were read, or nothing of Kalm's is there.
func JudgeRights(s *State, index *rbac.Index) []finding.Finding {
	if len(index.Snapshot().Gaps) > 0 {
		return nil
	}
	out := judgeRoles(s, index)
	out = append(out, judgeDangling(s, index)...)
	if s.Here() {
		out = append(out, judgeReaders(s, index)...)
		out = append(out, judgePort(index)...)
		out = append(out, judgeAccount(index)...)
	}
	finding.Sort(out)
	return out
}

// judgeReaders judges who may read the secrets of the login in the objects.
func judgeReaders(s *State, index *rbac.Index) []finding.Finding {
	var out []finding.Finding
	for _, c := range s.configs {
		if !secret(c) {
			continue
		}
		who := may(index, c.Namespace, rbac.Action{Group: kalm.Group, Resource: string(inventory.SingleSignOns), Name: c.Name}, "get", "list", "watch")
		if len(who) > 0 {
			out = append(out, found("SS014", configObject(c), some(who)+" may read its client secrets",
				"They stand in the object as they are, and not in a Secret: take the right to get, list and watch singlesignonconfigs."+kalm.Group+" away."))
		}
	}
	return out
}

// judgePort judges who reaches port 3010 of Kalm's API, where everybody is administrator. Source: api/main.go.
func judgePort(index *rbac.Index) []finding.Finding {
	var out []finding.Finding
	for _, way := range []struct{ subresource, text string }{{"portforward", "forward ports of pods"}, {"exec", "open a shell in pods"}} {
		who := may(index, kalm.SystemNamespace, rbac.Action{Resource: "pods", Subresource: way.subresource}, "create", "get")
		if len(who) > 0 {
			out = append(out, found("SS015", "namespace "+kalm.SystemNamespace, fmt.Sprintf("%s may %s", some(who), way.text),
				"Kalm's API listens on 127.0.0.1:3010 of its pod without a login, and takes whoever comes for the owner of the cluster."))
		}
	}
	return out
}

// may returns who may do one of the verbs in a namespace, apart from those who may do everything.
func may(index *rbac.Index, namespace string, action rbac.Action, verbs ...string) []string {
	var out []string
	action.Namespace = namespace
	for _, verb := range verbs {
		action.Verb = verb
		for _, subject := range index.AllowedSubjects(action, rbac.InNamespace) {
			if name := subject.String(); !subject.IsSystem() && !slices.Contains(out, name) && !owns(index, subject) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}

// owns reports whether a subject may do everything in the whole cluster anyway.
func owns(index *rbac.Index, s rbac.Subject) bool {
	return index.Allowed(rbac.NewIdentity(s), rbac.Action{Verb: "*", Group: "*", Resource: "*"})
}

// judgeAccount judges the account that pods in Kalm's namespace run as when they name none.
func judgeAccount(index *rbac.Index) []finding.Finding {
	account := rbac.ServiceAccount(kalm.SystemNamespace, "default")
	if !owns(index, account) {
		return nil
	}
	return []finding.Finding{found("SS016", "serviceaccount "+kalm.SystemNamespace+"/default", "it may do everything in the cluster",
		"Every pod in "+kalm.SystemNamespace+" that names no account runs as it: the login, its proxy and Kalm's API. Whoever gets into one of them owns the cluster. "+
			"Kalm's API also gives its token to whoever is logged in, on clusters that keep tokens of accounts in Secrets.")}
}

// judgeDangling judges bindings that wait for an account of Kalm's in a namespace that is not there.
// Source: kalm.yaml, ClusterRoleBinding kalm-system-default-service-account-as-cluster-admin.
func judgeDangling(s *State, index *rbac.Index) []finding.Finding {
	const namespace, name = "system", "component-kalm"
	if !s.read(inventory.Namespaces) || s.hasNamespace(namespace) {
		return nil
	}
	var out []finding.Finding
	for _, b := range index.Bindings() {
		i := slices.IndexFunc(b.Subjects, func(s rbacv1.Subject) bool {
			return s.Kind == rbacv1.ServiceAccountKind && s.Namespace == namespace && s.Name == name
		})
		if b.Namespace == "" && i >= 0 {
			out = append(out, found("SS017", "clusterrolebinding "+b.Name, "it is for serviceaccount system/component-kalm, and there is no namespace system",
				"Whoever may make that namespace, and accounts in it, gets what the binding gives: "+b.RoleKindName()+". Take the subject out:\n"+
					fmt.Sprintf(`kubectl patch clusterrolebinding %s --type json -p '[{"op":"remove","path":"/subjects/%d"}]'`, b.Name, i)))
		}
	}
	return out
}

// judgeRoles judges the ClusterRoles that Kalm has made for components: it makes them once, and never looks at them again.
func judgeRoles(s *State, index *rbac.Index) []finding.Finding {
	if !s.read(inventory.KalmComponents) {
		return nil
	}
	var out []finding.Finding
	for _, role := range index.Roles() {
		component, ok := strings.CutPrefix(role.Name, kalm.PermissionPrefix)
		if !ok || role.Namespace != "" {
			continue
		}
		var asking []kalm.Component
		for _, c := range s.components {
			if c.Name == component && c.Permission != nil && c.Permission.Cluster {
				asking = append(asking, c)
			}
		}
		object := "clusterrole " + role.Name
		switch {
		case len(asking) == 0:
			out = append(out, found("SS019", object, "no component "+component+" asks for it any more",
				"Kalm does not delete it: its service account keeps the right. Delete it, and the ClusterRoleBinding of its name."))
		case !slices.ContainsFunc(asking, func(c kalm.Component) bool { return equality.Semantic.DeepEqual(c.Permission.Rules, role.Rules) }):
			out = append(out, found("SS019", object, fmt.Sprintf("its rules are not those of component %s/%s", asking[0].Namespace, asking[0].Name),
				"Kalm makes the role when it is not there, and never changes it: what the component says now is not what it has."))
		case len(asking) > 1:
			out = append(out, found("SS019", object, fmt.Sprintf("components of %s share it", some(namespacesOf(asking))),
				"Its name has no namespace: the rules are those of the component that was first, and the binding is for that one only."))
		}
	}
	return out
}

func namespacesOf(components []kalm.Component) []string {
	var names []string
	for _, c := range components {
		names = append(names, c.Namespace)
	}
	return names
}
