package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestKalmLogin asks a real API server, which has all of the shop that lives with Kalm, the same as its manifests: who may do
// what by Kalm's policy, and how people log in. Then it repairs what can be repaired, and the secrets of the login stay.
func TestKalmLogin(t *testing.T) {
	t.Parallel()
	w := newKalmWorld(t)
	shop := filepath.Join(shared.root, "examples", "kalm")
	kubectl := func(args ...string) outcome { return w.run(t, nil, shared.kubectl(), args...) }
	kubectl("apply", "-f", shop).want(t, 0)

	t.Log("what Kalm's schemas refuse")
	for name, object := range map[string]string{
		"a role":         `{"kind":"RoleBinding","metadata":{"name":"x","namespace":"shop"},"spec":{"subject":"a@x","subjectType":"user","role":"admin","creator":"c"}}`,
		"no creator":     `{"kind":"RoleBinding","metadata":{"name":"x","namespace":"shop"},"spec":{"subject":"a@x","subjectType":"user","role":"viewer"}}`,
		"a type":         `{"kind":"RoleBinding","metadata":{"name":"x","namespace":"shop"},"spec":{"subject":"a@x","subjectType":"robot","role":"viewer","creator":"c"}}`,
		"no time":        `{"kind":"RoleBinding","metadata":{"name":"x","namespace":"shop"},"spec":{"subject":"a@x","subjectType":"user","role":"viewer","creator":"c","expiredAt":"soon"}}`,
		"a short token":  `{"kind":"AccessToken","metadata":{"name":"x"},"spec":{"token":"short","creator":"c","rules":[{"verb":"view","namespace":"*","kind":"*","name":"*"}]}}`,
		"no rules":       `{"kind":"AccessToken","metadata":{"name":"x"},"spec":{"token":"` + strings.Repeat("x", 64) + `","creator":"c","rules":[]}}`,
		"a verb":         `{"kind":"AccessToken","metadata":{"name":"x"},"spec":{"token":"` + strings.Repeat("x", 64) + `","creator":"c","rules":[{"verb":"get","namespace":"*","kind":"*","name":"*"}]}}`,
		"endpoint":       `{"kind":"ProtectedEndpoint","metadata":{"name":"x","namespace":"shop"},"spec":{"name":""}}`,
		"connector":      `{"kind":"SingleSignOnConfig","metadata":{"name":"x","namespace":"shop"},"spec":{"connectors":[{"type":"github"}]}}`,
		"half a runner":  `{"kind":"Component","metadata":{"name":"x","namespace":"shop"},"spec":{"image":"i","runnerPermission":{"roleType":"role"}}}`,
		"temporary user": `{"kind":"SingleSignOnConfig","metadata":{"name":"x","namespace":"shop"},"spec":{"temporaryUser":{"username":"admin"}}}`,
	} {
		object = `{"apiVersion":"core.kalm.dev/v1alpha1",` + object[1:]
		if out := w.run(t, strings.NewReader(object), shared.kubectl(), "create", "--dry-run=server", "-f", "-"); out.code == 0 {
			t.Errorf("%s is taken:\n%s", name, out.stdout)
		}
	}

	t.Log("live, and of manifests")
	for _, args := range [][]string{
		{"whocan", "--kalm", "edit", "components/web", "-n", "shop", "-o", "json"},
		{"whocan", "--kalm", "view", "components", "--cluster-scope", "-o", "wide"},
		{"whocan", "--kalm", "manage", "rolebindings", "-n", "shop"},
		{"whocan", "--kalm", "delete", "pods", "-n", "shop", "-o", "json"},
		{"whocan", "why", "erin@shop.example", "edit", "components/web", "--group", "shop-team", "-n", "shop", "--kalm", "-o", "json"},
		{"clusterauth", "sso", "-o", "wide"},
	} {
		live, files := kubectl(args...), kubectl(append(args, "--from", shop)...)
		live.want(t, 0)
		if live.stdout != files.stdout {
			t.Errorf("%q: live\n%s\nof manifests\n%s", args, live.stdout, files.stdout)
		}
		for _, secret := range []string{"not-a-secret", "not-a-hash"} {
			if strings.Contains(live.stdout+live.stderr, secret) {
				t.Errorf("%q shows a secret", args)
			}
		}
	}

	t.Log("repaired, and the rest of the objects as it was")
	before := kubectl("get", "singlesignonconfigs.core.kalm.dev", "-A", "-o", "jsonpath={.items[*].spec}").stdout
	kubectl("clusterauth", "doctor", "--rule", "SS010").want(t, 1)
	kubectl("clusterauth", "doctor", "--rule", "SS010", "--fix", "--yes").want(t, 0)
	kubectl("clusterauth", "doctor", "--rule", "SS010").want(t, 0)
	kubectl("get", "protectedendpoint.core.kalm.dev", "web-api", "-n", "shop", "-o", "jsonpath={.spec}").prints(t, `{"name":"web","ports":[8080]}`)

	t.Log("what the doctor says to type")
	kubectl("patch", "singlesignonconfigs.core.kalm.dev", "sso", "-n", "kalm-system", "--type", "merge", "-p", `{"spec":{"temporaryUser":null}}`).want(t, 0)
	kubectl("patch", "clusterrolebinding", "kalm-system-default-service-account-as-cluster-admin", "--type", "json",
		"-p", `[{"op":"remove","path":"/subjects/1"}]`).want(t, 0)
	kubectl("clusterauth", "doctor", "--rule", "SS005,SS017").want(t, 0)
	after := kubectl("get", "singlesignonconfigs.core.kalm.dev", "-A", "-o", "jsonpath={.items[*].spec}").stdout
	if strings.Count(before, "not-a-secret") != 3 || strings.Count(after, "not-a-secret") != 3 {
		t.Errorf("the login has lost its secrets:\n%s\nbecame\n%s", before, after)
	}

	t.Log("who may not read tokens gets a partial answer, and a no of it is no answer")
	kubectl("create", "clusterrole", "half", "--verb=get,list", "--resource=namespaces,rolebindings.core.kalm.dev").want(t, 0)
	kubectl("create", "clusterrolebinding", "half", "--clusterrole=half", "--user=half@shop.example").want(t, 0)
	half := homeOf(t, w.cp, "half@shop.example")
	out := half.run(t, nil, shared.kubectl(), "whocan", "--kalm", "view", "pods", "-n", "shop")
	out.prints(t, "user:bob@shop.example")
	out.hears(t, "cannot read accesstokens")
	half.run(t, nil, shared.kubectl(), "whocan", "--kalm", "view", "pods", "-n", "shop", "--strict").want(t, 2)
	half.run(t, nil, shared.kubectl(), "whocan", "why", "nobody@shop.example", "view", "pods", "-n", "shop", "--kalm").want(t, 2)
	half.run(t, nil, shared.kubectl(), "whocan", "why", "bob@shop.example", "view", "pods", "-n", "shop", "--kalm").want(t, 0)
	half.run(t, nil, shared.kubectl(), "clusterauth", "sso").hears(t, "no SingleSignOnConfig, as far as can be read")

	t.Log("who may not read roles gets a partial answer about the back doors")
	kubectl("create", "clusterrole", "rest", "--verb=get,list", "--resource=singlesignonconfigs.core.kalm.dev,protectedendpoints.core.kalm.dev,components.core.kalm.dev").want(t, 0)
	kubectl("create", "clusterrolebinding", "rest", "--clusterrole=rest", "--user=half@shop.example").want(t, 0)
	half.run(t, nil, shared.kubectl(), "clusterauth", "sso", "--strict").want(t, 0)
	half.run(t, nil, shared.kubectl(), "clusterauth", "sso", "describe", "--strict").want(t, 2)
}
