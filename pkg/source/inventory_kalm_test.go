package source_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const (
	kalmPath = "/apis/core.kalm.dev/v1alpha1/"
	kalmV1   = "core.kalm.dev/v1alpha1"
)

func kalmKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.KalmBindings, inventory.AccessTokens, inventory.SingleSignOns, inventory.ProtectedEndpoints, inventory.KalmComponents,
	}
}

// kalmObjects are an AccessToken and a SingleSignOnConfig that hold [sesame] wherever they can.
func kalmObjects() (token, sso map[string]any) {
	token, sso = custom(kalmV1, "AccessToken", "", "t"), custom(kalmV1, "SingleSignOnConfig", "kalm-system", "sso")
	token["spec"] = map[string]any{"token": sesame, "creator": "ann"}
	sso["spec"] = map[string]any{
		"domain": "sso.example.com", "issuerClientSecret": sesame, "issuerClientId": "kalm",
		"temporaryUser": map[string]any{"username": "admin", "passwordHash": sesame},
		"connectors": []any{map[string]any{
			"type": "github", "id": "gh", "config": map[string]any{
				"clientID": "public", "clientSecret": sesame, "orgs": []any{map[string]any{"name": "acme"}},
				"unheardOf": map[string]any{"key": sesame},
			},
		}},
	}
	for _, o := range []map[string]any{token, sso} {
		text, _ := json.Marshal(o["spec"])
		o["metadata"].(map[string]any)["annotations"] = map[string]any{lastApplied: string(text), "keep": "me"} //nolint:forcetypeassert // custom makes it
	}
	return token, sso
}

// hidden are the specs that are left of [kalmObjects].
func hidden() []any {
	return []any{
		map[string]any{"token": inventory.Digest(sesame), "creator": "ann"},
		map[string]any{
			"domain": "sso.example.com", "issuerClientSecret": inventory.Hidden, "issuerClientId": "kalm",
			"temporaryUser": map[string]any{"username": "admin", "passwordHash": inventory.Hidden},
			"connectors": []any{map[string]any{
				"type": "github", "id": "gh", "config": map[string]any{
					"clientID": "public", "clientSecret": inventory.Hidden, "orgs": []any{map[string]any{"name": "acme"}},
					"unheardOf": inventory.Hidden,
				},
			}},
		},
	}
}

// sealed checks what is left of [kalmObjects] in an inventory.
func sealed(t *testing.T, inv *inventory.Inventory) {
	t.Helper()
	var specs []any
	for _, kind := range []inventory.Kind{inventory.AccessTokens, inventory.SingleSignOns} {
		for _, o := range inv.Objects(kind) {
			specs = append(specs, o.Object["spec"])
			diff(t, "annotations", map[string]string{"keep": "me"}, o.GetAnnotations())
		}
	}
	diff(t, "specs", hidden(), specs)
	if text := fmt.Sprintf("%+v", inv.Custom); strings.Contains(text, sesame) {
		t.Errorf("the secret is in %s", text)
	}
}

// TestLiveInventoryKalm reads what Kalm has in its own namespace, its bindings there once, and no secret.
func TestLiveInventoryKalm(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	token, sso := kalmObjects()
	customList(server, kalmPath+"namespaces/kalm-system/rolebindings", "RoleBinding", custom(kalmV1, "RoleBinding", "kalm-system", "a"))
	customList(server, kalmPath+"accesstokens", "AccessToken", token)
	customList(server, kalmPath+"namespaces/kalm-system/singlesignonconfigs", "SingleSignOnConfig", sso)
	customList(server, kalmPath+"namespaces/kalm-system/protectedendpoints", "ProtectedEndpoint",
		custom(kalmV1, "ProtectedEndpoint", "kalm-system", "p"))
	customList(server, kalmPath+"namespaces/kalm-system/components", "Component", custom(kalmV1, "Component", "kalm-system", "c"))
	server.Object(rbacPath+"namespaces/kalm-system/rolebindings", &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{{ObjectMeta: meta("kalm-system", "x")}}})
	inv, _, err := readLive(t, server, inventory.Want{
		Kinds: append(kalmKinds(), inventory.RoleBindings), Namespace: "kalm-system",
	})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"rbac.authorization.k8s.io/v1 RoleBinding kalm-system/x",
		kalmV1 + " AccessToken t", kalmV1 + " Component kalm-system/c", kalmV1 + " ProtectedEndpoint kalm-system/p",
		kalmV1 + " RoleBinding kalm-system/a", kalmV1 + " SingleSignOnConfig kalm-system/sso",
	}, names(inv))
	sealed(t, inv)
}

