package rbac_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// FuzzParseSubject checks that a subject that was read is read back from what is printed, and from its user name.
func FuzzParseSubject(f *testing.F) {
	for _, text := range []string{
		"alice@x.com", "user:alice", "u:dev:bot", "group:ml-team", "g:system:masters", "system:masters", "sa:dev/bot", "sa:dev", "sa:/", "user:",
		"serviceaccount:dev/bot", "system:serviceaccount:dev:bot", "user:system:serviceaccount:dev:bot", "user:system:serviceaccount:a/b:c",
		"system:serviceaccount:dev:a:b", "system:serviceaccounts:dev", "Group:x", ":", "sa:a/b/c", "\x1b[31m", "user:system:serviceaccount::x",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := rbac.ParseSubject(text)
		if err != nil {
			if s != (rbac.Subject{}) {
				t.Fatalf("%q: error %v and subject %+v", text, err, s)
			}
			return
		}
		if s.Name == "" || (s.Kind == rbacv1.ServiceAccountKind) != (s.Namespace != "") {
			t.Fatalf("%q: %+v is not whole", text, s)
		}
		if again, err := rbac.ParseSubject(s.String()); err != nil || again != s {
			t.Fatalf("%q: %+v is printed as %q and read back as %+v, %v", text, s, s.String(), again, err)
		}
		if bound, ok := rbac.NewSubject(s.RBAC(), ""); !ok || bound != s {
			t.Fatalf("%q: %+v in a binding is %+v, %v", text, s, bound, ok)
		}
		if name := s.UserName(); name != "" && rbac.User(name) != s {
			t.Fatalf("%q: %+v has user name %q, which is %+v", text, s, name, rbac.User(name))
		}
	})
}

// FuzzResolve checks that any text gives a resource or an error, and that a resource that is spelled out in full means itself.
func FuzzResolve(f *testing.F) {
	for _, text := range []string{
		"pods", "po", "Pod", "deployments.apps", "deploy.v1.apps", "pods/exec", "deployments/scale.apps", "deployments.apps/scale", "pod/web-0",
		"*", "*/scale", "events", "events.", "events.events.k8s.io", "userextras/example.com/x", "users", "a/b/c", "/", "x.", ".", "nodes/metrics",
		"serviceaccounts/token", "pods/exec.apps", "résumé", "signers.certificates.k8s.io", "podz", "pods/log.",
	} {
		for _, verb := range []string{"get", "impersonate", ""} {
			f.Add(text, verb, len(text)%2 == 0)
		}
	}
	catalog := rbac.NewCatalog(nil)
	f.Fuzz(func(t *testing.T, text, verb string, named bool) {
		got, err := catalog.Resolve(text, verb, named)
		if err != nil {
			return
		}
		if got.Name != "" && (named || got.Subresource != "") {
			t.Fatalf("%q: both a name and a subresource, or two names: %+v", text, got)
		}
		full := got.Resource + "." + got.Group
		if !got.Known {
			full, _, _ = strings.Cut(text, "/")
		}
		if tail := got.Subresource + got.Name; tail != "" {
			full += "/" + tail
		}
		again, err := catalog.Resolve(full, verb, named)
		if err != nil {
			t.Fatalf("%q: %+v spelled out as %q: %v", text, got, full, err)
		}
		if again.Group != got.Group || again.Resource != got.Resource || again.Subresource != got.Subresource || again.Name != got.Name ||
			again.Namespaced != got.Namespaced {
			t.Fatalf("%q: %+v spelled out as %q is %+v", text, got, full, again)
		}
	})
}

// ruleAllows is what a rule means, in the plainest words.
func ruleAllows(p rbacv1.PolicyRule, a rbac.Action) bool {
	verb := slices.Contains(p.Verbs, "*") || slices.Contains(p.Verbs, a.Verb)
	if a.Path != "" {
		for _, url := range p.NonResourceURLs {
			if verb && (url == "*" || url == a.Path || strings.HasSuffix(url, "*") && strings.HasPrefix(a.Path, strings.TrimRight(url, "*"))) {
				return true
			}
		}
		return false
	}
	group := slices.Contains(p.APIGroups, "*") || slices.Contains(p.APIGroups, a.Group)
	name := len(p.ResourceNames) == 0 || slices.Contains(p.ResourceNames, a.Name)
	for _, r := range p.Resources {
		wanted := r == "*" || r == a.Resource
		if a.Subresource != "" {
			wanted = r == "*" || r == a.Resource+"/"+a.Subresource || r == "*/"+a.Subresource
		}
		if verb && group && name && wanted {
			return true
		}
	}
	return false
}

