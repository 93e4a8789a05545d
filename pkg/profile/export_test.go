package profile_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// rich returns a world with one profile in which everything is set that can be.
func rich(t *testing.T) *world {
	t.Helper()
	w := teamA(t)
	w.add(kubeflow.PairBinding("team-a", rbac.Group("ml"), "view"))
	w.change("Profile", "", "team-a", []any{map[string]any{
		"kind": "AwsIamForServiceAccount", "spec": map[string]any{"awsIamRole": "arn:aws:iam::1:role/x", "annotateOnly": true},
	}}, "spec", "plugins")
	w.change("Profile", "", "team-a", map[string]any{"team": "a"}, "metadata", "labels")
	w.change("Profile", "", "team-a", map[string]any{"note": "yes", "kubectl.kubernetes.io/last-applied-configuration": "{}"}, "metadata", "annotations")
	w.change("Profile", "", "team-a", []any{"NotTerminating"}, "spec", "resourceQuotaSpec", "scopes")
	w.change("Namespace", "", "team-a", "on", "metadata", "labels", "cost-centre")
	w.change("Namespace", "", "team-a", "team a", "metadata", "annotations", "contact")
	w.change("RoleBinding", "team-a", "user-bob-example-com-clusterrole-edit", "2027-01-31T00:00:00Z", "metadata", "annotations", "gatehouse.dev/expires")
	return w.yaml(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: deployer, namespace: team-a, annotations: {gatehouse.dev/role: role/deploy, gatehouse.dev/http: "false"}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: deploy}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "yes"}]`)
}

func TestExport(t *testing.T) {
	t.Parallel()
	going := teamA(t).change("Profile", "", "team-a", "2026-11-22T11:59:00Z", "metadata", "deletionTimestamp")
	bad := teamA(t).change("Profile", "", "team-a", map[string]any{"cpu": "4", "gpu": int64(1)}, "spec", "resourceQuotaSpec", "hard")
	native := newWorld(t, workspace.Native)
	spec := full("shop", rbac.Group("leads"))
	spec.DefaultDeny = true
	p, _, err := profile.Create(native.state(), spec)
	if err != nil {
		t.Fatal(err)
	}
	native.carryOut(p, -1)
	for name, w := range map[string]*world{
		"kubeflow": rich(t), "kubeflow-going": going, "kubeflow-bad-name": bad, "native": native,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			specs, notes, err := profile.Export(w.state(), nil)
			if err != nil {
				t.Fatal(err)
			}
			short, err := profile.SpecsFile(specs)
			if err != nil {
				t.Fatal(err)
			}
			objects, told, err := profile.ExportManifests(w.state(), nil)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%s", short)
			for _, note := range append(notes, told...) {
				fmt.Fprintf(&b, "note: %s\n", note)
			}
			for _, o := range objects {
				doc, err := yaml.Marshal(o.Object)
				if err != nil {
					t.Fatal(err)
				}
				fmt.Fprintf(&b, "---\n%s", doc)
			}
			golden.Equal(t, b.String(), "export/"+name)
		})
	}
}

func TestExportOne(t *testing.T) {
	t.Parallel()
	w := teamA(t)
	w.add(made("team-b", bob, "")...)
	specs, _, err := profile.Export(w.state(), []string{"team-b", "team-b"})
	if err != nil || len(specs) != 1 || specs[0].Name != "team-b" {
		t.Errorf("specs = %+v, error %v", specs, err)
	}
	_, _, err = profile.Export(w.state(), []string{"team-c"})
	refusal(t, err, "find profile \"team-c\": there is none\nhint: did you mean team-a?")
}

// What is exported is applied without a change, in the short form and as manifests, whatever the workspaces look like.
func TestExportApplyRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		flavor := workspace.Kubeflow
		if seed%2 == 1 {
			flavor = workspace.Native
		}
		random := rand.New(rand.NewPCG(seed, 0))
		w := newWorld(t, flavor)
		populate(t, w, random)
		specs, _, err := profile.Export(w.state(), nil)
		if err != nil {
			t.Fatalf("seed %d: Export: %v", seed, err)
		}
		short, err := profile.SpecsFile(specs)
		if err != nil {
			t.Fatalf("seed %d: SpecsFile: %v", seed, err)
		}
		read := parsed(t, seed, string(short))
		for i := range read {
			read[i].Line = 0
			for j := range read[i].Members {
				read[i].Members[j].Line = 0
			}
		}
		if diff := cmp.Diff(specs, read, amounts()); diff != "" {
			t.Fatalf("seed %d: what was read back (-want +got):\n%s\n%s", seed, diff, short)
		}
		unchanged(t, seed, w, read)

		objects, _, err := profile.ExportManifests(w.state(), nil)
		if err != nil {
			t.Fatalf("seed %d: ExportManifests: %v", seed, err)
		}
		var b strings.Builder
		for _, o := range objects {
			doc, err := yaml.Marshal(o.Object)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&b, "---\n%s", doc)
		}
		unchanged(t, seed, w, parsed(t, seed, b.String()))
	}
}

func parsed(t *testing.T, seed uint64, text string) []profile.Spec {
	t.Helper()
	specs, err := profile.ParseSpecs(strings.NewReader(text), "export")
	if err != nil {
		t.Fatalf("seed %d: ParseSpecs: %v\n%s", seed, err, text)
	}
	return specs
}

func unchanged(t *testing.T, seed uint64, w *world, specs []profile.Spec) {
	t.Helper()
	p, _, err := profile.Apply(w.state(), specs, true)
	if err != nil {
		t.Fatalf("seed %d: Apply: %v", seed, err)
	}
	if changes := p.Changes(); len(changes.Steps) > 0 {
		t.Errorf("seed %d: %v", seed, changes.Strings())
	}
}

// populate makes a few workspaces of random content.
func populate(t *testing.T, w *world, random *rand.Rand) {
	t.Helper()
	coin := func() bool { return random.IntN(2) == 0 }
	words := []string{"on", "yes", "1", "a b", "x: y", "#", "", "null", "2026-01-01", "ü"}
	word := func() string { return words[random.IntN(len(words))] }
	for i := range 1 + random.IntN(4) {
		spec := profile.Spec{Name: fmt.Sprintf("team-%d", i), Owner: []rbac.Subject{
			user("a@example.com"), user("yes"), rbac.ServiceAccount("ci", "robot"), user("1"),
		}[random.IntN(4)]}
		if coin() {
			spec.Quota.Hard = list("cpu", "1500m", "requests.nvidia.com/gpu", "2", "memory", "1.5Gi")
			if coin() {
				spec.Quota.Scopes = []corev1.ResourceQuotaScope{"NotTerminating"}
			}
		}
		if coin() {
			spec.Annotations = map[string]string{"note": word(), "x/y": word()}
			spec.Labels = map[string]string{"team": "on", "empty": ""}
		}
		spec.LimitRange = coin()
		if w.flavor == workspace.Native {
			spec.DefaultDeny, spec.ServiceAccounts = coin(), coin()
		} else if coin() {
			spec.Plugins = []kubeflow.Plugin{{Kind: "Own", APIVersion: "v1", Spec: map[string]any{"a": word(), "n": int64(3), "l": []any{true, nil, 1.5}}}}
			spec.ProfileAnnotations = map[string]string{"note": word()}
		}
		p, _, err := profile.Create(w.state(), spec)
		if err != nil {
			t.Fatal(err)
		}
		w.carryOut(p, -1)
		if w.flavor != workspace.Kubeflow {
			continue
		}
		read, err := kubeflow.ReadProfile(w.get("Profile", "", spec.Name))
		if err != nil {
			t.Fatal(err)
		}
		w.add(kubeflow.ControllerObjects(read, kubeflow.DefaultConfig())...)
		if coin() {
			w.add(pair(spec.Name, "on", []string{"view", "edit", "admin"}[random.IntN(3)])...)
		}
		if p, _, err = profile.FollowUp(w.state(), spec); err != nil {
			t.Fatal(err)
		}
		w.carryOut(p, -1)
	}
}