// TestBindingsGaps takes the two kinds of role bindings apart.
func TestBindingsGaps(t *testing.T) {
	t.Parallel()
	kalm, plain := kalmPath+"rolebindings", bindingsPath
	served := &metav1.APIResourceList{GroupVersion: kalmV1, APIResources: []metav1.APIResource{{Name: "rolebindings"}}}
	kinds := []inventory.Kind{inventory.RoleBindings, inventory.KalmBindings}
	want := inventory.Want{Kinds: kinds}
	for name, test := range map[string]struct {
		forbidden []string
		missing   map[inventory.Kind][]string
	}{
		"kalm's": {[]string{kalm, kalmPath + "namespaces/home/rolebindings"}, map[inventory.Kind][]string{inventory.KalmBindings: {
			"rolebindings.core.kalm.dev in all namespaces list core.kalm.dev", "rolebindings.core.kalm.dev in namespace home list core.kalm.dev",
		}}},
		"kalm's, but not at home": {[]string{kalm}, map[inventory.Kind][]string{inventory.KalmBindings: {
			"rolebindings.core.kalm.dev outside of namespace home list core.kalm.dev",
		}}},
		"RBAC's": {[]string{plain}, map[inventory.Kind][]string{inventory.RoleBindings: {
			"rolebindings outside of namespace home list rbac.authorization.k8s.io",
		}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			for _, path := range []string{kalm, kalmPath + "namespaces/home/rolebindings"} {
				customList(server, path, "RoleBinding")
			}
			for _, path := range []string{plain, rbacPath + "namespaces/home/rolebindings"} {
				server.Object(path, &rbacv1.RoleBindingList{})
			}
			server.Object(strings.TrimSuffix(kalmPath, "/"), served)
			for _, path := range test.forbidden {
				server.Forbid(path, "no")
			}
			inv, _, err := readLive(t, server, want)
			if err != nil {
				t.Fatal(err)
			}
			for _, kind := range kinds {
				var got []string
				for _, gap := range inv.Missing(kind) {
					got = append(got, strings.Join(slices.Concat([]string{gap.What}, gap.Missing.Verbs, gap.Missing.APIGroups), " "))
				}
				diff(t, "missing "+string(kind), test.missing[kind], got)
			}
		})
	}
}

const kalmManifests = `
apiVersion: core.kalm.dev/v1alpha1
kind: RoleBinding
metadata: {name: b, namespace: shop}
spec: {subject: ann@example.com}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: x, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
---
apiVersion: v1
kind: Secret
metadata: {name: t, namespace: ci, annotations: {kubectl.kubernetes.io/last-applied-configuration: "open-sesame"}}
type: kubernetes.io/service-account-token
stringData: {token: open-sesame}
---
apiVersion: v1
kind: Secret
metadata: {name: bound, namespace: ci}
type: gatehouse.dev/token
---
apiVersion: v1
kind: Secret
metadata: {name: other, namespace: ci}
stringData: {token: open-sesame}
`

