package conformance

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// Of every world so many identities make so many requests each.
const (
	identities = 5
	requests   = 8
	perWorld   = identities * requests
)

// environment returns a number from the environment.
func environment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// TestDifferential compares the engine with upstream on random pairs of a world and a request: GATEHOUSE_PAIRS of them, 200,000 when it is
// not set. World n has the seed GATEHOUSE_SEED+n, so the seed that a failure prints repeats it as the first world.
func TestDifferential(t *testing.T) {
	pairs := environment(t, "GATEHOUSE_PAIRS", 200_000)
	if testing.Short() {
		pairs = min(pairs, 4_000)
	}
	seed := environment(t, "GATEHOUSE_SEED", rand.Uint64N(1<<40)) //nolint:gosec // any will do
	worlds := (pairs + perWorld - 1) / perWorld
	t.Logf("seed %d: %d worlds, %d requests in each", seed, worlds, perWorld)

	var next, yes atomic.Uint64
	var stopped atomic.Bool
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for !stopped.Load() {
				n := next.Add(1) - 1
				if n >= worlds {
					return
				}
				allowed, failure := inspect(seed + n)
				yes.Add(allowed)
				if failure != "" {
					stopped.Store(true)
					t.Errorf("GATEHOUSE_SEED=%d GATEHOUSE_PAIRS=%d\n%s", seed+n, perWorld, failure)
				}
			}
		})
	}
	workers.Wait()
	if stopped.Load() {
		return
	}
	total := worlds * perWorld
	t.Logf("%d pairs, %d of them allowed, no difference", total, yes.Load())
	if share := float64(yes.Load()) / float64(total); share < 0.1 || share > 0.9 {
		t.Errorf("%.0f%% of the requests are allowed: such requests prove little", 100*share)
	}
}

// inspect makes the world of the seed and checks everything about it. It returns how many requests were allowed, and the first difference.
func inspect(seed uint64) (allowed uint64, failure string) {
	g := newGrammar(seed, false)
	set := g.world()
	p := newProbe(set)
	var sample []rbac.Action
	for range identities {
		id := g.identity(p)
		for range requests {
			q := g.question(p, id)
			sample = append(sample, q.action)
			if p.allowed(q.id, q.action) {
				allowed++
			}
			if failure := inspectRequest(p, q, g.oneIn(8)); failure != "" {
				return allowed, failure
			}
		}
		if failure := inspectGrant(p, id, g); failure != "" {
			return allowed, failure
		}
	}
	return allowed, inspectDiff(p, g, sample)
}

// inspectRequest runs the checks of one request; thorough adds those that ask about every name in every place.
func inspectRequest(p *probe, q question, thorough bool) string {
	checks := []func(*probe, question) string{checkCan, checkRights, checkWhoCan, checkAnywhere, checkWhyNot}
	if thorough {
		checks = append(checks, checkOnlyNamed)
	}
	for _, check := range checks {
		if check(p, q) == "" {
			continue
		}
		small := shrink(p.set, func(s *objects.Set) bool { return check(newProbe(s), q) != "" })
		return fmt.Sprintf("%+v\n%+v\n%s\nin\n%s", q.id, q.action, check(newProbe(small), q), text(small))
	}
	return ""
}

func inspectGrant(p *probe, id rbac.Identity, g *grammar) string {
	namespaced := g.oneIn(2)
	ref, namespace := g.roleRef(namespaced), ""
	if namespaced {
		namespace = g.namespace()
	}
	if checkMayGrant(p, id, ref, namespace) != "" {
		check := func(s *objects.Set) string { return checkMayGrant(newProbe(s), id, ref, namespace) }
		small := shrink(p.set, func(s *objects.Set) bool { return check(s) != "" })
		return fmt.Sprintf("%+v\n%s\nin\n%s", id, check(small), text(small))
	}
	var held, wanted []rbacv1.PolicyRule
	held, wanted = g.rules(false, &held), g.rules(false, &wanted)
	if diff := checkCovers(held, wanted); diff != "" {
		return fmt.Sprintf("%s\nheld   %q\nwanted %q", diff, held, wanted)
	}
	return ""
}

func inspectDiff(p *probe, g *grammar, sample []rbac.Action) string {
	changed := g.change(p.set)
	if checkDiff(p, newProbe(changed), sample) == "" {
		return ""
	}
	check := func(before, after *objects.Set) string { return checkDiff(newProbe(before), newProbe(after), sample) }
	before := shrink(p.set, func(s *objects.Set) bool { return check(s, changed) != "" })
	after := shrink(changed, func(s *objects.Set) bool { return check(before, s) != "" })
	before = shrink(before, func(s *objects.Set) bool { return check(s, after) != "" })
	return fmt.Sprintf("%s\nbefore\n%s\nafter\n%s", check(before, after), text(before), text(after))
}
