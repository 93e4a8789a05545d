package clusterauth

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// ids returns what findings there are, in their order.
func ids(findings []finding.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.ID)
	}
	return out
}

func TestRollouts(t *testing.T) {
	t.Parallel()
	type outcome struct {
		Effect         Effect
		Old, New       string
		Machines, Pods int
		Why            string
		Warnings       []string
	}
	attached := func(template, more string) string {
		return deployment("dev", "{template: "+template+", credential: c, clusterAuth: dex, config: {controlPlaneNumber: 3, "+more+"}}")
	}
	plain := attached(standalone, "")
	deleted := func(cluster string) string {
		return strings.Replace(cluster, "{name: dev", "{deletionTimestamp: \"2026-11-22T10:00:00Z\", name: dev", 1)
	}
	paused := []string{
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Credential\nmetadata: {name: c, namespace: team-a}\nspec: {region: north}",
		"apiVersion: k0rdent.mirantis.com/v1beta1\nkind: Region\nmetadata: {name: north, annotations: {k0rdent.mirantis.com/region-pause: \"true\"}}",
	}
	tests := map[string]struct {
		before, after []string // before is the same as after when it is nil
		want          outcome
	}{
		"nothing": {
			after: []string{kcm, dex, deployment("dev", "{template: "+standalone+"}"), release("dev", "")},
			want:  outcome{Effect: Off, Why: "it has no clusterAuth"},
		},
		"the hash is there": {
			after: []string{kcm, dex, plain, release("dev", hashA)},
			want:  outcome{Effect: None, Old: hashA, New: hashA, Why: "KCM writes what is there already"},
		},
		"a configuration comes": {
			before: []string{kcm, dex, deployment("dev", "{template: "+standalone+"}"), release("dev", "")},
			after:  []string{kcm, dex, plain, release("dev", "")},
			want: outcome{
				Effect: Machines, New: hashA, Machines: 3,
				Why: "a configuration comes: every machine of its control plane is made anew, one after the other",
			},
		},
		"a CA has changed": {
			after: []string{kcm, withCA, ca, plain, release("dev", hashA)},
			want: outcome{
				Effect: Machines, Old: hashA, New: hashC, Machines: 3,
				Why: "the hash changes: every machine of its control plane is made anew, one after the other", Warnings: []string{"AU007"},
			},
		},
		"hosted": {
			after: []string{kcm, withCA, ca, attached(hosted, ""), release("dev", hashA)},
			want: outcome{
				Effect: Pods, Old: hashA, New: hashC, Pods: 3, Why: "the hash changes: the pods of its control plane are replaced",
				Warnings: []string{"AU007", "KC045"},
			},
		},
		"a single machine": {
			after: []string{kcm, withCA, ca, deployment("dev", "{template: "+standalone+", clusterAuth: dex, config: {controlPlaneNumber: 1}}"), release("dev", hashA)},
			want: outcome{
				Effect: Machines, Old: hashA, New: hashC, Machines: 1,
				Why: "the hash changes: the only machine of its control plane is made anew", Warnings: []string{"AU007", "KC040"},
			},
		},
		"two machines": {
			after: []string{kcm, withCA, ca, deployment("dev", "{template: "+standalone+", clusterAuth: dex, config: {controlPlaneNumber: 2}}"), release("dev", hashA)},
			want: outcome{
				Effect: Machines, Old: hashA, New: hashC, Machines: 2,
				Why: "the hash changes: every machine of its control plane is made anew, one after the other", Warnings: []string{"AU007", "KC041"},
			},
		},
		"a single pod": {
			after: []string{kcm, withCA, ca, deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 1}}"), release("dev", hashA)},
			want: outcome{
				Effect: Pods, Old: hashA, New: hashC, Pods: 1, Why: "the hash changes: the pods of its control plane are replaced",
				Warnings: []string{"AU007", "KC040", "KC045"},
			},
		},
		"the number of machines is not known": {
			after: []string{kcm, dex, deployment("dev", "{template: "+standalone+", clusterAuth: dex}"), release("dev", hashC)},
			want: outcome{
				Effect: Machines, Old: hashC, New: hashA,
				Why: "the hash changes: every machine of its control plane is made anew, one after the other",
			},
		},
		"the template ignores it": {
			after: []string{kcm, dex, attached("aws-eks-1-0-13", ""), release("dev", hashC)},
			want: outcome{
				Effect: Ignored, Old: hashC, New: hashA, Why: "its template aws-eks-1-0-13 does not use auth.configSecret",
				Warnings: []string{"KC004"},
			},
		},
		"a template of somebody's": {
			after: []string{kcm, dex, attached("ours-1-0-0", ""), release("dev", hashC)},
			want: outcome{
				Effect: Unknown, Old: hashC, New: hashA, Why: "the hash changes, and nothing tells what its template ours-1-0-0 does with that",
			},
		},
		"a template of somebody's whose control plane shows it": {
			after: []string{kcm, dex, attached("ours-1-0-0", ""), release("dev", hashC), plane("K0sControlPlane", "3", "v1.36.3+k0s.2", "")},
			want: outcome{
				Effect: Ignored, Old: hashC, New: hashA, Why: "its template ours-1-0-0 does not use auth.configSecret", Warnings: []string{"KC004"},
			},
		},
		"a template before its time": {
			after: []string{kcm, dex, attached(standalone, ""), release("dev", ""), template(standalone, "{controlPlaneNumber: 3}")},
			want: outcome{
				Effect: Ignored, New: hashA, Why: "its template " + standalone + " does not use auth.configSecret", Warnings: []string{"KC004"},
			},
		},
		"a reference to nothing": {
			after: []string{kcm, plain, release("dev", hashA)},
			want: outcome{
				Effect: Blocked, Old: hashA, Why: "ClusterAuthentication dex is not there: KCM stops before everything, also before deletion",
				Warnings: []string{"KC001"},
			},
		},
		"its CA is gone": {
			after: []string{kcm, withCA, plain, release("dev", hashC)},
			want: outcome{
				Effect: Blocked, Old: hashC,
				Why: "KCM stops, and changes nothing more of the cluster: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there",
			},
		},
		"being deleted without its CA": {
			after: []string{kcm, withCA, deleted(plain), release("dev", hashC)},
			want:  outcome{Effect: None, Old: hashC, Why: "it is being deleted"},
		},
		"being deleted without its authentication": {
			after: []string{kcm, deleted(plain), release("dev", hashC)},
			want: outcome{
				Effect: Blocked, Old: hashC, Why: "ClusterAuthentication dex is not there: KCM does not even delete the cluster", Warnings: []string{"KC002"},
			},
		},
		"paused without its CA": {
			after: append([]string{kcm, withCA, plain, release("dev", hashC)}, paused...),
			want:  outcome{Effect: None, Old: hashC, Why: "region north is paused: KCM does not look at its clusters"},
		},
		"paused without its authentication": {
			after: append([]string{kcm, plain, release("dev", hashC)}, paused...),
			want: outcome{
				Effect: Blocked, Old: hashC, Why: "ClusterAuthentication dex is not there: KCM stops before everything, also before deletion",
				Warnings: []string{"KC001"},
			},
		},
		"a trial without its CA": {
			after: []string{kcm, withCA, deployment("dev", "{template: "+standalone+", clusterAuth: dex, dryRun: true}"), release("dev", hashC)},
			want:  outcome{Effect: None, Old: hashC, Why: "spec.dryRun is set: KCM writes nothing"},
		},
		"a trial of a template that ignores it": {
			after: []string{
				kcm, withCA, ca, deployment("dev", "{template: aws-eks-1-0-13, clusterAuth: dex, dryRun: true}"), release("dev", ""),
			},
			want: outcome{Effect: None, New: hashC, Why: "spec.dryRun is set: KCM writes nothing", Warnings: []string{"KC004"}},
		},
		"a trial": {
			after: []string{kcm, dex, deployment("dev", "{template: "+standalone+", clusterAuth: dex, dryRun: true}"), release("dev", hashC)},
			want:  outcome{Effect: None, Old: hashC, New: hashA, Why: "spec.dryRun is set: KCM writes nothing"},
		},
		"a bad start": {
			after: []string{kcm, dex, attached(standalone, "k0s: {version: v1.32.8+k0s.0}")},
			want:  outcome{Effect: None, New: hashA, Why: "it is not made yet: it starts with what KCM writes", Warnings: []string{"KC005"}},
		},
		"not made yet": {
			after: []string{kcm, dex, plain},
			want:  outcome{Effect: None, New: hashA, Why: "it is not made yet: it starts with what KCM writes"},
		},
		"the configuration goes": {
			before: []string{kcm, dex, plain, release("dev", hashA)},
			after:  []string{kcm, dex, deployment("dev", "{template: "+standalone+", config: {controlPlaneNumber: 3}}"), release("dev", hashA)},
			want: outcome{
				Effect: Machines, Old: hashA, Machines: 3,
				Why: "the configuration goes: every machine of its control plane is made anew, one after the other", Warnings: []string{"KC043"},
			},
		},
		"a roll is under way": {
			after: []string{
				kcm, withCA, ca, plain, release("dev", hashA), plane("K0sControlPlane", "3", "v1.36.3+k0s.2", "/var/lib/k0s/auth/config-"+hashA+".yaml"),
				machine("dev-0", "v1.36.3+k0s.2", "/var/lib/k0s/auth/config-"+hashA+".yaml", "True"),
				machine("dev-1", "v1.36.3+k0s.2", "/var/lib/k0s/auth/config-11111111.yaml", "False"),
			},
			want: outcome{
				Effect: Machines, Old: hashA, New: hashC, Machines: 3,
				Why: "the hash changes: every machine of its control plane is made anew, one after the other", Warnings: []string{"AU007", "KC042"},
			},
		},
		"KCM was upgraded": {
			after: []string{kcm, writtenV1beta1, plain, release("dev", "3ce36c1c")},
			want: outcome{
				Effect: Machines, Old: "3ce36c1c", New: hashA, Machines: 3,
				Why: "the hash changes: every machine of its control plane is made anew, one after the other", Warnings: []string{"KC044"},
			},
		},
		"KCM of the first era": {
			after: []string{oldKCM, writtenV1beta1, plain, release("dev", "3ce36c1c")},
			want:  outcome{Effect: None, Old: "3ce36c1c", New: "3ce36c1c", Why: "KCM writes what is there already"},
		},
		"an old child": {
			after: []string{kcm, dex, attached(standalone, "k0s: {version: v1.32.8+k0s.0}"), release("dev", "")},
			want: outcome{
				Effect: Machines, New: hashA, Machines: 3,
				Why: "a configuration comes: every machine of its control plane is made anew, one after the other", Warnings: []string{"KC005"},
			},
		},
		"flags of old": {
			after: []string{kcm, dex, attached(standalone, "k0s: {api: {extraArgs: {oidc-issuer-url: x}}}"), release("dev", "")},
			want: outcome{
				Effect: Machines, New: hashA, Machines: 3,
				Why: "a configuration comes: every machine of its control plane is made anew, one after the other", Warnings: []string{"KC009"},
			},
		},
		"a Secret of the user's own": {
			after: []string{
				kcm, dex, deployment("dev", "{template: "+standalone+", config: {auth: {configSecret: {name: mine, hash: a1111111}}}}"),
				release("dev", "a1111111"),
			},
			want: outcome{Effect: None, Old: "a1111111", New: "a1111111", Why: "KCM writes what is there already"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := state(t, test.after...)
			before := after
			if test.before != nil {
				before = state(t, test.before...)
			}
			rollouts := Rollouts(before, after)
			if len(rollouts) != 1 {
				t.Fatalf("there are %d rollouts, want 1", len(rollouts))
			}
			r := rollouts[0]
			got := outcome{r.Effect, r.OldHash, r.NewHash, r.Machines, r.Pods, r.Why, ids(r.Warnings)}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("rollout (-want +got):\n%s", diff)
			}
		})
	}
}

