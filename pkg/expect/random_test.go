package expect_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/expect"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// TestAgainstRequests compares can and cannot with the requests themselves, one by one, in random worlds.
func TestAgainstRequests(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	namespaces := []string{"a", "b", "c"}
	counts := map[string]int{}
	for range 2500 {
		ix := rbac.Compile(randomWorld(t, r, namespaces))
		verb, resource := pick(r, "get", "create", "deletecollection", "bind"), pick(r, "pods", "nodes", "pods/exec", "clusterroles.rbac.authorization.k8s.io")
		who, in := pick(r, "user:u", "group:g", "sa:a/s"), pick(r, "", "a", "b, c", "\"*\"")
		request := fmt.Sprintf("{verbs: [%s], resources: [%s]", verb, resource)
		if in != "" {
			request += ", namespaces: [" + in + "]"
		}
		request += "}"
		doc := head + fmt.Sprintf("expectations:\n- {name: can, subjects: [%s], can: %s}\n- {name: cannot, subjects: [%s], cannot: %s}\n", who, request, who, request)
		result := expect.Evaluate(ix, parse(t, doc))
		got := map[string]bool{"can": true, "cannot": true}
		for _, f := range result.Findings {
			if f.ID == expect.IDMissing || f.ID == expect.IDForbidden {
				got[f.Object] = false
			}
		}

		s, err := rbac.ParseSubject(who)
		if err != nil {
			t.Fatal(err)
		}
		a := rbac.Action{Verb: verb}
		full, group, _ := strings.Cut(resource, ".")
		a.Group = group
		a.Resource, a.Subresource, _ = strings.Cut(full, "/")
		places := map[string][]string{"": {""}, "a": {"a"}, "b, c": {"b", "c"}, "\"*\"": namespaces}[in]
		anywhere := places
		if in == "" {
			anywhere = append([]string{""}, namespaces...)
		}
		if a.Resource == "nodes" || a.Resource == "clusterroles" {
			places, anywhere = []string{""}, []string{""}
		}
		want := map[string]bool{"can": true, "cannot": true}
		id := rbac.NewIdentity(s)
		for _, a.Namespace = range places {
			want["can"] = want["can"] && ix.Allowed(id, a)
		}
		for _, a.Namespace = range anywhere {
			for _, a.Name = range []string{"", "x", "y"} {
				if a.Name == "" || verb != "deletecollection" {
					want["cannot"] = want["cannot"] && !ix.Allowed(id, a)
				}
			}
		}
		for mode, holds := range want {
			counts[fmt.Sprint(mode, holds)]++
			if got[mode] != holds {
				t.Fatalf("%s holds: %v, want %v\n%s\n%+v\n%+v\n%+v", mode, got[mode], holds, doc, result.Findings, ix.Snapshot().Roles, ix.Snapshot().Bindings)
			}
		}
	}
	for _, kind := range []string{"cantrue", "canfalse", "cannottrue", "cannotfalse"} {
		if counts[kind] < 50 {
			t.Errorf("only %d cases of %s: the worlds are too much alike", counts[kind], kind)
		}
	}
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

func randomWorld(t *testing.T, r *rand.Rand, namespaces []string) *rbac.Snapshot {
	t.Helper()
	snap := &rbac.Snapshot{}
	for _, ns := range namespaces {
		snap.Namespaces = append(snap.Namespaces, rbac.Namespace{Name: ns})
	}
	for i := range 4 {
		var rules []string
		for range 1 + r.IntN(2) {
			text := pick(r, "get", "create", "*", "get,deletecollection", "bind") + " " + pick(r, "-", "*", "rbac.authorization.k8s.io") + " " +
				pick(r, "pods", "nodes", "pods/exec", "*/exec", "*", "clusterroles")
			if r.IntN(3) == 0 {
				text += " " + pick(r, "x", "y", "x,y")
			}
			rules = append(rules, text)
		}
		snap.Roles = append(snap.Roles, role(fmt.Sprint("r", i), rules...))
	}
	for i := range 3 {
		name := fmt.Sprint(pick(r, "", "a/", "b/", "c/"), "b", i)
		subject := pick(r, "user:u", "group:g", "sa:a/s", "group:system:authenticated", "group:system:serviceaccounts:a", "user:else")
		snap.Bindings = append(snap.Bindings, bind(t, name, fmt.Sprint("r", r.IntN(5)), subject))
	}
	return snap
}
