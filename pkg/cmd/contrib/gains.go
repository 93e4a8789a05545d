package contrib

import (
	"context"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// mostExplained is how many grants of one command are explained: nobody reads more.
const mostExplained = 3

// gains says, before a plan is carried out, what its subjects gain and lose by it, and whether the caller may give that
// at all. It reads roles and bindings, and what it can't read it leaves to the server.
type gains struct {
	loaded *workspaces.Loaded
	plan   plan.Plan
	grants []contrib.Grant
}

// lines returns what there is to say, a line each; nothing when there are too many grants to be read.
func (g *gains) lines(ctx context.Context) []string {
	if len(g.grants) == 0 || len(g.grants) > mostExplained {
		return nil
	}
	change, gone, err := bindingsOf(g.plan)
	if err != nil || len(change.Bindings)+len(gone) == 0 {
		return nil // the plan says why; there is no binding whose rights could be told
	}
	before, err := g.loaded.Rights(ctx)
	if err != nil {
		return []string{fmt.Sprintf("note: what is gained is left to the server: %v", err)}
	}
	snapshot := before.Snapshot()
	next, _ := snapshot.With(change).Without(gone...)
	after := rbac.Compile(next)

	var lines []string
	unknown := g.unknownRoles(before, change)
	lines = append(lines, unknown...)
	if len(unknown) == 0 {
		for _, grant := range g.grants {
			lines = append(lines, g.compare(before, after, grant)...)
		}
	}
	return append(lines, g.mayGive(ctx, before, change)...)
}

// bindingsOf returns the role bindings that a plan makes or changes, and those that it deletes.
func bindingsOf(p plan.Plan) (*rbac.Snapshot, []rbac.ObjectID, error) {
	change := &rbac.Snapshot{}
	var gone []rbac.ObjectID
	for _, s := range p.Changes().Steps {
		object := s.Object
		if object == nil {
			object = s.Old
		}
		if object.GetKind() != "RoleBinding" {
			continue
		}
		if s.Verb == plan.Delete {
			gone = append(gone, rbac.ObjectID{Kind: "RoleBinding", Namespace: object.GetNamespace(), Name: object.GetName()})
			continue
		}
		var binding rbacv1.RoleBinding
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, &binding); err != nil {
			return nil, nil, fmt.Errorf("read role binding %s: %w", object.GetName(), err)
		}
		change.Bindings = append(change.Bindings, rbac.Binding{
			Namespace: binding.Namespace, Name: binding.Name, RoleRef: binding.RoleRef, Subjects: binding.Subjects,
		})
	}
	return change, gone, nil
}

