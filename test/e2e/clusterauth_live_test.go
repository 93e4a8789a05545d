package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// authWorld is a namespace with a ClusterAuthentication "dex" whose CA is in Secret "dex-ca", and clusters that use it.
type authWorld struct {
	cp        *controlplane.ControlPlane
	admin     home
	namespace string
	ca        authority
}

const (
	// neighbour is beside the CA in the Secret.
	neighbour = "hidden-neighbour-of-the-ca"

	authNamespace = `apiVersion: v1
kind: Namespace
metadata: {name: NS}
---
apiVersion: v1
kind: Secret
metadata: {name: dex-ca, namespace: NS, labels: {team: sso}}
stringData:
  other: hidden-neighbour-of-the-ca
  ca.crt: CA
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: dex, namespace: NS}
spec:
  authenticationConfiguration:
    jwt:
    - issuer: {url: https://dex.example.com, audiences: [kubernetes]}
      claimMappings:
        username: {claim: email, prefix: "dex:"}
        groups: {claim: groups, prefix: "dex:"}
  caSecret: {name: dex-ca, key: ca.crt}
`
	authCluster = `---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata: {name: NAME, namespace: NS}
spec:
  template: openstack-standalone-cp-1-0-46
  credential: openstack
  clusterAuth: dex
  config: {controlPlaneNumber: 3}
---
apiVersion: controlplane.cluster.x-k8s.io/v1beta1
kind: K0sControlPlane
metadata: {name: NAME-cp, namespace: NS, labels: {cluster.x-k8s.io/cluster-name: NAME}}
spec: {replicas: 3, version: v1.36.3+k0s.2}
`
)

// newAuthWorld makes the namespace of a test on the scratch control plane, with the clusters. It goes with the test.
func newAuthWorld(t *testing.T, namespace string, clusters ...string) authWorld {
	t.Helper()
	w := authWorld{cp: scratch(t), admin: scratchHome(t, ""), namespace: namespace, ca: newAuthority(t, "of the issuer")}
	text := authNamespace
	for _, name := range clusters {
		text += strings.ReplaceAll(authCluster, "NAME", name)
	}
	w.apply(t, text)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		cmd := exec.CommandContext(ctx, shared.kubectl(), "delete", "namespace", namespace, "--wait=false", "--kubeconfig", w.cp.Admin())
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("delete namespace: %v\n%s", err, text)
		}
	})
	return w
}

// apply applies manifests, in which NS is the namespace, and CA at the end of a line the certificate of the issuer. Both
// are put in at once: a certificate in base64 can have an NS of its own.
func (w authWorld) apply(t *testing.T, text string) {
	t.Helper()
	text = strings.NewReplacer("NS", w.namespace, "CA\n", fmt.Sprintf("%q\n", w.ca.pem)).Replace(text)
	file := filepath.Join(folder(t, map[string]string{"a.yaml": text}), "a.yaml")
	w.admin.kubectl(t, "apply", "-f", file).want(t, 0)
}

// jsonpath reads a field of an object as it is on the server.
func (w authWorld) jsonpath(t *testing.T, object, path string) string {
	t.Helper()
	out := w.admin.kubectl(t, "get", object, "-n", w.namespace, "-o", "jsonpath={"+path+"}")
	out.want(t, 0)
	return out.stdout
}

// versions are the resourceVersions of all that a command could write, by name.
func (w authWorld) versions(t *testing.T) string {
	t.Helper()
	const kinds = "secrets,configmaps,clusterauthentications.k0rdent.mirantis.com,clusterdeployments.k0rdent.mirantis.com"
	out := w.admin.kubectl(t, "get", kinds, "-n", w.namespace, "-o",
		`jsonpath={range .items[*]}{.kind}/{.metadata.name}={.metadata.resourceVersion}{"\n"}{end}`)
	out.want(t, 0)
	return out.stdout
}

// grant lets a user do what the rules say in the namespace of the world, and makes a home for him.
func (w authWorld) grant(t *testing.T, user, rules string) home {
	t.Helper()
	w.apply(t, strings.NewReplacer("USER", user, "RULES", rules).Replace(`apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: USER, namespace: NS}
rules: RULES
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: USER, namespace: NS}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: USER}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: USER}]
`))
	return scratchHome(t, user)
}

