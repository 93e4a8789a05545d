package contrib_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// kalmSick are clusters in which one thing is wrong each, and what is found.
func kalmSick() map[string]struct {
	objects []runtime.Object
	want    []string
	// stays says that the fix, if there is one, leaves what needs a decision.
	stays bool
} {
	type sick = struct {
		objects []runtime.Object
		want    []string
		stays   bool
	}
	at := func(objects ...*unstructured.Unstructured) []runtime.Object {
		var out []runtime.Object
		for _, o := range objects {
			out = append(out, o)
		}
		return kalmShop(out...)
	}
	suspends := inKalm(kalm.SystemNamespace, "eve@x.com", kalm.Suspended)
	return map[string]sick{
		"nothing":             {objects: at(inKalm("shop", "bob@x.com", kalm.Editor), inKalm("shop", "group:devs", kalm.Viewer, endsAt("2027-01-01T00:00:00Z")), inKalm(kalm.SystemNamespace, "ann@x.com", kalm.Placeholder))},
		"comma":               {objects: at(inKalm("shop", "bob, role_cluster_owner", kalm.Viewer)), want: []string{"KL001"}},
		"quote":               {objects: at(inKalm("shop", `bob"`, kalm.Viewer)), want: []string{"KL001"}},
		"line break":          {objects: at(inKalm("shop", "bob\nann", kalm.Viewer)), want: []string{"KL001"}, stays: true},
		"hash":                {objects: at(inKalm("shop", "bob#1", kalm.Viewer)), want: []string{"KL001"}, stays: true},
		"trap":                {objects: at(inKalm(kalm.TrapNamespace, "bob@x.com", kalm.Owner)), want: []string{"KL002"}, stays: true},
		"suspended in groups": {objects: at(suspends, inKalm("shop", "group:devs", kalm.Viewer)), want: []string{"KL003"}, stays: true},
		"suspended, no group": {objects: at(suspends, inKalm("shop", "eve@x.com", kalm.Viewer))},
		"capitals":            {objects: at(inKalm("shop", "Bob@x.com", kalm.Viewer, endsAt("2027-01-01T00:00:00Z"))), want: []string{"KL004"}},
		"capitals, native":    {objects: append(at(inKalm("shop", "Bob@x.com", kalm.Viewer)), bindingOf("shop", "bobs", "view", nil, rbac.User("Bob@x.com"))), want: []string{"KL004"}, stays: true},
		"capitals, twice":     {objects: at(inKalm("shop", "Bob@x.com", kalm.Viewer), inKalm("shop", "bob@x.com", kalm.Viewer)), want: []string{"KL004"}},
		"capitals, other role": {
			objects: at(inKalm("shop", "Bob@x.com", kalm.Owner), inKalm("shop", "bob@x.com", kalm.Viewer)), want: []string{"KL004"}, stays: true,
		},
		"capitals, group":       {objects: at(inKalm("shop", "group:Devs", kalm.Viewer))},
		"no application":        {objects: at(inKalm("plain", "bob@x.com", kalm.Viewer)), want: []string{"KL005"}, stays: true},
		"over":                  {objects: at(inKalm("shop", "bob@x.com", kalm.Viewer, endsAt("2026-01-01T00:00:00Z"))), want: []string{"KL006"}},
		"cluster-wide, astray":  {objects: at(inKalm("shop", "bob@x.com", kalm.ClusterViewer)), want: []string{"KL007"}, stays: true},
		"in Kalm's own":         {objects: at(inKalm(kalm.SystemNamespace, "bob@x.com", kalm.Editor)), want: []string{"KL008"}, stays: true},
		"viewer in Kalm's own":  {objects: at(inKalm(kalm.SystemNamespace, "bob@x.com", kalm.Viewer))},
		"no role":               {objects: at(inKalm("shop", "bob@x.com", "Admin")), want: []string{"KL009"}},
		"no date":               {objects: at(inKalm("shop", "bob@x.com", kalm.Viewer, endsAt("next week"))), want: []string{"KL010"}, stays: true},
		"same twice":            {objects: at(inKalm("shop", "bob@x.com", kalm.Viewer), inKalm("shop", "bob@x.com", kalm.Viewer, isCalled("zz"))), want: []string{"KL011"}},
		"two roles":             {objects: at(inKalm("shop", "bob@x.com", kalm.Viewer), inKalm("shop", "bob@x.com", kalm.Owner, isCalled("zz"))), want: []string{"KL011"}, stays: true},
		"user and group":        {objects: at(inKalm("shop", "bob@x.com", kalm.Viewer), inKalm("shop", "group:bob@x.com", kalm.Viewer, isCalled("zz"))), want: []string{"KL011"}, stays: true},
		"everywhere and here":   {objects: at(inKalm("shop", "bob@x.com", kalm.Viewer), inKalm(kalm.SystemNamespace, "bob@x.com", kalm.ClusterViewer))},
		"in Kalm alone, hash":   {objects: append(at(inKalm("shop", "bob#1", kalm.Viewer)), bindingOf("shop", "carols", "view", nil, rbac.User("carol@x.com"))), want: []string{"KL001"}, stays: true},
		"in Kalm alone":         {objects: append(at(inKalm("shop", "bob@x.com", kalm.Viewer)), bindingOf("shop", "carols", "view", nil, rbac.User("carol@x.com"))), want: []string{"KL012"}, stays: true},
		"in both":               {objects: append(at(inKalm("shop", "bob@x.com", kalm.Viewer)), bindingOf("shop", "bobs", "view", nil, bob))},
		"suspended for a while": {objects: at(inKalm(kalm.SystemNamespace, "eve@x.com", kalm.Suspended, endsAt("2027-01-01T00:00:00Z"))), want: []string{"KL013"}},
	}
}