// unknownRoles tells of roles that are given, and whose rules are not known.
func (g *gains) unknownRoles(ix *rbac.Index, change *rbac.Snapshot) []string {
	var lines []string
	for i := range change.Bindings {
		b := &change.Bindings[i]
		role, line := b.RoleKindName(), ""
		switch {
		case hasRole(ix.Snapshot(), b):
			continue
		case ix.Snapshot().Complete():
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

// compare says what one subject gains and loses in the workspace.
func (g *gains) compare(before, after *rbac.Index, grant contrib.Grant) []string {
	id := rbac.NewIdentity(grant.Subject)
	gained := difference(before, after, id, grant.Workspace)
	lost := difference(after, before, id, grant.Workspace)
	who := contrib.Label(grant.Subject)
	full := fmt.Sprintf("kubectl whocan rules %s -n %s", shellWord(who), grant.Workspace)
	var lines []string
	switch {
	case len(gained)+len(lost) == 0:
		return []string{fmt.Sprintf("%s gains no right in %s, and has all of them already", who, grant.Workspace)}
	case len(gained) > 0:
		lines = append(lines, fmt.Sprintf("%s gains %s in %s, such as %s (all: %s)", who,
			plural(len(gained), "right"), grant.Workspace, samples(gained), full))
	}
	if len(lost) > 0 {
		lines = append(lines, fmt.Sprintf("%s loses %s in %s, such as %s", who, plural(len(lost), "right"),
			grant.Workspace, samples(lost)))
	}
	if strong := strongRights(before, after, id, grant.Workspace); len(strong) > 0 {
		lines = append(lines, fmt.Sprintf("warning: %s can then %s", who, strings.Join(strong, ", ")))
	}
	return lines
}

// difference returns the actions in a namespace that an identity has in the index to, and not in from.
func difference(from, to *rbac.Index, id rbac.Identity, namespace string) []rbac.Action {
	var out []rbac.Action
	for _, right := range to.Rights(id, namespace) {
		if right.Void != "" || right.URL != "" {
			continue
		}
		resource, subresource, _ := strings.Cut(right.Resource, "/")
		names := right.Names
		if len(names) == 0 {
			names = []string{""}
		}
		for _, verb := range right.Verbs {
			for _, name := range names {
				a := rbac.Action{
					Verb: verb, Group: right.Group, Resource: resource, Subresource: subresource, Name: name, Namespace: namespace,
				}
				if !from.Allowed(id, a) {
					out = append(out, a)
				}
			}
		}
	}
	return out
}

// samples names a few of many actions: those that say most first.
func samples(actions []rbac.Action) string {
	const most = 4
	telling := []string{
		"create pods", "get secrets", "get pods", "create deployments.apps", "create notebooks.kubeflow.org",
		"delete persistentvolumeclaims", "create rolebindings.rbac.authorization.k8s.io", "get pods/log",
	}
	var first, others []string
	for _, a := range actions {
		text := a.String()
		switch {
		case slices.Contains(first, text), slices.Contains(others, text):
		case slices.Contains(telling, text):
			first = append(first, text)
		case len(others) < most:
			others = append(others, text)
		}
	}
	slices.SortFunc(first, func(a, b string) int { return slices.Index(telling, a) - slices.Index(telling, b) })
	all := slices.Concat(first, others)
	return strings.Join(all[:min(most, len(all))], ", ")
}

// strongRights says in words which of the rights that are more than they look an identity gains.
func strongRights(before, after *rbac.Index, id rbac.Identity, namespace string) []string {
	var words []string
	for _, strong := range []struct {
		action rbac.Action
		words  string
	}{
		{rbac.Action{Verb: "get", Resource: "secrets"}, "read secrets"},
		{rbac.Action{Verb: "create", Resource: "pods", Subresource: "exec"}, "run commands in pods (pods/exec)"},
		{rbac.Action{Verb: "create", Resource: "serviceaccounts", Subresource: "token"}, "get tokens of service accounts"},
		{rbac.Action{Verb: "create", Group: rbacv1.GroupName, Resource: "rolebindings"}, "give rights to others (rolebindings)"},
		{rbac.Action{Verb: "escalate", Group: rbacv1.GroupName, Resource: "roles"}, "write roles that hold more than their writer does"},
		{rbac.Action{Verb: "impersonate", Resource: "serviceaccounts"}, "act as service accounts"},
	} {
		strong.action.Namespace = namespace
		if after.Allowed(id, strong.action) && !before.Allowed(id, strong.action) {
			words = append(words, strong.words)
		}
	}
	return words
}

// mayGive says which of the bindings the API server would not let the caller write, and which rules are lacking. It says
// nothing when all may be written, and for manifests: nobody is asking there.
func (g *gains) mayGive(ctx context.Context, ix *rbac.Index, change *rbac.Snapshot) []string {
	if g.loaded.Cluster == nil {
		return nil
	}
	id, err := g.loaded.Self(ctx)
	if err != nil {
		return nil // who the caller is, the server knows; it decides
	}
	var lines []string
	for i := range change.Bindings {
		b := &change.Bindings[i]
		check := ix.MayGrant(id, b.RoleRef, b.Namespace)
		line := ""
		switch {
		case check.Allowed, !check.RoleFound:
			continue // a role that is not known was told of already
		case !ix.Snapshot().Complete():
			line = fmt.Sprintf("note: not all roles and bindings can be read: whether you may give %s in %s is left to the server",
				b.RoleKindName(), b.Namespace)
		default:
			line = fmt.Sprintf("warning: you may not give %s in %s: you lack %s, and the verb bind on it", b.RoleKindName(),
				b.Namespace, rulesText(check.Missing))
		}
		if !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return lines
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
	if len(texts) == 0 {
		return "it"
	}
	if more := len(rules) - most; more > 0 {
		return fmt.Sprintf("%s and %s", strings.Join(texts, "; "), plural(more, "further rule"))
	}
	return strings.Join(texts, "; ")
}

// plural returns "1 right", "2 rights".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
