package screen

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// memberDetail says what a grant consists of, and what is wrong with it.
func memberDetail(w *world.World, m *workspace.Member) *Text {
	text := &Text{}
	add := func(label, words string) { text.Lines = append(text.Lines, labelled(label, words)) }
	switch {
	case m.Binding != nil:
		give := fmt.Sprintf("rolebinding/%s > %s", m.Binding.Name, memberRole(m))
		add("rights", give)
		text.Lines[len(text.Lines)-1].Open = Place{Kind: Binding, Namespace: m.Workspace, Name: m.Binding.Name}
		if b := w.Binding(memberBinding(m)); b != nil && len(b.Subjects) > 1 {
			add("also", "the binding names "+question.Plural(len(b.Subjects)-1, "other subject"))
		}
	case m.OfKalm():
		add("rights", fmt.Sprintf("%s/%s > %s; nothing in the Kubernetes API", workspace.KalmObject, m.Kalm.Name, m.RoleText()))
		add("in Kalm", kalmWords(m))
		if m.Kalm.Creator != "" {
			add("by", m.Kalm.Creator)
		}
	default:
		add("rights", policyRights(w, m))
	}
	if m.Policy != nil {
		add("policy", "authorizationpolicy/"+m.Policy.GetName())
	}
	switch {
	case m.HTTP:
		add("http", "yes")
	case !m.HTTPKnown:
		add("http", "unknown: "+m.HTTPWhy)
	case m.Flavor == workspace.Kubeflow:
		add("http", "no: "+m.HTTPWhy)
	}
	if !m.Expires.IsZero() {
		add("expires", endsCell(m, w.Now).Text)
	}
	if w.Judged() {
		for _, f := range findingsOf(w, m) {
			text.Lines = append(text.Lines, findingLine(&f))
		}
	}
	return text
}

// kalmWords say what comes of a role binding of Kalm's.
func kalmWords(m *workspace.Member) string {
	switch m.How {
	case workspace.Suspended:
		return "suspended: the role gives nothing, but what the user has by groups stays"
	case workspace.Placeholder:
		return "it gives nothing, and has the user listed"
	case workspace.Inert:
		return "it gives nothing: Kalm passes it over"
	case workspace.ByKalmCluster:
		return "the role counts in all applications"
	case workspace.ByKalm, workspace.ByPolicy, workspace.Unseen, workspace.ByBinding, workspace.ByHand, workspace.ByOwnership, workspace.ByPair:
	}
	return "the role counts in this application"
}

// policyRights says which rights in Kubernetes somebody has of whom a policy was read, and no binding.
func policyRights(w *world.World, m *workspace.Member) string {
	switch {
	case m.How != workspace.Unseen:
		return "none in Kubernetes: no binding, a policy only"
	case isCaller(w, m):
		return ownWords
	case m.Role == "":
		return "unknown: not all role bindings could be read"
	}
	return "unknown: not all role bindings could be read; its policy says " + string(m.Role)
}

// isCaller reports whether a member is who asks, in the namespace where the API server has told what he may do.
func isCaller(w *world.World, m *workspace.Member) bool {
	return m.Workspace == w.Frame.Namespace && m.Subject.UserName() == w.Frame.User
}

// memberWishes are the changes that can be asked for of a member. There are none for owners: a workspace is handed over,
// not left.
func memberWishes(w *world.World, m *workspace.Member) []change.Wish {
	if m.How == workspace.ByOwnership {
		return nil
	}
	if g := w.QueueGrant(m.Binding, m.Subject); g != nil {
		return queueGrantWishes(g)
	}
	if m.OfKalm() && (m.ClusterWide || m.Idle()) {
		return refusals(kalmRefusal(m), change.Remove, change.SetRole, change.Expire)
	}
	var out []change.Wish
	if m.Role != "" || alone(w, m) {
		out = append(out, change.Wish{
			Verb: change.Remove, Workspace: m.Workspace, Subject: m.Subject, Role: m.Role, Expires: m.Expires, System: systemOf(m),
		})
	}
	if !contrib.Counts(m) || contrib.CheckOpen(w.State, m.Workspace) != nil {
		return out
	}
	wish := change.Wish{Workspace: m.Workspace, Subject: m.Subject, Role: m.Role, Expires: m.Expires, System: systemOf(m)}
	if m.Role == "" {
		wish.RoleRef = &m.RoleRef
	}
	for _, verb := range []change.Verb{change.SetRole, change.Expire} {
		wish.Verb = verb
		out = append(out, wish)
	}
	return out
}

// kalmRefusal says what changes a grant of Kalm's that no workspace has to itself.
func kalmRefusal(m *workspace.Member) string {
	who := shell.Word(contrib.Label(m.Subject))
	switch {
	case m.RoleText() == string(kalm.Suspended):
		return "it suspends the user: kubectl contrib suspend --unsuspend " + who
	case m.How == workspace.Suspended:
		return "suspended everywhere: kubectl contrib suspend --unsuspend " + who
	case m.ClusterWide:
		return "the role counts in all applications: kubectl contrib remove " + who + " --cluster-wide"
	}
	return "it gives nothing: kubectl contrib remove " + who + " -n " + m.Workspace
}

// refusals are wishes that can't be fulfilled here.
func refusals(why string, verbs ...change.Verb) []change.Wish {
	out := make([]change.Wish, len(verbs))
	for i, verb := range verbs {
		out[i] = change.Wish{Verb: verb, Refusal: why}
	}
	return out
}

// systemOf is what decides by a grant: Kalm knows nothing of Kubernetes' own, nor the other way round, also in a workspace of
// Kalm's.
func systemOf(m *workspace.Member) workspace.Flavor {
	if m.Binding != nil && m.Flavor == workspace.Kalm {
		return workspace.Native
	}
	return m.Flavor
}

// alone reports whether a member has nothing else in the workspace, of the same system. A role of one's own is taken with all else or not at all.
func alone(w *world.World, m *workspace.Member) bool {
	return !slices.ContainsFunc(w.Namespace(m.Workspace).Members, func(other workspace.Member) bool {
		return other.Subject == m.Subject && other.ObjectName() != m.ObjectName() && systemOf(&other) == systemOf(m)
	})
}
