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
		"serviceaccounts/token", "pods/exec.apps", "résumé", "signers.certificates.k8s.io", "podz", "pods/log.", "foos/status.example.com", "0/.0",
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
			if full, _, _ = strings.Cut(text, "/"); got.Group != "" && !strings.Contains(full, ".") {
				full += "." + got.Group
			}
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
			Resources: []rbac.Resource{{Version: "v1", Name: "pods", Kind: "Pod", Namespaced: true}},
			Roles:     []rbac.Role{{Name: "r", Rules: []rbacv1.PolicyRule{p}}},
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

// FuzzAggregate makes ClusterRoles out of bytes: which label each has, which it selects; two neighbours share a rule. Each has to end up with
// the rules of the roles it selects, or with its own when these have none.
func FuzzAggregate(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0x01, 0x10, 0x12, 0x20, 0x21, 0x31})
	f.Add([]byte{0x11, 0x22, 0x12, 0x21, 0x03, 0x30})
	f.Fuzz(func(t *testing.T, data []byte) {
		a := aggregation(data[:min(40, len(data))])
		for i := range a {
			if a.reaches(i, i, map[int]bool{}) {
				return // what becomes of rules written into a circle is left to chance
			}
		}
		snap := a.snapshot()
		ix := rbac.Compile(snap)
		for i := range a {
			id := rbac.NewIdentity(rbac.User(snap.Roles[i].Name))
			var got []string
			for _, p := range ix.Rules(id, "") {
				got = append(got, p.Verbs...)
				for _, proof := range ix.Can(id, rbac.Action{Verb: p.Verbs[0], Resource: "x"}).Proofs {
					switch {
					case proof.Part != nil && proof.Part.Rules[proof.PartRule].Verbs[0] != p.Verbs[0]:
						t.Fatalf("%x: role %d: wrong part of %s: %+v", data, i, p.Verbs[0], proof.Part)
					case proof.Part == nil && a.rules(i)[0] != a.own(i):
						t.Fatalf("%x: role %d: no part of %s", data, i, p.Verbs[0])
					}
				}
			}
			slices.Sort(got)
			if want := a.rules(i); !slices.Equal(got, want) {
				t.Fatalf("%x: role %d has %q, want %q", data, i, got, want)
			}
		}
	})
}

// aggregation holds a byte for each ClusterRole: 3 bits are its label, 3 further ones the label that it selects; 0 is none.
type aggregation []byte

func (a aggregation) label(i int) byte   { return a[i] & 7 }
func (a aggregation) selects(i int) byte { return a[i] >> 4 & 7 }

// own is the verb of the role's own rule.
func (a aggregation) own(i int) string { return fmt.Sprintf("v%02d", i/2) }

func (a aggregation) parts(i int) []int {
	var parts []int
	for j := range a {
		if j != i && a.selects(i) > 0 && a.label(j) == a.selects(i) {
			parts = append(parts, j)
		}
	}
	return parts
}

func (a aggregation) reaches(from, to int, seen map[int]bool) bool {
	for _, part := range a.parts(from) {
		if part == to {
			return true
		}
		if !seen[part] {
			seen[part] = true
			if a.reaches(part, to, seen) {
				return true
			}
		}
	}
	return false
}

// rules are the verbs that the role ends up with.
func (a aggregation) rules(i int) []string {
	var verbs []string
	for _, part := range a.parts(i) {
		verbs = append(verbs, a.rules(part)...)
	}
	if len(verbs) == 0 {
		return []string{a.own(i)}
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}

// snapshot binds every role to a user of its name.
func (a aggregation) snapshot() *rbac.Snapshot {
	snap := &rbac.Snapshot{Resources: []rbac.Resource{{Version: "v1", Name: "x", Kind: "X"}}}
	for i := range a {
		r := rbac.Role{
			Name:  fmt.Sprintf("r%02d", i),
			Rules: []rbacv1.PolicyRule{{Verbs: []string{a.own(i)}, APIGroups: []string{""}, Resources: []string{"x"}}},
		}
		if label := a.label(i); label > 0 {
			r.Labels = map[string]string{fmt.Sprintf("l%d", label): "y"}
		}
		if selects := a.selects(i); selects > 0 {
			r.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{fmt.Sprintf("l%d", selects): "y"}}}
		}
		snap.Roles = append(snap.Roles, r)
		snap.Bindings = append(snap.Bindings, rbac.Binding{
			Name: r.Name, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: r.Name}, Subjects: []rbacv1.Subject{rbac.User(r.Name).RBAC()},
		})
	}
	return snap
}
