package effect

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// strength is a right that is more than it looks, in words.
type strength struct {
	// any of the verbs on any of the objects is enough; an object is "resource", or "group/resource[/subresource]".
	verbs, objects string
	words          string
	// named says that the right is as strong where it is limited to names.
	named bool
	// unless is what says as much: with that it is not worth a word.
	unless string
}

// strengths are rights that are more than they look. Who makes or changes pods, or what pods are made of, chooses the Secrets
// that they mount, the service account that they run as and the programs in them: for one object of a name as for all.
func strengths() []strength {
	const exec = "run commands in pods (pods/exec)"
	return []strength{
		{verbs: "get list watch", objects: "secrets", words: "read secrets"}, // lists hold the contents, too
		// Not so new servers take get, too: a WebSocket begins with a GET.
		{verbs: "create get", objects: "/pods/exec", words: exec},
		{verbs: "create get", objects: "/pods/attach", words: "get at the programs in pods (pods/attach)", unless: exec},
		{verbs: "update patch", objects: "/pods/ephemeralcontainers", words: "put containers into pods (pods/ephemeralcontainers)", unless: exec},
		{verbs: "create", objects: "/serviceaccounts/token", words: "get tokens of service accounts"},
		{
			verbs: "create update patch", words: "run pods with any secret and as any service account", named: true,
			objects: "pods replicationcontrollers apps/deployments apps/statefulsets apps/daemonsets apps/replicasets batch/jobs batch/cronjobs",
		},
		{verbs: "create update patch", objects: rbacv1.GroupName + "/rolebindings", words: "give rights to others (rolebindings)", named: true},
		{verbs: "bind", objects: rbacv1.GroupName + "/roles " + rbacv1.GroupName + "/clusterroles", words: "give roles that hold more than their giver does (bind)", named: true},
		{verbs: "escalate", objects: rbacv1.GroupName + "/roles", words: "write roles that hold more than their writer does", named: true},
		{verbs: "impersonate", objects: "serviceaccounts", words: "act as service accounts"},
	}
}

// Strong says in words which rights that are more than they look a subject gains in a namespace, or in the whole cluster.
func (r *Rights) Strong(subject rbac.Subject, namespace string) []string {
	id := rbac.NewIdentity(subject)
	var words []string
	for _, strong := range strengths() {
		if !slices.Contains(words, strong.unless) && strong.held(r.after, id, namespace) && !strong.held(r.before, id, namespace) {
			words = append(words, strong.words)
		}
	}
	return words
}

// held reports whether an identity has such a right in a namespace.
func (s strength) held(ix *rbac.Index, id rbac.Identity, namespace string) bool {
	names := []string{""}
	if s.named {
		for _, rule := range ix.Rules(id, namespace) {
			names = append(names, rule.ResourceNames...)
		}
	}
	for object := range strings.FieldsSeq(s.objects) {
		a := rbac.Action{Resource: object, Namespace: namespace}
		if parts := strings.Split(object, "/"); len(parts) > 1 {
			a.Group, a.Resource, a.Subresource = parts[0], parts[1], strings.Join(parts[2:], "/")
		}
		for _, a.Name = range names {
			if mayAny(ix, id, s.verbs, a) {
				return true
			}
		}
	}
	return false
}

// mayAny reports whether an identity may do an action with one of the verbs.
func mayAny(ix *rbac.Index, id rbac.Identity, verbs string, a rbac.Action) bool {
	for a.Verb = range strings.FieldsSeq(verbs) {
		if ix.Allowed(id, a) {
			return true
		}
	}
	return false
}

