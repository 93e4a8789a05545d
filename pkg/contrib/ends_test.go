package contrib_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func forever(g *contrib.Grant) { g.Never = true }

// TestEnds gives again, without a word about its end, what ends or has ended.
func TestEnds(t *testing.T) {
	t.Parallel()
	const soon, over = "2026-12-01T00:00:00Z", "2026-01-01T00:00:00Z"
	team, dev := ofKubeflow("team-a", "alice@x.com"), ofNative("dev", "alice@x.com")
	marks := map[string]string{workspace.RoleAnnotation: "editor"}
	both := dated(bindingOf("dev", "both", "edit", marks, bob, carol), soon)
	bobs := func(date string) []runtime.Object {
		return all(dev, one(dated(bindingOf("dev", "bobs", "edit", marks, bob), date)))
	}
	again := func(in string, change ...func(*contrib.Grant)) func(*workspace.State) (plan.Plan, []string, error) {
		return add(grant(in, bob, workspace.Editor, change...))
	}
	runGolden(t, "ends", map[string]given{
		"kubeflow":               {objects: all(team, datedPair("bob@x.com", "edit", soon)), do: again("team-a")},
		"kubeflow, never":        {objects: all(team, datedPair("bob@x.com", "edit", soon)), do: again("team-a", forever)},
		"kubeflow, half made":    {objects: all(team, datedPair("bob@x.com", "edit", soon)[:1]), do: again("team-a")},
		"kubeflow, over":         {objects: all(team, datedPair("bob@x.com", "edit", over)), do: again("team-a")},
		"kubeflow, over, never":  {objects: all(team, datedPair("bob@x.com", "edit", over)), do: again("team-a", forever)},
		"kubeflow, set-role":     {objects: all(team, datedPair("bob@x.com", "edit", soon)), do: setRole(grant("team-a", bob, workspace.Viewer, forever))},
		"native":                 {objects: bobs(soon), do: again("dev")},
		"native, never":          {objects: bobs(soon), do: again("dev", forever)},
		"native, over":           {objects: bobs(over), do: again("dev")},
		"native, over, new date": {objects: bobs(over), do: again("dev", until(7))},
		"native, no date":        {objects: bobs("soon"), do: again("dev")},
		"native, no date, never": {objects: bobs("soon"), do: again("dev", forever)},
		"native, shared":         {objects: all(dev, one(both)), do: again("dev")},
		"native, shared, never":  {objects: all(dev, one(both)), do: again("dev", forever)},
		"kalm":                   {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor, endsAt(soon))), do: again("shop")},
		"kalm, never":            {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor, endsAt(soon))), do: again("shop", forever)},
		"kalm, over":             {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor, endsAt(over))), do: again("shop")},
		"kalm, no date":          {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor, endsAt("soon"))), do: again("shop")},
		"kalm, set-role":         {objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Viewer, endsAt("soon"))), do: setRole(grant("shop", bob, workspace.Editor, forever))},
		"kalm, two": {
			objects: kalmShop(inKalm("shop", "bob@x.com", kalm.Editor, endsAt(soon)), inKalm("shop", "bob@x.com", kalm.Editor, isCalled("by-hand"))),
			do:      again("shop"),
		},
		"a list": {objects: all(team, datedPair("bob@x.com", "edit", soon)), do: func(s *workspace.State) (plan.Plan, []string, error) {
			return contrib.Apply(s, []contrib.Grant{grant("team-a", bob, workspace.Editor)}, false)
		}},
	})
}