// seen runs a command as a user, and returns what the server saw of it: "get /api/v1/...", without discovery.
func (w authWorld) seen(t *testing.T, h home, user string, args ...string) (outcome, []string) {
	t.Helper()
	recorder, err := w.cp.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := h.clusterauth(t, args...)
	requests, err := recorder.Requests(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, r := range requests {
		path, _, _ := strings.Cut(r.URI, "?")
		if path != "/api" && path != "/apis" {
			all = append(all, r.Verb+" "+path)
		}
	}
	return out, all
}

var (
	anySecrets  = regexp.MustCompile(`^(\w+) (/api/v1/(?:namespaces/[^/]+/)?secrets)(/[^/]+)?$`)
	reading     = regexp.MustCompile(`^(get|list) |^create /apis/auth(entication|orization)\.k8s\.io/`)
	secretGet   = "get"
	k0rdentRead = `[{apiGroups: [k0rdent.mirantis.com], resources: [clusterauthentications, clusterdeployments], verbs: [list]}]`
)

// onlyNamedSecrets fails the test if Secrets were listed or watched, or anything was written. It returns the Secrets
// that were asked for, sorted.
func onlyNamedSecrets(t *testing.T, requests []string) []string {
	t.Helper()
	var names []string
	for _, r := range requests {
		if m := anySecrets.FindStringSubmatch(r); m != nil {
			if m[1] != secretGet || m[3] == "" {
				t.Errorf("secrets are asked for as a whole: %s", r)
			}
			names = append(names, strings.TrimPrefix(m[3], "/"))
		}
		if !reading.MatchString(r) {
			t.Errorf("something was written: %s", r)
		}
	}
	slices.Sort(names)
	return names
}

// TestClusterauthFewRights asks as somebody who may see the objects of k0rdent in one namespace, and nothing else.
func TestClusterauthFewRights(t *testing.T) {
	const user = "few@clusterauth.example"
	w := newAuthWorld(t, "auth-few-rights", "edge")
	h := w.grant(t, user, k0rdentRead)
	for name, test := range map[string]struct {
		args []string
		code int
		says []string
		// shows is in the answer; hides is not, since nobody knows it.
		shows, hides string
	}{
		"list":     {[]string{"list"}, 0, []string{"secrets"}, "dex ", "missing"},
		"wide":     {[]string{"list", "-o", "wide"}, 0, []string{"secrets"}, "edge", "missing"},
		"describe": {[]string{"describe", "dex"}, 0, []string{"secrets"}, "dex", "is not there"},
		"plan":     {[]string{"plan"}, 0, []string{"secrets", "k0scontrolplanes"}, "not known", "nothing"},
		"usage":    {[]string{"usage", "dex"}, 0, nil, "edge", ""},
		"doctor":   {[]string{"doctor"}, 0, []string{"secrets"}, "", "is not there"},
		"ca":       {[]string{"ca", "list"}, 0, []string{"secrets"}, "dex", "is not there"},
		"ca check": {[]string{"ca", "check"}, 0, []string{"secrets"}, "", "is not there"},
		"diff":     {[]string{"diff"}, 0, []string{"secrets"}, "", "is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			out, requests := w.seen(t, h, user, append(test.args, "-n", w.namespace)...)
			if out.code > test.code+1 || out.code == 1 && !slices.Contains([]string{"doctor", "ca", "ca check", "diff"}, name) {
				t.Errorf("exit code %d\nstdout: %s\nstderr: %s", out.code, out.stdout, out.stderr)
			}
			out.hears(t, "warning: cannot read ", "the answer is partial", "hint: it takes the rule")
			out.hears(t, test.says...)
			if !strings.Contains(out.stdout, test.shows) || test.hides != "" && strings.Contains(out.stdout, test.hides) {
				t.Errorf("want %q, and not %q:\n%s", test.shows, test.hides, out.stdout)
			}
			onlyNamedSecrets(t, requests)
			strict := h.clusterauth(t, append(test.args, "-n", w.namespace, "--strict")...)
			strict.want(t, 2)
			strict.hears(t, "the answer is partial, and --strict is set")
			if strict.stdout != out.stdout {
				t.Errorf("--strict changes the answer: %s", cmp.Diff(out.stdout, strict.stdout))
			}
		})
	}
	before := w.versions(t)
	for name, args := range map[string][]string{
		"attach": {"attach", "edge", "dex", "--yes"}, "detach": {"detach", "edge", "--yes"},
		"create": {"create", "another", "--issuer", "https://a.example", "--audience", "a", "--yes"},
	} {
		out := h.clusterauth(t, append(args, "-n", w.namespace)...)
		if name != "attach" { // which is nothing to do
			out.want(t, 1)
		}
		if after := w.versions(t); after != before {
			t.Errorf("%s: something was written: %s", name, cmp.Diff(before, after))
		}
	}
}

// TestClusterauthMissingSecretRight may read everything but one Secret: that is a gap, and no Secret that is missing.
func TestClusterauthMissingSecretRight(t *testing.T) {
	const user = "nearly@clusterauth.example"
	w := newAuthWorld(t, "auth-one-secret", "edge")
	w.apply(t, strings.NewReplacer("name: dex-ca", "name: known-ca", "name: dex,", "name: known,").Replace(authNamespace))
	h := w.grant(t, user, `[{apiGroups: [k0rdent.mirantis.com, helm.toolkit.fluxcd.io, controlplane.cluster.x-k8s.io, cluster.x-k8s.io], resources: ["*"], verbs: [list]},
  {apiGroups: [""], resources: [secrets], resourceNames: [known-ca], verbs: [get]}]`)
	out, requests := w.seen(t, h, user, "list", "-n", w.namespace)
	out.want(t, 0)
	if diff := cmp.Diff([]string{"dex-ca", "known-ca"}, onlyNamedSecrets(t, requests)); diff != "" {
		t.Errorf("secrets (-want +got):\n%s", diff)
	}
	if !matches(t, `dex +https://dex.example.com +kubernetes +\? +1`, out.stdout) || !matches(t, `known +https://dex.example.com +kubernetes +36\dd +0`, out.stdout) {
		t.Errorf("stdout: %s", out.stdout)
	}
	out.hears(t, "warning: cannot read ", "dex-ca")
	h.clusterauth(t, "list", "-n", w.namespace, "--strict").want(t, 2)
	h.clusterauth(t, "render", "dex", "-n", w.namespace, "-o", "hash").says(t, 1, "error: ", "dex-ca")
	rendered := h.clusterauth(t, "render", "known", "-n", w.namespace, "-o", "config")
	if !strings.Contains(rendered.stdout, "BEGIN CERTIFICATE") {
		t.Errorf("stdout: %s\nstderr: %s", rendered.stdout, rendered.stderr)
	}
	rendered.reveals(t, neighbour)
}