// Unknown tells of roles that are given and whose rules are not known, a line each: they do not exist, or can't be read.
func (r *Rights) Unknown() []string {
	snapshot := r.before.Snapshot()
	var lines []string
	for i := range r.bindings.change.Bindings {
		b := &r.bindings.change.Bindings[i]
		role, line := b.RoleKindName(), ""
		switch {
		case hasRole(snapshot, b), hasRole(r.bindings.change, b):
			continue
		case snapshot.Complete():
			line = fmt.Sprintf("warning: %s does not exist: it gives nothing until it does", role)
		default:
			line = fmt.Sprintf("note: the rules of %s can't be read: what is gained, and whether you may give it, is left to the server", role)
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

func hasRole(s *rbac.Snapshot, b *rbac.Binding) bool {
	namespace := ""
	if b.RoleRef.Kind == "Role" {
		namespace = b.Namespace
	}
	return slices.ContainsFunc(s.Roles, func(r rbac.Role) bool {
		return r.Name == b.RoleRef.Name && r.Namespace == namespace
	})
}

// MayGive says which of the bindings the API server would not let the identity write, and which rules are lacking, a line
// each. It says nothing when all may be written.
func (r *Rights) MayGive(id rbac.Identity) []string {
	lines, told := r.mayWrite(id)
	for i := range r.bindings.change.Bindings {
		b := &r.bindings.change.Bindings[i]
		check := r.given.MayGrant(id, b.RoleRef, b.Namespace)
		line, where := "", "in "+b.Namespace
		if b.Namespace == "" {
			where = "in the whole cluster"
		}
		switch {
		case check.Allowed, !check.RoleFound, told && hasRole(r.bindings.change, b):
			continue // a role that is not known is told of by Unknown, and one that can't be written was told of
		case !r.before.Snapshot().Complete():
			line = fmt.Sprintf("note: not all roles and bindings can be read: whether you may give %s %s is left to the server",
				b.RoleKindName(), where)
		default:
			line = fmt.Sprintf("warning: you may not give %s %s: you lack %s, and the verb bind on it", b.RoleKindName(), where,
				rulesText(check.Missing))
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// mayWrite says which of the plan's roles the API server would not let the identity write, a line each, and whether it says
// anything.
func (r *Rights) mayWrite(id rbac.Identity) (lines []string, told bool) {
	for i := range r.bindings.change.Roles {
		role := &r.bindings.change.Roles[i]
		escalate := rbac.Action{Verb: "escalate", Group: rbacv1.GroupName, Resource: "roles", Name: role.Name, Namespace: role.Namespace}
		where := "in " + role.Namespace
		if role.Namespace == "" {
			escalate.Resource, where = "clusterroles", "in the whole cluster"
		}
		if id.Superuser() || r.before.Allowed(id, escalate) {
			continue
		}
		missing := rbac.Covers(r.before.Rules(id, role.Namespace), role.Rules)
		switch {
		case len(missing) == 0:
			continue
		case !r.before.Snapshot().Complete():
			lines = append(lines, fmt.Sprintf("note: not all roles and bindings can be read: whether you may write %s %s is left to the server",
				role.KindName(), where))
		default:
			lines = append(lines, fmt.Sprintf("warning: you may not write %s %s: you lack %s, and the verb escalate on it",
				role.KindName(), where, rulesText(missing)))
		}
	}
	return lines, len(lines) > 0
}

// rulesText writes the first of the rules in a line.
func rulesText(rules []rbacv1.PolicyRule) string {
	const most = 3
	texts := make([]string, 0, most)
	for i := range rules[:min(most, len(rules))] {
		r := &rules[i]
		text := strings.Join(r.Verbs, ",") + " " + strings.Join(slices.Concat(r.Resources, r.NonResourceURLs), ",")
		if groups := strings.Trim(strings.Join(r.APIGroups, ","), ","); groups != "" {
			text += " (" + groups + ")"
		}
		if len(r.ResourceNames) > 0 {
			text += " named " + strings.Join(r.ResourceNames, ",")
		}
		texts = append(texts, text)
	}
	text := strings.Join(texts, "; ")
	switch more := len(rules) - most; {
	case len(texts) == 0:
		return "it"
	case more == 1:
		return text + " and 1 further rule"
	case more > 1:
		return fmt.Sprintf("%s and %d further rules", text, more)
	}
	return text
}
