package token

import (
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// unusedFor is how long a token that a Secret holds has not been used when it counts as forgotten: after the same time
// Kubernetes itself takes those away that it has made. Source: --legacy-service-account-token-clean-up-period.
const unusedFor = 365 * 24 * time.Hour

// judgeBound judges a token of ours.
func (s *State) judgeBound(t Token) []finding.Finding {
	var out []finding.Finding
	if t.Revoked() {
		f := found("TK011", t.Object(), "the Secret that the token was bound to is gone, and the account is left",
			"The token is refused. Its account, Role and RoleBinding do nothing but lie around: who may make tokens for service accounts can make one for it.\n"+
				"Take them away, or use the account again: kubectl accesstoken create "+t.Name+" --rotate -n "+t.Namespace+".")
		out = append(out, s.revoking(f, t))
	}
	if s.rights == nil {
		return out
	}
	if f, bad := s.judgeRole(t); bad {
		out = append(out, f)
	}
	if paths := s.otherPaths(t.Account); len(paths) > 0 {
		out = append(out, found("TK013", t.Object(), "the account has more than its own Role: "+list(paths, 3),
			"Whoever holds the token may do that too, and nothing about the token says so. Take the account out of these bindings, or make a token whose rules say it."))
	}
	return out
}

// otherPaths returns the paths by which the account of a token itself may do something, but for its own Role.
func (s *State) otherPaths(account rbac.Subject) []string {
	_, paths := inWords(s.ownRights(account), func(source rbac.Source) string {
		own := source.Binding.Namespace == account.Namespace && source.Binding.Name == account.Name &&
			source.Role.Namespace == account.Namespace && source.Role.Name == account.Name
		if own {
			return ""
		}
		return pathText(source)
	})
	return slices.DeleteFunc(paths, func(path string) bool { return path == "" })
}

// judgeRole compares the Role of a token with what the token was made for.
func (s *State) judgeRole(t Token) (finding.Finding, bool) {
	wanted, known := s.Made(t.Namespace, t.Name)
	if !known || len(s.rights.Snapshot().Gaps) > 0 || len(s.inv.Missing(inventory.RoleBindings)) > 0 {
		return finding.Finding{}, false
	}
	number, there := s.rights.RoleNumber(rbac.ObjectID{Kind: "Role", Namespace: t.Namespace, Name: t.Name})
	binding := s.binding(t.Namespace, t.Name)
	if !there || binding == nil || !s.owns(binding, t) {
		what := "rolebinding"
		if !there {
			what = "role"
		}
		return found("TK019", t.Object(), fmt.Sprintf("%s %s/%s is not there, or not that of the token", what, t.Namespace, t.Name),
			"The token may not do what it was made for. Make it again: kubectl accesstoken create "+t.Name+" --rotate -n "+t.Namespace+"."), true
	}
	held := s.rights.Roles()[number].Rules
	more, less := rbac.Covers(wanted, held), rbac.Covers(held, wanted)
	if len(more)+len(less) == 0 {
		return finding.Finding{}, false
	}
	var parts []string
	if len(more) > 0 {
		parts = append(parts, "it also gives "+list(RuleWords(more), 3))
	}
	if len(less) > 0 {
		parts = append(parts, "it lacks "+list(RuleWords(less), 3))
	}
	f := found("TK012", t.Object(), "the Role is not what the token was made for: "+strings.Join(parts, "; "),
		"Somebody has changed role "+t.Namespace+"/"+t.Name+". Put it back, or make the token anew with what it is to do now.")
	if len(less) == 0 { // whoever took rights away may have had a reason
		f.Fix = s.roleBack(t, wanted)
	}
	return f, true
}

// roleBack plans that the Role of a token is again what the token was made for; nil when the Role was not read whole.
func (s *State) roleBack(t Token, wanted []rbacv1.PolicyRule) *plan.Plan {
	old := s.roleObject(t.Namespace, t.Name)
	if old == nil {
		return nil
	}
	object, err := rulesObject(t, wanted)
	if err != nil {
		return nil
	}
	p, err := plan.New("put back role of token "+t.Name, updateTo(object, old))
	if err != nil {
		return nil
	}
	return &p
}

// judgeLasting judges a token that a Secret holds.
func (s *State) judgeLasting(t Token) []finding.Finding {
	if t.Invalid != "" {
		return nil // Kubernetes has put it out of use, and will take it away
	}
	f := found("TK001", t.Object(), fmt.Sprintf("the Secret holds a token of service account %s that never ends", t.Account.Name),
		"Who may read Secrets of the namespace can take it, and it counts until the Secret is deleted. Make a token that ends, and then delete the Secret:\n"+
			"  kubectl accesstoken create NAME --may VERBS:KINDS -n "+t.Namespace+"\n  kubectl accesstoken revoke "+t.ID()+" -n "+t.Namespace)
	out := []finding.Finding{f}
	if last := t.lastSign(); !last.IsZero() && s.now.Sub(last) > unusedFor {
		what := "it was last used on " + t.LastUsed.Format(time.DateOnly)
		if t.LastUsed.IsZero() {
			what = "nothing says that it was ever used, and it was made on " + t.Created.Format(time.DateOnly)
		}
		f := found("TK002", t.Object(), "nobody has used the token for a year: "+what, "Kubernetes notes the last day of use since 1.26. Nobody would miss it; who finds it could use it.")
		out = append(out, s.revoking(f, t))
	}
	if s.rights == nil {
		return out
	}
	if strong := s.strong(t.Account); len(strong) > 0 {
		out = append(out, found("TK014", t.Object(), fmt.Sprintf("the token never ends, and its account %s may do a lot: %s", t.Account.Name, list(strong, 3)),
			"Whoever gets hold of it has all that for ever. Give the account what it needs, and its users tokens that end."))
	}
	return out
}

// lastSign is the last moment at which the token is known to have mattered; zero when nothing is.
func (t Token) lastSign() time.Time {
	if t.LastUsed.After(t.Created) {
		return t.LastUsed
	}
	return t.Created
}

// strong returns the paths by which an account may do more than it looks: all that is in a namespace, or what gives more.
func (s *State) strong(account rbac.Subject) []string {
	strengths := s.rights.Strengths()
	var out []string
	for _, right := range append(s.ownRights(account), s.groupRights(account)...) {
		for _, source := range right.Sources {
			number, known := s.rights.RoleNumber(source.Role.ID())
			if !known {
				continue
			}
			const much = rbac.Everything | rbac.Escalates | rbac.Binds | rbac.Impersonates | rbac.Grants
			wide := strengths[number]&much != 0 || source.Role.Namespace == "" && (source.Role.Name == "admin" || source.Role.Name == "cluster-admin")
			path := pathText(source)
			if isShared(source.Subject) {
				path = groupPathText(source)
			}
			if wide && !slices.Contains(out, path) {
				out = append(out, path)
			}
		}
	}
	slices.Sort(out)
	return out
}

// judgeOrphans finds the Secrets of tokens of ours whose account is gone.
func (s *State) judgeOrphans() []finding.Finding {
	if len(s.inv.Missing(inventory.ServiceAccounts)) > 0 {
		return nil
	}
	var out []finding.Finding
	for _, secret := range s.inv.Objects(inventory.TokenSecrets) {
		name := secret.GetLabels()[Label]
		if secretType(secret) != SecretType || s.ownAccount(secret.GetNamespace(), name) != nil {
			continue
		}
		f := found("TK018", "secret "+secret.GetNamespace()+"/"+secret.GetName(), fmt.Sprintf("the service account %s that the token was of is gone", name),
			"The token is refused. The Secret holds nothing.")
		if p, err := plan.New("delete the Secret of token "+name, deletion(secret, "its account is gone")); err == nil {
			f.Fix = &p
		}
		out = append(out, f)
	}
	return out
}

func (s *State) ownAccount(namespace, name string) *corev1.ServiceAccount {
	if sa := s.Account(namespace, name); sa != nil && ours(sa) {
		return sa
	}
	return nil
}

// judgeMinters says who may make tokens for the accounts of tokens, a finding for each namespace.
func (s *State) judgeMinters() []finding.Finding {
	if s.rights == nil {
		return nil
	}
	var namespaces []string
	for _, t := range s.tokens {
		if t.Kind != Kalm {
			namespaces = append(namespaces, t.Namespace)
		}
	}
	slices.Sort(namespaces)
	var out []finding.Finding
	for _, namespace := range slices.Compact(namespaces) {
		who := s.people(rbac.Action{Verb: "create", Resource: "serviceaccounts", Subresource: "token", Namespace: namespace})
		if len(who) == 0 {
			continue
		}
		out = append(out, found("TK015", "namespace "+namespace, list(who, 5)+" may make tokens for any service account of the namespace",
			"Such a token is bound to nothing of ours: \"revoke\" ends it only by deleting the service account. The roles edit and admin of Kubernetes hold this right.\n"+
				"All of them: kubectl whocan create serviceaccounts/token -n "+namespace+"."))
	}
	return out
}

// people are the subjects who may do something, without superusers, Kubernetes itself, and who may do everything.
func (s *State) people(action rbac.Action) []string {
	var out []string
	for _, grant := range s.rights.WhoCan(action, rbac.InNamespace).Grants {
		if !grant.Superuser && !grant.Subject.IsSystem() && !everything(grant) {
			out = append(out, grant.Subject.String())
		}
	}
	return out
}

// everything reports whether somebody holds the right only because he holds all.
func everything(g rbac.Grant) bool {
	return !slices.ContainsFunc(g.Proofs, func(p rbac.Proof) bool {
		return !slices.Contains(p.Policy().Resources, "*") || !slices.Contains(p.Policy().APIGroups, "*")
	})
}

// list joins texts and cuts a long list.
func list(texts []string, most int) string {
	if len(texts) <= most {
		return strings.Join(texts, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(texts[:most], ", "), len(texts)-most)
}