// FuzzRuleMatch asks about one rule in all ways and compares with what the rule means.
func FuzzRuleMatch(f *testing.F) {
	f.Add("get,list", ",apps", "pods,*/scale", "", "", "get", "apps", "deployments", "scale", "x", "")
	f.Add("*", "*", "pods/*", "db", "", "get", "", "pods", "log", "db", "")
	f.Add("get", "", "*", ",db", "", "list", "", "pods", "", "", "")
	f.Add("get", "", "", "", "/healthz/*,/a**", "get", "", "", "", "", "/healthz/etcd")
	f.Add("*", "", "", "", "*", "head", "", "", "", "", "/")
	f.Add("delete", "", "namespaces", "dev", "", "delete", "", "namespaces", "", "dev", "")
	f.Fuzz(func(t *testing.T, verbs, groups, resources, names, urls, verb, group, resource, subresource, name, path string) {
		split := func(text string) []string {
			if text == "-" {
				return nil
			}
			return strings.Split(text, ",")
		}
		p := rbacv1.PolicyRule{Verbs: split(verbs), APIGroups: split(groups), Resources: split(resources)}
		if names != "" {
			p.ResourceNames = split(names)
		}
		if urls != "" {
			p.NonResourceURLs = split(urls)
		}
		a := rbac.Action{Verb: verb, Group: group, Resource: resource, Subresource: subresource, Name: name, Path: path}
		ix := rbac.Compile(&rbac.Snapshot{
			Roles: []rbac.Role{{Name: "r", Rules: []rbacv1.PolicyRule{p}}},
			Bindings: []rbac.Binding{{
				Name: "b", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "r"}, Subjects: []rbacv1.Subject{rbac.User("alice").RBAC()},
			}},
		})
		alice, want := rbac.NewIdentity(rbac.User("alice")), ruleAllows(p, a)
		rights := ix.Rights(alice, "")
		for query, got := range map[string]bool{
			"Allowed": ix.Allowed(alice, a),
			"Can":     len(ix.Can(alice, a).Proofs) == 1,
			"WhoCan":  len(ix.WhoCan(a, rbac.InNamespace).Grants) == 2, // and the superusers
			"Rights":  slices.ContainsFunc(rights, func(r rbac.Right) bool { return r.Allows(a) }),
		} {
			if got != want {
				t.Errorf("%s says %v, want %v: %+v for %q", query, got, want, a, p)
			}
		}
		if covered := len(rbac.Covers([]rbacv1.PolicyRule{p}, []rbacv1.PolicyRule{p})) == 0; !covered && (len(p.NonResourceURLs) == 0 || names == "") {
			t.Errorf("%q does not cover itself", p)
		}
		misses := ix.WhyNot(alice, a)
		if want && len(misses) > 0 {
			t.Errorf("near misses %+v of what is allowed", misses)
		}
	})
}

// FuzzAggregate makes ClusterRoles out of bytes, two for each: which label it has, which it selects, and one rule of its own. The rules that
// a role ends up with have to be those of the roles that can be reached through selectors.
func FuzzAggregate(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x01, 0x10, 0x12, 0x20, 0x21, 0x31})
	f.Add([]byte{0x11, 0x22, 0x12, 0x21, 0x03, 0x30})
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 40 {
			data = data[:40]
		}
		snap := &rbac.Snapshot{}
		for i, b := range data {
			r := rbac.Role{Name: fmt.Sprintf("r%02d", i), Rules: []rbacv1.PolicyRule{{Verbs: []string{fmt.Sprintf("v%d", i/2)}, APIGroups: []string{""}, Resources: []string{"x"}}}}
			if label := b & 7; label > 0 {
				r.Labels = map[string]string{fmt.Sprintf("l%d", label): "y"}
			}
			if selects := b >> 4 & 7; selects > 0 {
				r.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{fmt.Sprintf("l%d", selects): "y"}}}
			}
			snap.Roles = append(snap.Roles, r)
			snap.Bindings = append(snap.Bindings, rbac.Binding{
				Name: r.Name, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: r.Name}, Subjects: []rbacv1.Subject{rbac.User(r.Name).RBAC()},
			})
		}
		ix := rbac.Compile(snap)
		for i, b := range data {
			var want []string
			reached := map[int]bool{}
			reach(data, i, reached)
			for j := range reached {
				if data[j]>>4&7 == 0 {
					want = append(want, fmt.Sprintf("v%d", j/2))
				}
			}
			if b>>4&7 == 0 {
				want = []string{fmt.Sprintf("v%d", i/2)}
			}
			slices.Sort(want)
			want = slices.Compact(want)
			var got []string
			id := rbac.NewIdentity(rbac.User(snap.Roles[i].Name))
			for _, p := range ix.Rules(id, "") {
				got = append(got, p.Verbs...)
				proofs := ix.Can(id, rbac.Action{Verb: p.Verbs[0], Resource: "x"}).Proofs
				if len(proofs) != 1 {
					t.Fatalf("%x: role %d: %d proofs of %s", data, i, len(proofs), p.Verbs[0])
				}
				part := proofs[0].Part
				if (part != nil) != (b>>4&7 > 0) || part != nil && part.Rules[proofs[0].PartRule].Verbs[0] != p.Verbs[0] {
					t.Fatalf("%x: role %d: wrong part of %s: %+v", data, i, p.Verbs[0], part)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("%x: role %d has %q, want %q", data, i, got, want)
			}
		}
	})
}

// reach collects the roles that role i selects, and those that these select.
func reach(data []byte, i int, reached map[int]bool) {
	selects := data[i] >> 4 & 7
	for j, b := range data {
		if j != i && selects > 0 && b&7 == selects && !reached[j] {
			reached[j] = true
			reach(data, j, reached)
		}
	}
}