// Without HelmReleases what KCM wrote before stands for what there is; without a change nothing tells.
func TestRolloutsWithoutReleases(t *testing.T) {
	t.Parallel()
	narrow := func(documents ...string) *State {
		inv := read(t, documents...)
		inv.Served[inventory.HelmReleases] = false
		return NewState(inv, Options{})
	}
	cluster := deployment("dev", "{template: "+hosted+", clusterAuth: dex}")
	before, after := narrow(dex, cluster), narrow(strings.Replace(dex, "example-app", "other-app", 1), cluster)
	tests := map[string]struct {
		before, after *State
		effect        Effect
		old           string
	}{
		"no change":         {before, before, Unknown, ""},
		"another change":    {before, narrow(dex, cluster), None, hashA},
		"a change":          {before, after, Pods, hashA},
		"a new cluster":     {narrow(dex), before, Unknown, ""},
		"nothing was there": {narrow(dex, deployment("dev", "{template: "+hosted+"}")), before, Pods, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := Rollouts(test.before, test.after)[0]
			if r.Effect != test.effect || r.OldHash != test.old {
				t.Errorf("effect %s from hash %q (%s), want %s from %q", r.Effect, r.OldHash, r.Why, test.effect, test.old)
			}
		})
	}
}

// A write of metadata also makes KCM look, and so brings about what was due; one of the Secret does not.
func TestRolloutNotesOfWhatWasDue(t *testing.T) {
	t.Parallel()
	cluster := deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 3}}")
	before := state(t, kcm, dex, cluster, release("dev", hashC))
	due := []string{
		"cluster team-a/dev: 3 pods of its control plane will be replaced (hash " + hashC + " to " + hashA + "): it was due at KCM's next look, which this write brings about",
		"clusterdeployment team-a/dev (KC045): pods that still run may take up the new configuration before they are replaced",
	}
	tests := map[string]struct {
		write string
		want  []string
	}{
		"its authentication":  {strings.Replace(dex, "name: dex,", "name: dex, labels: {a: b},", 1), due},
		"the cluster":         {strings.Replace(cluster, "name: dev,", "name: dev, labels: {a: b},", 1), due},
		"the same":            {strings.Replace(dex, "\"7\"", "\"8\"", 1), nil},
		"another":             {strings.Replace(dex, "name: dex,", "name: other,", 1), nil},
		"a Secret":            {ca, nil},
		"what rolls it newly": {strings.Replace(dex, "[example-app]", "[other-app]", 1), nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			object := &unstructured.Unstructured{}
			if err := yaml.Unmarshal([]byte(test.write), &object.Object); err != nil {
				t.Fatal(err)
			}
			got := RolloutNotes(before, before.With(object))
			if name == "what rolls it newly" {
				if len(got) != 2 || strings.Contains(got[0], "was due") {
					t.Errorf("notes %q", got)
				}
				return
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

const writtenV1beta1 = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: dex, namespace: team-a}
spec:
  authenticationConfiguration:
    apiVersion: apiserver.config.k8s.io/v1beta1
    kind: AuthenticationConfiguration
    jwt:
    - issuer:
        url: https://dex.example.com:5556
        audiences: [example-app]
      claimMappings:
        username: {claim: email, prefix: ""}
        groups: {claim: groups, prefix: ""}
      userValidationRules:
      - expression: "!user.username.startsWith('system:')"
        message: "username cannot use reserved system: prefix"
`

// plane returns the control plane of cluster dev; an empty path is none.
func plane(kind, replicas, version, path string) string {
	args := "{}"
	if path != "" {
		args = "{authentication-config: " + path + "}"
	}
	config := "k0sConfig: {spec: {api: {extraArgs: " + args + "}}}"
	if kind == "K0sControlPlane" {
		config = "k0sConfigSpec: {args: [--enable-worker, --disable-components=konnectivity-server], k0s: {spec: {api: {extraArgs: " + args + "}}}}"
	}
	return "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: " + kind + "\nmetadata: {name: dev-cp, namespace: team-a}\n" +
		"spec: {replicas: " + replicas + ", version: " + version + ", " + config + "}\n"
}

// machine returns a machine of the control plane of cluster dev.
func machine(name, version, path, upToDate string) string {
	return "apiVersion: cluster.x-k8s.io/v1beta1\nkind: Machine\nmetadata:\n  name: " + name + "\n  namespace: team-a\n" +
		"  labels: {cluster.x-k8s.io/cluster-name: dev, cluster.x-k8s.io/control-plane: \"true\"}\n" +
		"  annotations:\n    k0s.controlplane.cluster.x-k8s.io/k0s-config: '{\"files\":[{\"contentFrom\":{\"secretRef\":{\"name\":\"dev-auth-config\",\"key\":\"config\"}},\"path\":\"" + path + "\"}]}'\n" +
		"spec: {clusterName: dev, version: " + version + "}\n" +
		"status: {conditions: [{type: UpToDate, status: \"" + upToDate + "\"}]}\n"
}

// A CA that was not read does not hide what else keeps the API server from starting, and is no mistake itself.
func TestRolloutsWithoutCA(t *testing.T) {
	t.Parallel()
	inv := read(t, kcm, withCA, deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {k0s: {version: v1.32.8+k0s.0}}}"), release("dev", ""))
	inv.Served[inventory.Secrets] = false
	s := NewState(inv, Options{})
	r := Rollouts(s, s)[0]
	if diff := cmp.Diff([]string{"KC005"}, ids(r.Warnings)); diff != "" || r.Effect != Unknown {
		t.Errorf("effect %s, warnings (-want +got):\n%s", r.Effect, diff)
	}
}
