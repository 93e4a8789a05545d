package screen

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// member is a grant, and what there is to remark on it.
type member struct {
	*workspace.Member
	// nth is how many grants of the same subject in the same workspace are before it.
	nth    int
	remark string
	tone   Tone
	// token is set for a token of a machine, of which the member says no more than whose it is, where, and until when; may is
	// what it is for where that is no role, and within are the namespaces that its rules are about, of one of Kalm's.
	token  *token.Token
	may    string
	within []string
	// granted is set for what kubectl queueaccess has given.
	granted *queue.Granted
}

// key names a row by the person, so that a cursor stays with him whatever his role becomes.
func (m *member) key() string {
	if m.token != nil {
		return "token " + m.Workspace + " " + m.token.ID() + " " + m.token.Secret
	}
	return m.Workspace + " " + m.Subject.String() + " " + strconv.Itoa(m.nth)
}

// who is the subject of a grant; a token of Kalm has none but itself.
func (m *member) who() string {
	if m.token != nil && m.Subject.Name == "" {
		return tokenName(m.token)
	}
	return m.Subject.String()
}

// role is what the grant gives: a role, or what it is for where it is another one each time.
func (m *member) role() Cell {
	switch {
	case m.may != "":
		return Cell{Text: m.may}
	case m.granted != nil:
		if len(m.granted.Kinds) > 0 {
			return Cell{Text: abilityWords(m.granted) + " of " + strings.Join(m.granted.Kinds, ", ")}
		}
		return Cell{Text: abilityWords(m.granted)}
	}
	return cell(m.RoleText(), Plain)
}

// where is the namespace in which the grant counts. Where a role of Kalm's for the whole cluster is kept says nothing.
func (m *member) where() Cell {
	switch {
	case slices.Contains(m.within, kalm.All), m.OfKalm() && m.Kalm.Role.Cluster():
		return Cell{Text: "everywhere"}
	case len(m.within) > 0:
		return Cell{Text: question.List(m.within, mostWhere)}
	}
	return cell(m.Workspace, Plain)
}

// home is the namespace that the grant is about; empty where there are several, or none.
func (m *member) home() string {
	if len(m.within) == 1 && m.within[0] != kalm.All {
		return m.within[0]
	}
	return m.Workspace
}

// over reports whether the grant has ended and is still there.
func (m *member) over(now time.Time) bool {
	if m.token != nil {
		return m.token.Ended(now)
	}
	return m.Expired(now)
}

// through is the object that makes the grant.
func (m *member) through() string {
	if m.token != nil {
		return tokenObject(m.token)
	}
	return m.ObjectName()
}

// ends is when the grant ends.
func (m *member) ends(w *world.World) Cell {
	if m.token != nil {
		if c, told := tokenEnds(m.token); told {
			return c
		}
	}
	return endsCell(m.Member, w.Now)
}

// nowhere says why a grant leads to no page of a kind; empty where there is no more to say than that.
func (m *member) nowhere(to Kind) string {
	if m.token == nil || m.token.Kind != token.Kalm {
		return ""
	}
	switch to {
	case Subject:
		return "a token of Kalm's is nobody's: whoever has it may do what its rules say"
	case Role, Binding:
		return "a token of Kalm's has rules of its own, and neither a binding nor a role: enter opens it"
	case Workspace:
		return "its rules are about " + m.where().Text
	default:
		return ""
	}
}

// how says how a member came to be.
func (m *member) how() Cell {
	if m.granted != nil {
		return Cell{Text: "queue " + m.granted.Queue}
	}
	switch m.How {
	case workspace.ByPolicy:
		return Cell{Text: string(m.How), Tone: Bad}
	case workspace.Unseen, workspace.Suspended, workspace.Placeholder, workspace.Inert:
		return Cell{Text: string(m.How), Tone: Warn}
	case workspace.ByBinding, workspace.ByHand, workspace.ByOwnership, workspace.ByPair, workspace.ByKalm, workspace.ByKalmCluster:
		return Cell{Text: string(m.How)}
	default:
		return cell(string(m.How), Plain)
	}
}
