package screen

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// everywhere stands for all namespaces, cluster for the namespace of what has none.
const (
	everywhere = "everywhere"
	cluster    = "cluster"
)

// roleOf returns the page of the role that a binding refers to; none when that can be no role.
func roleOf(b *world.Binding) rbac.ObjectID {
	if b.Role == nil {
		return rbac.ObjectID{}
	}
	return b.Role.ID
}

// objectCommand shows a role or a binding. Manifests are read without a command.
func objectCommand(w *world.World, id rbac.ObjectID) string {
	if w.Frame.Offline {
		return ""
	}
	words := []string{"get", strings.ToLower(id.Kind), id.Name}
	if id.Namespace != "" {
		words = append(words, "-n", id.Namespace)
	}
	return command(w, append(words, "-o", "yaml")...)
}

// roleCommand shows a role. Of one that is not there the bindings that refer to it are all there is.
func roleCommand(w *world.World, r *world.Role) string {
	if r.Dangling() {
		return listCommand(w, bindingResources)
	}
	return objectCommand(w, r.ID)
}

// bindingResources are the kinds of bindings, as kubectl takes them.
const bindingResources = "clusterrolebindings,rolebindings"

// listCommand lists kinds in all namespaces. Manifests are read without a command.
func listCommand(w *world.World, resources string) string {
	if w.Frame.Offline {
		return ""
	}
	return command(w, "get", resources, "-A", "-o", "wide")
}

// rightsCommand shows what a subject may do, in a namespace or, when it is empty, everywhere.
func rightsCommand(w *world.World, s rbac.Subject, namespace string) string {
	words := []string{"whocan", "rules", s.String()}
	if namespace != "" {
		words = append(words, "-n", namespace)
	}
	return command(w, words...)
}

// namespaceCell names a namespace, or says that a thing is of the whole cluster.
func namespaceCell(namespace string) Cell {
	if namespace == "" {
		return Cell{Text: cluster, Tone: Quiet}
	}
	return Cell{Text: namespace}
}

// whereCell says where a binding counts.
func whereCell(b *world.Binding) Cell {
	if b.Namespace == "" {
		return Cell{Text: everywhere, Tone: Strong}
	}
	return Cell{Text: b.Namespace}
}

// boundCell says where bindings count, which may be everywhere, in namespaces, or both. More comes later in order.
func boundCell(all bool, namespaces int) Cell {
	c := Cell{Number: float64(namespaces)}
	switch {
	case all && namespaces > 0:
		c.Text, c.Tone = everywhere+", "+question.Plural(namespaces, "namespace"), Strong
	case all:
		c.Text, c.Tone = everywhere, Strong
	case namespaces > 0:
		c.Text = question.Plural(namespaces, "namespace")
	default:
		c.Text, c.Tone = "-", Quiet
	}
	if all {
		c.Number += 1e9
	}
	return c
}

// strengthCell says in what way a role allows more than it looks. The strongest come last in order.
func strengthCell(r *world.Role) Cell {
	if r == nil || r.Strength == 0 {
		return Cell{Text: "-", Tone: Quiet}
	}
	c := Cell{Text: strings.Join(r.Strength.Words(), ", "), Number: 1 / float64(r.Strength.Strongest())}
	switch {
	case r.Strength.Strongest() <= rbac.Tokens:
		c.Tone = Bad
	case r.Strength.Strongest() < rbac.Wild:
		c.Tone = Warn
	}
	return c
}

// subjectRemark says what is odd about a subject: a service account that does not exist, or a group that holds people
// whom nobody put into it.
func subjectRemark(w *world.World, s *world.Subject) Cell {
	if s.Missing {
		return Cell{Text: "does not exist", Tone: Bad}
	}
	if text := crowdText(w, s.Subject); text != "" {
		return Cell{Text: text, Tone: Warn}
	}
	if s.Subject == rbac.Group(rbac.GroupMasters) {
		return Cell{Text: question.SuperuserText, Tone: Warn}
	}
	return cell("", Plain)
}

// crowdText says who is in a group that the API server fills; empty for any other subject.
func crowdText(w *world.World, s rbac.Subject) string {
	crowd, ok := w.Crowd(s)
	if !ok || crowd.ServiceAccounts == 0 {
		return crowd.Who
	}
	return crowd.Who + " (" + question.Plural(crowd.ServiceAccounts, "service account") + ")"
}

// rightsNotes says what the pages of roles, bindings and subjects lack.
func rightsNotes(w *world.World, namespace string) []string {
	return gapNotes(w, namespace,
		need{kind: "clusterrolebindings", means: "holders may be missing"},
		need{kind: "rolebindings", means: "holders may be missing"},
		need{kind: "clusterroles", means: "rules may be missing"},
		need{kind: "roles", means: "rules may be missing"},
	)
}

// grantWishes are the changes that can be asked for where a binding makes a subject a member of a workspace; none where it
// does not.
func grantWishes(w *world.World, b *world.Binding, s rbac.Subject) []change.Wish {
	namespace := w.Namespace(b.Namespace)
	if namespace == nil {
		return nil
	}
	i := slices.IndexFunc(namespace.Members, func(m workspace.Member) bool {
		return m.Binding != nil && m.Binding.Name == b.Name && m.Subject == s
	})
	if i < 0 {
		return nil
	}
	return memberWishes(w, &namespace.Members[i])
}
