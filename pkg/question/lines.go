package question

import (
	"fmt"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// mostMisses and mostNamespaces are how many a reader of a command's output can use; JSON has them all.
const (
	mostMisses     = 8
	mostNamespaces = 12
)

// GroupsUnknown says why an answer about a user whose groups nobody named is about himself only, and what to do.
const GroupsUnknown = "groups of users are in no object of the cluster: add --group NAME for each that he is in"

// Weight says what a line of an explanation is.
type Weight int

// The weights.
const (
	// Plain is what was found.
	Plain Weight = iota
	// Headline is the answer.
	Headline
	// Heading is above the lines that are indented below it.
	Heading
	// Remark is about the line before or after it.
	Remark
	// Command is for a shell.
	Command
)

// Line is one fact of an explanation.
type Line struct {
	// Text is indented by what it belongs to.
	Text   string
	Weight Weight
	// About is the binding or role that it is about; zero for none.
	About rbac.ObjectID
}

// Lines writes the answer for people: the verdict, then one fact a line.
func (e *Explanation) Lines() []string {
	told := e.Tell(mostMisses)
	lines := make([]string, len(told))
	for i := range told {
		lines[i] = told[i].Text
	}
	return lines
}

// Tell is the answer of [Explanation.Lines] with what each line is, and at most so many near misses.
func (e *Explanation) Tell(misses int) []Line {
	lines := []Line{{Text: e.Headline(), Weight: Headline}}
	if e.Decision.Superuser {
		lines = append(lines, Line{Text: "  " + SuperuserText + ": member of " + rbac.GroupMasters})
	}
	for i := range e.Decision.Proofs {
		p := &e.Decision.Proofs[i]
		lines = append(lines, Line{Text: "  " + p.String() + Through(p.Via, p.Subject), About: about(p.Binding, p.Binding.ID())},
			Line{Text: "    " + RuleLine(p), Weight: Remark, About: about(p.Binding, holder(p).ID())})
	}
	if e.Decision.Allowed {
		return lines
	}
	if len(e.Misses) > 0 {
		lines = append(lines, Line{Text: "  nearest", Weight: Heading})
		lines = append(lines, e.missLines(misses)...)
	} else {
		lines = append(lines, Line{Text: "  no binding of " + e.named() + " comes near"})
	}
	if e.Groupless {
		lines = append(lines, Line{Text: "  " + GroupsUnknown, Weight: Remark})
	}
	if len(e.Elsewhere) > 0 {
		lines = append(lines, Line{Text: "  yes in " + List(e.Elsewhere, mostNamespaces)})
	}
	if len(e.Suggestions) > 0 {
		lines = append(lines, Line{Text: "  would allow it", Weight: Heading})
		for _, s := range e.Suggestions {
			lines = append(lines, Line{Text: "    # grants " + s.Grants, Weight: Remark})
			for _, c := range s.Commands {
				lines = append(lines, Line{Text: "    " + c, Weight: Command})
			}
		}
	}
	return lines
}

// named says whose bindings were looked at.
func (e *Explanation) named() string {
	who := e.Identity.Subject.String()
	if e.Groupless || e.Identity.User == "" {
		return who
	}
	return who + " or of its groups"
}

// missLines aligns what is there with what it lacks, at most so many.
func (e *Explanation) missLines(most int) []Line {
	shown := e.Misses[:min(len(e.Misses), most)]
	width := 0
	left := make([]string, len(shown))
	for i := range shown {
		left[i] = MissPath(&shown[i])
		width = max(width, len(left[i]))
	}
	var lines []Line
	for i := range shown {
		text := fmt.Sprintf("    %-*s  %s", width, left[i], MissText(&shown[i], e.Request))
		lines = append(lines, Line{Text: text, About: about(shown[i].Binding, shown[i].Binding.ID())})
	}
	if more := len(e.Misses) - len(shown); more > 0 {
		lines = append(lines, Line{Text: fmt.Sprintf("    and %d more (-o json shows all)", more), Weight: Remark})
	}
	return lines
}

// about is the object of a path, unless the path is none: see [rbac.ToldOrigin].
func about(b *rbac.Binding, id rbac.ObjectID) rbac.ObjectID {
	if b.Told() {
		return rbac.ObjectID{}
	}
	return id
}

// MissPath says which binding to which role comes near, and for which group.
func MissPath(m *rbac.NearMiss) string {
	if m.Binding.Told() {
		return rbac.ToldText
	}
	text := m.Binding.KindName() + " > " + m.Binding.RoleKindName()
	if m.Reason == rbac.ReasonSubject {
		return text
	}
	return text + Through(m.Via, m.Subject)
}

// MissText says what a near miss lacks.
func MissText(m *rbac.NearMiss, req Request) string {
	has := List(quoteEmpty(m.Has), 6)
	a := req.Action
	switch m.Reason {
	case rbac.ReasonElsewhere:
		return "allows it, but in " + has + " only"
	case rbac.ReasonClusterScope:
		if a.IsURL() {
			return "is in " + has + ": a RoleBinding can't allow a URL"
		}
		if req.Namespaced {
			return "allows it, but in " + has + " only, not cluster-wide"
		}
		return "is a RoleBinding in " + has + ", but " + a.Resource + " are cluster-scoped: it takes a ClusterRoleBinding"
	case rbac.ReasonName:
		if a.Name == "" {
			return "allows it for certain names only: " + has + "; a request without a name is refused"
		}
		return "allows it for " + has + " only, not " + a.Name
	case rbac.ReasonVerb:
		return "allows " + has + ", not " + a.Verb
	case rbac.ReasonGroup:
		return "has " + a.ResourceName() + " of API group " + has + ", not of " + groupName(a.Group)
	case rbac.ReasonSubresource:
		return "has " + has + ", not " + a.ResourceName()
	case rbac.ReasonRoleMissing:
		return "names a role that does not exist"
	case rbac.ReasonSubject:
		return "allows it to " + m.Subject.String() + ", which is somebody else"
	}
	return string(m.Reason)
}

func groupName(group string) string {
	if group == "" {
		return "core"
	}
	return group
}

func quoteEmpty(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if n == "" {
			out[i] = "core"
		}
	}
	return out
}