// TestClusterauthRequests counts: with twenty clusters no more is asked than with one, but for Secrets by their names.
func TestClusterauthRequests(t *testing.T) {
	w := newAuthWorld(t, "auth-requests", "edge-0")
	const user = "reader@clusterauth.example"
	h := w.grant(t, user, `[{apiGroups: ["*"], resources: ["*"], verbs: [get, list]}]`)
	commands := map[string][]string{
		"list": {"list"}, "describe": {"describe", "dex"}, "plan": {"plan"}, "diff": {"diff"}, "usage": {"usage", "dex"}, "doctor": {"doctor"},
		"ca": {"ca"}, "render": {"render", "dex"}, "validate": {"validate", "dex"}, "plan one": {"plan", "edge-0"},
		"dry run": {"detach", "edge-0", "--dry-run=server"},
	}
	measure := func(name string, args []string) (others []string, secrets int) {
		out, requests := w.seen(t, h, user, append(args, "-n", w.namespace)...)
		out.hears(t)
		if name != "dry run" {
			secrets = len(onlyNamedSecrets(t, requests))
		}
		return slices.DeleteFunc(requests, anySecrets.MatchString), secrets
	}
	few := map[string]int{}
	for name, args := range commands {
		measure(name, args) // fills the cache of discovery
		others, _ := measure(name, args)
		few[name] = len(others)
	}
	var more strings.Builder
	for i := range 20 {
		more.WriteString(strings.ReplaceAll(authCluster, "NAME", fmt.Sprintf("edge-%d", i)))
	}
	w.apply(t, more.String())
	for name, args := range commands {
		others, secrets := measure(name, args)
		t.Logf("%s: %d requests, and %d secrets", name, len(others), secrets)
		if len(others) > few[name] || len(others) > 50 {
			t.Errorf("%s: %d requests with one cluster, %d with twenty:\n%s", name, few[name], len(others), strings.Join(others, "\n"))
		}
		if most := map[string]int{"list": 1, "render": 1, "validate": 1, "ca": 1}[name]; most > 0 && secrets > most {
			t.Errorf("%s: %d secrets are read, want %d", name, secrets, most)
		}
	}
}

// TestClusterauthClusterWithoutTemplate reads ClusterDeployments that are not whole.
func TestClusterauthClusterWithoutTemplate(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	const authentication = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: dex, namespace: a}
spec: {authenticationConfiguration: {jwt: [{issuer: {url: https://a.example, audiences: [a]}, claimMappings: {username: {claim: sub, prefix: ""}}}]}}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata: {name: edge, namespace: a}
`
	for name, test := range map[string]struct {
		spec       string
		attachable bool
		says       string
	}{
		"missing":    {"spec: {credential: c}", false, "spec.template: it is missing"},
		"wrong case": {"spec: {Template: openstack-standalone-cp-1-0-46}", false, `"Template" is not the same: case counts`},
		"empty":      {`spec: {template: ""}`, false, "spec.template"},
		"a number":   {"spec: {template: 7}", false, "spec.template: it is a number"},
		"no spec":    {"", false, "spec"},
		"not there":  {"spec: {template: nix-1-0-0}", true, "nix-1-0-0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(folder(t, map[string]string{"a.yaml": authentication + test.spec + "\n"}), "a.yaml")
			out := h.clusterauth(t, "attach", "edge", "dex", "--dry-run=client", "--from", file)
			if test.attachable {
				out.want(t, 0)
				out.hears(t, test.says)
			} else {
				out.says(t, 1, "error: ", "clusterdeployment a/edge", test.says)
				out.plain(t)
			}
			for _, args := range [][]string{{"list"}, {"plan"}, {"doctor"}, {"diff"}, {"usage", "a/dex"}, {"describe", "a/dex"}} {
				if out := h.clusterauth(t, append(args, "--from", file)...); out.code > 1 || strings.Contains(out.stderr, "panic") {
					t.Errorf("%s: exit code %d\nstdout: %s\nstderr: %s", args[0], out.code, out.stdout, out.stderr)
				}
			}
		})
	}
	if _, err := os.Stat(filepath.Join(h.dir, "cache")); err == nil {
		t.Error("something was written into the cache")
	}
}
