package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// hush is what no inventory may hold of the objects of [systemsManifests].
const hush = "open-sesame-open-sesame-open-sesame-open-sesame-open-sesame-open-sesame"

// systemsManifests are objects of the systems that queues and tokens are of.
const systemsManifests = `
apiVersion: v1
kind: Namespace
metadata: {name: inv-systems}
---
apiVersion: v1
kind: Namespace
metadata: {name: kaiwo-system}
---
apiVersion: v1
kind: Namespace
metadata: {name: kueue-system}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot, namespace: inv-systems}
---
apiVersion: v1
kind: Secret
metadata: {name: robot-token, namespace: inv-systems, annotations: {kubernetes.io/service-account.name: robot}}
type: kubernetes.io/service-account-token
---
apiVersion: v1
kind: Secret
metadata: {name: robot-bound, namespace: inv-systems}
type: gatehouse.dev/token
stringData: {note: HUSH}
---
apiVersion: v1
kind: Secret
metadata: {name: other, namespace: inv-systems}
stringData: {key: HUSH}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kueue-manager-config, namespace: kueue-system}
data: {controller_manager_config.yaml: "{}"}
---
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: inv-systems}
spec:
  suspend: true
  template: {spec: {restartPolicy: Never, containers: [{name: main, image: train}]}}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: {name: inv-systems}
---
apiVersion: core.kalm.dev/v1alpha1
kind: RoleBinding
metadata: {name: ann, namespace: inv-systems}
spec: {subject: ann@example.com, subjectType: user, role: viewer, creator: root}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ann, namespace: inv-systems}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
---
apiVersion: core.kalm.dev/v1alpha1
kind: AccessToken
metadata: {name: inv-systems}
spec:
  memo: test
  token: HUSH
  creator: root
  rules: [{verb: view, namespace: shop, kind: components, name: "*"}]
---
apiVersion: core.kalm.dev/v1alpha1
kind: SingleSignOnConfig
metadata: {name: sso, namespace: inv-systems}
spec:
  domain: sso.example.com
  connectors:
  - {type: github, id: gh, name: GitHub, config: {clientID: public, clientSecret: HUSH, orgs: [{name: acme}]}}
  temporaryUser: {username: admin, passwordHash: HUSH, userId: admin, email: admin@example.com}
`

func systemsKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.RoleBindings, inventory.KalmBindings, inventory.AccessTokens, inventory.SingleSignOns, inventory.TokenSecrets,
		inventory.Jobs, inventory.Webhooks, inventory.QueueOperators, inventory.QueueConfigs, inventory.Workloads,
	}
}

// systemsObjects names what an inventory has of the manifests, with the specs of what holds secrets.
func systemsObjects(t *testing.T, inv *inventory.Inventory) []string {
	t.Helper()
	var out []string
	for _, b := range inv.RoleBindings {
		if b.Namespace == "inv-systems" {
			out = append(out, string(inventory.RoleBindings)+" "+b.Name)
		}
	}
	for _, kind := range systemsKinds() {
		for _, o := range inv.Objects(kind) {
			if o.GetNamespace() != "inv-systems" && o.GetName() != "inv-systems" && o.GetName() != "kueue-manager-config" {
				continue
			}
			text := fmt.Sprintf("%s %s %s %v", kind, o.GetKind(), o.GetName(), o.Object["type"])
			if kind == inventory.AccessTokens || kind == inventory.SingleSignOns {
				spec, err := json.Marshal(o.Object["spec"])
				if err != nil {
					t.Fatal(err)
				}
				text += " " + string(spec)
			}
			out = append(out, text)
		}
	}
	all, err := json.Marshal(inv)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(all), hush) {
		t.Errorf("the secret is in the inventory: %s", all)
	}
	return out
}

// TestInventoryOfSystems compares what is read, and what is followed, of an API server with the manifests. Of Secrets their
// metadata is asked for, by type, and what is secret is never kept.
func TestInventoryOfSystems(t *testing.T) {
	cp := scratch(t)
	path := filepath.Join(t.TempDir(), "systems.yaml")
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(systemsManifests, "HUSH", hush)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := cp.Apply(t.Context(), path); err != nil {
		t.Fatal(err)
	}
	want := inventory.Want{Kinds: systemsKinds()}
	files, err := source.FileInventory(t.Context(), []string{path}, source.FilesOptions{}, want)
	if err != nil {
		t.Fatal(err)
	}
	const user = "archivist"
	kubeconfig, err := cp.Kubeconfig(user, "system:masters")
	if err != nil {
		t.Fatal(err)
	}
	flags, cache := cli.NewConnection(), t.TempDir()
	flags.KubeConfig, flags.CacheDir = &kubeconfig, &cache
	cluster, err := kube.New(flags, "gatehouse-e2e", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	recorder, err := cp.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	live, err := source.LiveInventory(t.Context(), cluster, clock.RealClock{}, nil, want)
	if err != nil {
		t.Fatal(err)
	}
	objects := systemsObjects(t, files)
	if diff := cmp.Diff(objects, systemsObjects(t, live)); diff != "" || len(objects) != 9 {
		t.Errorf("%d objects (-manifests +live):\n%s", len(objects), diff)
	}
	if len(live.Gaps) > 0 || !live.Served[inventory.KalmBindings] || !live.Served[inventory.QueueConfigs] {
		t.Errorf("gaps %v, served %v", live.Gaps, live.Served)
	}
	requests, err := recorder.Requests(t.Context(), user)
	if err != nil {
		t.Fatal(err)
	}
	var secrets []string
	for _, r := range requests {
		if strings.Contains(r.URI, "secrets") {
			secrets = append(secrets, r.Verb+" "+r.URI)
		}
	}
	slices.Sort(secrets)
	if diff := cmp.Diff([]string{
		"list /api/v1/secrets?fieldSelector=type%3Dgatehouse.dev%2Ftoken",
		"list /api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Fservice-account-token",
	}, secrets); diff != "" {
		t.Errorf("secrets were asked for (-want +got):\n%s", diff)
	}
	followSystems(t, cluster, want, objects)
}

// followSystems follows the same until it is all there, and until a Secret has come and gone.
func followSystems(t *testing.T, cluster *kube.Cluster, want inventory.Want, objects []string) {
	t.Helper()
	moments := make(chan source.Moment, 1000)
	go func() {
		defer close(moments)
		_ = source.NewFollower(cluster, clock.RealClock{}, nil, want).Run(t.Context(), func(m source.Moment) { moments <- m })
	}()
	until := func(what string, good func(inv *inventory.Inventory) bool) {
		t.Helper()
		late := time.After(time.Minute)
		for {
			select {
			case m := <-moments:
				if m.Complete && m.Inventory != nil && good(m.Inventory) {
					return
				}
			case <-late:
				t.Fatalf("%s: not in time", what)
			}
		}
	}
	until("all of it", func(inv *inventory.Inventory) bool { return cmp.Equal(objects, systemsObjects(t, inv)) })
	h := scratchHome(t, "")
	bound := func(inv *inventory.Inventory) bool {
		return slices.ContainsFunc(systemsObjects(t, inv), func(o string) bool { return strings.HasSuffix(o, "Secret later gatehouse.dev/token") })
	}
	h.run(t, nil, shared.kubectl(), "create", "secret", "generic", "later", "-n", "inv-systems", "--type", "gatehouse.dev/token", "--from-literal=key="+hush).want(t, 0)
	until("another Secret", bound)
	h.run(t, nil, shared.kubectl(), "delete", "secret", "later", "-n", "inv-systems").want(t, 0)
	until("it is gone", func(inv *inventory.Inventory) bool { return !bound(inv) })
}