// TestFileInventoryKalm reads the same of manifests.
func TestFileInventoryKalm(t *testing.T) {
	t.Parallel()
	token, sso := kalmObjects()
	var manifests strings.Builder
	for _, o := range []map[string]any{token, sso} {
		text, err := (&unstructured.Unstructured{Object: o}).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&manifests, "---\n%s\n", text)
	}
	text := strings.ReplaceAll(kalmManifests, "open-sesame", sesame) + manifests.String()
	want := inventory.Want{Kinds: append(kalmKinds(), inventory.RoleBindings, inventory.TokenSecrets)}
	inv, warned, err := readFiles(t, text, want)
	if err != nil {
		t.Fatal(err)
	}
	if len(warned) > 0 {
		t.Errorf("warned %q", warned)
	}
	diff(t, "objects", []string{
		"rbac.authorization.k8s.io/v1 RoleBinding shop/x",
		kalmV1 + " AccessToken t", kalmV1 + " RoleBinding shop/b", kalmV1 + " SingleSignOnConfig kalm-system/sso",
		"v1 Secret ci/bound", "v1 Secret ci/t",
	}, names(inv))
	sealed(t, inv)
	diff(t, "token secrets", []map[string]any{
		{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "bound", "namespace": "ci"}, "type": "gatehouse.dev/token"},
		{"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "t", "namespace": "ci"}, "type": "kubernetes.io/service-account-token"},
	}, contents(inv.Objects(inventory.TokenSecrets)))
	// Who wants Secrets whole as well gets them beside.
	both, _, err := readFiles(t, text, inventory.Want{Kinds: []inventory.Kind{inventory.Secrets, inventory.TokenSecrets}})
	if err != nil {
		t.Fatal(err)
	}
	if len(both.Secrets) != 3 || len(both.Objects(inventory.TokenSecrets)) != 2 {
		t.Errorf("%q", names(both))
	}
}

func contents(objects []*unstructured.Unstructured) []map[string]any {
	var out []map[string]any
	for _, o := range objects {
		out = append(out, o.Object)
	}
	return out
}

// TestFileInventoryHides checks that no error shows what is secret, and that what is hidden stays.
func TestFileInventoryHides(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"broken YAML":     "apiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: t}\nspec: {token: " + sesame + ": x: y}\n",
		"broken JSON":     `{"apiVersion": "core.kalm.dev/v1alpha1", "kind": "SingleSignOnConfig", "spec": {"issuerClientSecret": "` + sesame + `",, }}`,
		"not finite":      "apiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: t}\nspec: {token: .inf, a: !!int " + sesame + "}\n",
		"odd annotations": "apiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: t, annotations: {a: [" + sesame + "]}}\n",
		"odd metadata":    "apiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: t, generation: " + sesame + "}\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, warned, err := readFiles(t, text, inventory.Want{Kinds: kalmKinds()})
			if err == nil || strings.Contains(err.Error()+strings.Join(warned, ""), sesame) {
				t.Errorf("error %v, warned %q", err, warned)
			}
		})
	}
	digest := inventory.Digest(sesame)
	sum, _, _ := inventory.ReadDigest(digest)
	again := "apiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: " + sum + "}\nspec: {token: '" + digest + "'}\n" +
		"---\napiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: number}\nspec: {token: 12345}\n" +
		"---\napiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: none}\n" +
		"---\napiVersion: core.kalm.dev/v1alpha1\nkind: AccessToken\nmetadata: {name: sealed}\nspec: {token: 'ENC[x]'}\nsops: {version: 1}\n"
	inv, _, err := readFiles(t, again, inventory.Want{Kinds: kalmKinds()})
	if err != nil {
		t.Fatal(err)
	}
	var specs []any
	for _, o := range inv.Objects(inventory.AccessTokens) {
		specs = append(specs, o.Object["spec"])
	}
	diff(t, "specs", []any{map[string]any{"token": digest}, nil, map[string]any{"token": inventory.Hidden}}, specs)
	diff(t, "gaps", []rbac.Gap{{What: "accesstokens sealed", Cause: "it is encrypted"}}, inv.Missing(inventory.AccessTokens))
}

