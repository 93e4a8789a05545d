package contrib_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// TestKalmChosen asks for members of Kalm's where there are none, and for those of Kubernetes where Kalm keeps its own.
func TestKalmChosen(t *testing.T) {
	t.Parallel()
	flavor := func(f workspace.Flavor) func(*cluster) {
		return func(c *cluster) { c.options.Asker, c.options.Flavor = "me@x.com", f }
	}
	offline := func(c *cluster) { flavor(workspace.Kalm)(c); c.offline = true }
	ofKalm := flavor(workspace.Kalm)
	apply := func(prune bool, grants []contrib.Grant, workspaces ...string) func(*workspace.State) (plan.Plan, []string, error) {
		return func(s *workspace.State) (plan.Plan, []string, error) {
			return contrib.Apply(s, grants, prune, workspaces...)
		}
	}
	bobs := bindingOf("plain", "bobs", "view", map[string]string{workspace.RoleAnnotation: "viewer"}, bob)
	inert := inKalm("plain", "bob@x.com", kalm.Viewer)
	native := ofNative("dev", "alice@x.com")
	give := []contrib.Grant{grant("plain", bob, workspace.Editor)}
	runGolden(t, "kalm-chosen", map[string]given{
		"add, application":      {objects: kalmShop(), adjust: ofKalm, do: add(grant("shop", bob, workspace.Editor))},
		"add, no application":   {objects: kalmShop(), adjust: ofKalm, do: add(give...)},
		"add, native workspace": {objects: kalmShop(native...), adjust: ofKalm, do: add(grant("dev", bob, workspace.Editor))},
		"add, profile":          {objects: kalmShop(ofKubeflow("team-a", "alice@x.com")...), adjust: ofKalm, do: add(grant("team-a", bob, workspace.Editor))},
		"add, label alone":      {objects: kalmShop()[:4], adjust: offline, do: add(grant("shop", bob, workspace.Editor))},
		"add, not installed":    {objects: kalmShop()[:4], adjust: ofKalm, do: add(grant("shop", bob, workspace.Editor))},
		"add, unknown":          {adjust: offline, do: add(grant("shop", bob, workspace.Editor))},
		"add, native":           {objects: kalmShop(), adjust: flavor(workspace.Native), do: add(grant("shop", bob, workspace.Editor))},
		"set-role":              {objects: kalmShop(bobs), adjust: ofKalm, do: setRole(give...)},
		"apply":                 {objects: kalmShop(bobs), adjust: ofKalm, do: apply(false, give)},
		"apply, prune":          {objects: kalmShop(bobs), adjust: ofKalm, do: apply(true, nil, "plain")},
		"remove":                {objects: kalmShop(bobs), adjust: ofKalm, do: remove("plain", "", bob, carol)},
		"remove, inert":         {objects: kalmShop(bobs, inert), adjust: ofKalm, do: remove("plain", "", bob)},
	})
}