// TestJudgeKalm has a case for each rule: its finding, what its repair does, and that nothing is found after it.
func TestJudgeKalm(t *testing.T) {
	t.Parallel()
	var (
		out   strings.Builder
		cases = kalmSick()
		seen  = map[string]bool{}
	)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		test := cases[name]
		c := newCluster(test.objects...)
		found := contrib.Judge(c.state())
		if diff := cmp.Diff(test.want, idsOf(found)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, f := range found {
			seen[f.ID] = true
			out.WriteString("== " + name + "\n" + f.ID + " " + string(f.Severity) + " " + f.Object + "\n  " + f.Message + "\n  " + strings.ReplaceAll(f.Why, "\n", "\n  ") + "\n")
			if f.Fix != nil {
				out.WriteString("fix: " + listing(*f.Fix, nil, nil))
				c.carryOut(t, *f.Fix)
			}
		}
		left := idsOf(contrib.Judge(c.state()))
		if test.stays != (len(left) > 0) {
			t.Errorf("%s: %v is left", name, left)
		}
	}
	for _, rule := range contrib.Rules() {
		if strings.HasPrefix(rule.ID, "KL") && !seen[rule.ID] {
			t.Errorf("there is no case for %s", rule.ID)
		}
	}
	golden.Equal(t, out.String(), "kalm-judge")
}

func idsOf(found []finding.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.ID)
	}
	return out
}

// TestJudgeKalmSilent says nothing where not all is known, where Kalm is nobody's business, and about other namespaces.
func TestJudgeKalmSilent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		objects []runtime.Object
		adjust  func(*cluster)
	}{
		"flavor native": {kalmShop(inKalm("shop", "a,b", kalm.Viewer)), func(c *cluster) { c.options.Flavor = workspace.Native }},
		"elsewhere":     {kalmShop(inKalm(kalm.SystemNamespace, "a,b", kalm.ClusterViewer)), func(c *cluster) { c.options.Only = "shop" }},
		"labels unread": {kalmShop(inKalm("plain", "bob@x.com", kalm.Viewer)), func(c *cluster) {
			c.gaps = []rbac.Gap{{What: "annotations of namespaces"}}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(test.objects...)
			test.adjust(c)
			if found := contrib.Judge(c.state()); len(found) > 0 {
				t.Errorf("found %v", idsOf(found))
			}
		})
	}
}
