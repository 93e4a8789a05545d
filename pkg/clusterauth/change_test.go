package clusterauth

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

func TestAttach(t *testing.T) {
	t.Parallel()
	free := deployment("dev", "{template: "+standalone+", credential: c, config: {controlPlaneNumber: 1}}")
	tests := map[string]struct {
		documents       []string
		cluster, name   string
		steps, notes    []string
		err, hint       string
		withoutClusters bool
	}{
		"attached": {
			documents: []string{kcm, dex, free, release("dev", "")}, cluster: "dev", name: "dex",
			steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: 1 machine of its control plane will be made anew, one after the other (hash none to " + hashA + ")",
				"clusterdeployment team-a/dev (KC040): its control plane has a single machine, which is replaced",
			},
		},
		"the template ignores it": {
			documents: []string{kcm, dex, deployment("dev", "{template: azure-aks-1-0-10}"), release("dev", "")}, cluster: "dev", name: "dex",
			steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: ignored: its template azure-aks-1-0-10 does not use auth.configSecret",
				"clusterdeployment team-a/dev (KC004): its template azure-aks-1-0-10 ignores clusterAuth dex",
			},
		},
		"attached already": {
			documents: []string{kcm, dex, deployment("dev", "{template: "+standalone+", clusterAuth: dex}")}, cluster: "dev", name: "dex",
			steps: []string{"unchanged clusterdeployment team-a/dev"}, notes: []string{"it is so already"},
		},
		"nothing is turned on": {
			documents: []string{kcm, "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuthentication\nmetadata: {name: dex, namespace: team-a}\nspec: {}", free, release("dev", "")},
			cluster:   "dev", name: "dex", steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{"clusterauthentication team-a/dex has no authenticationConfiguration: attaching it turns nothing on"},
		},
		"a typo": {
			documents: []string{kcm, dex, free}, cluster: "dev", name: "dexx",
			err: "attach dexx to clusterdeployment team-a/dev: find clusterauthentication team-a/dexx: it is not there", hint: "did you mean dex?",
		},
		"in another namespace": {
			documents: []string{kcm, strings.Replace(dex, "team-a", "kcm-system", 1), free}, cluster: "dev", name: "dex",
			err:  "attach dex to clusterdeployment team-a/dev: find clusterauthentication team-a/dex: it is not there",
			hint: "there is one of this name in kcm-system",
		},
		"no such cluster": {
			documents: []string{kcm, dex, free}, cluster: "prod", name: "dex",
			err: "attach: find clusterdeployment team-a/prod: it is not there", hint: "namespace team-a has dev",
		},
		"no CA": {
			documents: []string{kcm, withCA, free}, cluster: "dev", name: "dex",
			err:  "attach dex to clusterdeployment team-a/dev: read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there",
			hint: "KCM stops at every cluster that uses it until the Secret is there",
		},
		"no k0rdent": {
			documents: []string{kcm}, cluster: "dev", name: "dex", withoutClusters: true,
			err: "attach: find clusterdeployment team-a/dev: there are no clusterdeployments in what was read",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, test.documents...)
			inv.Served[inventory.ClusterDeployments] = !test.withoutClusters
			p, notes, err := Attach(NewState(inv, Options{}), "team-a", test.cluster, test.name)
			checkRefusal(t, err, test.err, test.hint)
			if diff := cmp.Diff(test.steps, nilIfEmpty(p.Strings())); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// The only field that changes is the one that is meant, and the plan knows what it was made from.
func TestAttachChangesOneField(t *testing.T) {
	t.Parallel()
	s := state(t, kcm, dex, deployment("dev", "{template: "+standalone+", config: {workersNumber: 2}}"))
	p, _, err := Attach(s, "team-a", "dev", "dex")
	if err != nil {
		t.Fatal(err)
	}
	step := p.Steps[0]
	if step.Old.GetResourceVersion() != "3" || step.Unit != "cluster team-a/dev" {
		t.Errorf("the step is made from version %q in unit %q", step.Old.GetResourceVersion(), step.Unit)
	}
	if diff := differing("", step.Old.Object, step.Object.Object); len(diff) != 1 || diff[0].path != "spec.clusterAuth" {
		t.Errorf("it changes %v", diff)
	}
	if s.clusters[0].Object.Object["spec"].(map[string]any)["clusterAuth"] != nil {
		t.Error("what was read has changed")
	}
}

func TestDetach(t *testing.T) {
	t.Parallel()
	attached := deployment("dev", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 3}}")
	tests := map[string]struct {
		documents    []string
		steps, notes []string
	}{
		"detached": {
			documents: []string{kcm, dex, attached, release("dev", hashA)}, steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{
				"cluster team-a/dev: 3 pods of its control plane will be replaced (hash " + hashA + " to none)",
				"clusterdeployment team-a/dev (KC043): KCM deletes secret dev-auth-config before the control plane rolls",
			},
		},
		"from what is not there": {
			documents: []string{kcm, attached, release("dev", "")}, steps: []string{"update clusterdeployment team-a/dev"},
		},
		"with an old KCM": {
			documents: []string{oldKCM, attached, release("dev", "")}, steps: []string{"update clusterdeployment team-a/dev"},
			notes: []string{"KCM 1.9.0 leaves secret team-a/dev-auth-config behind"},
		},
		"not attached": {
			documents: []string{kcm, deployment("dev", "{template: "+hosted+"}")}, steps: []string{"unchanged clusterdeployment team-a/dev"},
			notes: []string{"it is so already"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, notes, err := Detach(state(t, test.documents...), "team-a", "dev")
			checkRefusal(t, err, "", "")
			if diff := cmp.Diff(test.steps, p.Strings()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.notes, notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
			for _, step := range p.Steps {
				if got := textAt(step.Object.Object, "spec", "clusterAuth"); got != "" {
					t.Errorf("clusterAuth is still %q", got)
				}
			}
		})
	}
}

// checkRefusal compares an error and its hint; an empty text is no error.
func checkRefusal(t *testing.T, err error, text, hint string) {
	t.Helper()
	if err == nil {
		if text != "" {
			t.Fatalf("there is no error, want %q", text)
		}
		return
	}
	if diff := cmp.Diff(text, err.Error()); diff != "" {
		t.Fatalf("error (-want +got):\n%s", diff)
	}
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("%T is no refusal", err)
	}
	if diff := cmp.Diff(hint, refusal.Hint()); diff != "" {
		t.Errorf("hint (-want +got):\n%s", diff)
	}
}

func nilIfEmpty(list []string) []string {
	if len(list) == 0 {
		return nil
	}
	return list
}
