package clusterauth

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Editing is one way to change what an authentication means, with those who may go it.
type Editing struct {
	// What names what is changed: "clusterauthentication team-a/dex", "secret team-a/dex-ca".
	What   string
	Action rbac.Action
	Answer rbac.Answer
}

// Editors returns who may change the object, and who the Secret that its CA is in: an answer for each verb. Whoever may
// change either may make himself anybody at the clusters that use it.
func Editors(index *rbac.Index, u Usage) []Editing {
	var out []Editing
	ask := func(what, group, resource, namespace, name string) {
		for _, verb := range []string{"update", "patch", "delete"} {
			action := rbac.Action{Verb: verb, Group: group, Resource: resource, Namespace: namespace, Name: name}
			out = append(out, Editing{What: what, Action: action, Answer: index.WhoCan(action, rbac.InNamespace)})
		}
	}
	ask(authenticationObject(u.Namespace, u.Name), k0rdent.Group, string(inventory.ClusterAuthentications), u.Namespace, u.Name)
	if u.CASecret != nil && u.CASecret.Name != "" {
		ask("secret "+u.CASecret.Namespace+"/"+u.CASecret.Name, "", string(inventory.Secrets), u.CASecret.Namespace, u.CASecret.Name)
	}
	return out
}

// EditorRules returns the ids of what [JudgeEditors] finds, which needs all roles and bindings.
func EditorRules() []string { return []string{"KC025", "KC032"} }

// JudgeEditors judges who may work with ClusterAuthentications: KC025 when nobody but superusers and k0rdent may, and KC032
// for those who may write the Secret with a CA and not the object that trusts it. They are sorted. There are none when not
// all roles and bindings were read: one that is missing would refute either.
func JudgeEditors(s *State, index *rbac.Index) []finding.Finding {
	if len(index.Snapshot().Gaps) > 0 {
		return nil
	}
	var out []finding.Finding
	if len(s.authentications) > 0 && !s.workable(index) {
		out = append(out, found("KC025", "", "no binding lets anybody but administrators and k0rdent read ClusterAuthentications",
			"k0rdent has no role for them, neither for viewers nor for editors of namespaces. Make one for clusterauthentications."+k0rdent.Group+"."))
	}
	for _, a := range s.authentications {
		if a.CASecret == nil || a.CASecret.Name == "" || a.Managed {
			continue
		}
		object := rbac.Action{
			Verb: "update", Group: k0rdent.Group, Resource: string(inventory.ClusterAuthentications), Namespace: a.Namespace, Name: a.Name,
		}
		secret := rbac.Action{Verb: "update", Resource: string(inventory.Secrets), Namespace: a.CASecret.Namespace, Name: a.CASecret.Name}
		may := index.AllowedSubjects(object, rbac.InNamespace)
		var only []string
		for _, subject := range index.AllowedSubjects(secret, rbac.InNamespace) {
			if !subject.IsSystem() && !slices.Contains(may, subject) {
				only = append(only, subject.String())
			}
		}
		if len(only) == 0 {
			continue
		}
		out = append(out, found("KC032", a.object(), fmt.Sprintf("%s may write secret %s/%s, and not the object that trusts it",
			join(only[:min(5, len(only))]), a.CASecret.Namespace, a.CASecret.Name),
			"A CA of one's own, and control over the way to the issuer, make one anybody at the clusters that use it. KCM copies the CA without a check."))
	}
	finding.Sort(out)
	return out
}

// workable reports whether some person or group that is no superuser may read ClusterAuthentications.
func (s *State) workable(index *rbac.Index) bool {
	action := rbac.Action{Verb: "get", Group: k0rdent.Group, Resource: string(inventory.ClusterAuthentications)}
	for _, grant := range index.WhoCan(action, rbac.Anywhere).Grants {
		if grant.Superuser || grant.Subject.Kind == "ServiceAccount" || everything(grant) {
			continue
		}
		return true
	}
	return false
}

// everything reports whether somebody holds the right only because he holds all.
func everything(g rbac.Grant) bool {
	return !slices.ContainsFunc(g.Proofs, func(p rbac.Proof) bool {
		return !slices.Contains(p.Policy().Resources, "*") || !slices.Contains(p.Policy().APIGroups, "*")
	})
}