// TestLiveInventoryHides checks that a broken answer shows no more.
func TestLiveInventoryHides(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Handle(kalmPath+"accesstokens", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"kind": "AccessTokenList", "apiVersion": "core.kalm.dev/v1alpha1", "metadata": {}, "items": ["%s"]}`, sesame)
	})
	_, _, err := readLive(t, server, inventory.Want{Kinds: []inventory.Kind{inventory.AccessTokens}})
	if err == nil || strings.Contains(err.Error(), sesame) {
		t.Error(err)
	}
}

// TestSnapshotKalm tells the gaps that a snapshot leaves apart.
func TestSnapshotKalm(t *testing.T) {
	tree(t, map[string]string{"s.json": string(write(t, &rbac.Snapshot{Marked: true}))})
	inv, err := source.FileInventory(t.Context(), []string{"s.json"}, source.FilesOptions{}, inventory.Want{
		Kinds: []inventory.Kind{inventory.RoleBindings, inventory.KalmBindings, inventory.TokenSecrets, inventory.Webhooks},
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, n := range map[inventory.Kind]int{
		inventory.RoleBindings: 0, inventory.KalmBindings: 1, inventory.TokenSecrets: 1, inventory.Secrets: 0, inventory.Webhooks: 2,
	} {
		if got := inv.Missing(kind); len(got) != n {
			t.Errorf("%s: %+v", kind, got)
		}
	}
}

// TestLiveInventoryTokenSecrets asks for metadata alone, by type.
func TestLiveInventoryTokenSecrets(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Handle("/api/v1/secrets", func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Accept"), "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1") {
			w.WriteHeader(http.StatusNotAcceptable)
			return
		}
		list := &metav1.PartialObjectMetadataList{
			TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadataList", APIVersion: "meta.k8s.io/v1"},
		}
		if r.URL.Query().Get("fieldSelector") == "type=kubernetes.io/service-account-token" {
			stored := meta("ci", "t")
			stored.Annotations["kubernetes.io/service-account.name"] = "robot"
			list.Items = append(list.Items, metav1.PartialObjectMetadata{ObjectMeta: stored})
		}
		_ = json.NewEncoder(w).Encode(list)
	})
	want := inventory.Want{Kinds: []inventory.Kind{inventory.TokenSecrets}}
	inv, _, err := readLive(t, server, want)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "requests", []string{
		"GET /api/v1/secrets?fieldSelector=type%3Dgatehouse.dev%2Ftoken",
		"GET /api/v1/secrets?fieldSelector=type%3Dkubernetes.io%2Fservice-account-token",
	}, server.Requests())
	diff(t, "objects", []map[string]any{{
		"apiVersion": "v1", "kind": "Secret", "type": string(corev1.SecretTypeServiceAccountToken), "metadata": map[string]any{
			"name": "t", "namespace": "ci", "uid": "7", "resourceVersion": "1",
			"annotations": map[string]any{"kubernetes.io/service-account.name": "robot"},
		},
	}}, contents(inv.Objects(inventory.TokenSecrets)))

	closed := kubetest.New(t)
	closed.Forbid("/api/v1/secrets", "no")
	closed.Forbid("/api/v1/namespaces/home/secrets", "no")
	inv, _, err = readLive(t, closed, want)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "gaps", []rbac.Gap{
		{What: "token secrets in all namespaces", Cause: "no", Missing: rule("list", "", "secrets")},
		{What: "token secrets in namespace home", Namespace: "home", Cause: "no", Missing: rule("list", "", "secrets")},
	}, inv.Missing(inventory.TokenSecrets))
	if got := inv.Missing(inventory.Secrets); got != nil || inv.Withheld("home", "t") != nil {
		t.Errorf("secrets are missing: %v", got)
	}
}
