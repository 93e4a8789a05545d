package contrib

import (
	"context"
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
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
	bindings, err := effect.Read(g.plan)
	if err != nil || bindings.Empty() {
		return nil // the plan says why; there is no binding whose rights could be told
	}
	before, err := g.loaded.Rights(ctx)
	if err != nil {
		return []string{fmt.Sprintf("note: what is gained is left to the server: %v", err)}
	}
	rights := bindings.On(before)
	lines := rights.Unknown()
	if len(lines) == 0 {
		for _, grant := range g.grants {
			lines = append(lines, compare(rights, grant)...)
		}
	}
	return append(lines, g.mayGive(ctx, rights)...)
}

// compare says what one subject gains and loses in the workspace.
func compare(rights *effect.Rights, grant contrib.Grant) []string {
	e := rights.Of(grant.Subject, grant.Workspace)
	who := contrib.Label(grant.Subject)
	full := fmt.Sprintf("kubectl whocan rules %s -n %s", shell.Word(who), grant.Workspace)
	var lines []string
	switch {
	case len(e.Gained)+len(e.Lost) == 0:
		return []string{fmt.Sprintf("%s gains no right in %s, and has all of them already", who, grant.Workspace)}
	case len(e.Gained) > 0:
		lines = append(lines, fmt.Sprintf("%s gains %s in %s, such as %s (all: %s)", who,
			plural(len(e.Gained), "right"), grant.Workspace, strings.Join(effect.Samples(e.Gained), ", "), full))
	}
	if len(e.Lost) > 0 {
		lines = append(lines, fmt.Sprintf("%s loses %s in %s, such as %s", who, plural(len(e.Lost), "right"),
			grant.Workspace, strings.Join(effect.Samples(e.Lost), ", ")))
	}
	if strong := rights.Strong(grant.Subject, grant.Workspace); len(strong) > 0 {
		lines = append(lines, fmt.Sprintf("warning: %s can then %s", who, strings.Join(strong, ", ")))
	}
	return lines
}

// mayGive says which of the bindings the API server would not let the caller write. It says nothing for manifests: nobody
// is asking there.
func (g *gains) mayGive(ctx context.Context, rights *effect.Rights) []string {
	if g.loaded.Cluster == nil {
		return nil
	}
	id, err := g.loaded.Self(ctx)
	if err != nil {
		return nil // who the caller is, the server knows; it decides
	}
	return rights.MayGive(id)
}

// plural returns "1 right", "2 rights".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
