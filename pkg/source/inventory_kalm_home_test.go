package source_test

import (
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const (
	shopPath   = kalmPath + "namespaces/shop/rolebindings"
	systemPath = kalmPath + "namespaces/kalm-system/rolebindings"
)

func bindingsIn(namespace string) inventory.Want {
	return inventory.Want{Kinds: []inventory.Kind{inventory.KalmBindings}, Namespace: namespace}
}

// TestLiveInventoryKalmHome reads the bindings of one namespace, and those of Kalm's own, which count there too.
func TestLiveInventoryKalmHome(t *testing.T) {
	t.Parallel()
	const everywhere, shop = " RoleBinding kalm-system/a", " RoleBinding shop/b"
	lacks := func(namespace string) rbac.Gap {
		return rbac.Gap{
			What: "rolebindings.core.kalm.dev in namespace " + namespace, Namespace: namespace, Cause: "no",
			Missing: rule("list", "core.kalm.dev", "rolebindings"),
		}
	}
	for name, test := range map[string]struct {
		forbidden []string
		absent    bool
		want      []string
		gaps      []rbac.Gap
	}{
		"both":              {want: []string{kalmV1 + everywhere, kalmV1 + shop}},
		"not Kalm's own":    {forbidden: []string{systemPath}, want: []string{kalmV1 + shop}, gaps: []rbac.Gap{lacks("kalm-system")}},
		"Kalm's own only":   {forbidden: []string{shopPath}, want: []string{kalmV1 + everywhere}, gaps: []rbac.Gap{lacks("shop")}},
		"neither":           {forbidden: []string{shopPath, systemPath}, gaps: []rbac.Gap{lacks("kalm-system"), lacks("shop")}},
		"not served at all": {absent: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			if !test.absent {
				customList(server, shopPath, "RoleBinding", custom(kalmV1, "RoleBinding", "shop", "b"))
				customList(server, systemPath, "RoleBinding", custom(kalmV1, "RoleBinding", "kalm-system", "a"))
				server.Object(strings.TrimSuffix(kalmPath, "/"), &metav1.APIResourceList{
					GroupVersion: kalmV1, APIResources: []metav1.APIResource{{Name: "rolebindings"}},
				})
			}
			for _, path := range test.forbidden {
				server.Forbid(path, "no")
			}
			inv, _, err := readLive(t, server, bindingsIn("shop"))
			if err != nil {
				t.Fatal(err)
			}
			diff(t, "objects", test.want, names(inv))
			diff(t, "gaps", test.gaps, inv.Missing(inventory.KalmBindings))
			if inv.Served[inventory.KalmBindings] == test.absent {
				t.Errorf("served %v", inv.Served)
			}
			if lists := slices.DeleteFunc(server.Requests(), func(r string) bool { return !strings.HasSuffix(r, "/rolebindings") }); len(lists) != 2 {
				t.Errorf("requests %q", lists)
			}
		})
	}
}

// TestFileInventoryKalmHome reads the same of manifests, each once.
func TestFileInventoryKalmHome(t *testing.T) {
	t.Parallel()
	const manifests = `
{apiVersion: core.kalm.dev/v1alpha1, kind: RoleBinding, metadata: {name: a, namespace: kalm-system}}
---
{apiVersion: core.kalm.dev/v1alpha1, kind: RoleBinding, metadata: {name: b, namespace: shop}}
---
{apiVersion: core.kalm.dev/v1alpha1, kind: RoleBinding, metadata: {name: c, namespace: other}}
`
	for namespace, want := range map[string][]string{
		"":            {"kalm-system/a", "other/c", "shop/b"},
		"shop":        {"kalm-system/a", "shop/b"},
		"kalm-system": {"kalm-system/a"},
	} {
		inv, said, err := readFiles(t, manifests, bindingsIn(namespace))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range names(inv) {
			got = append(got, strings.TrimPrefix(name, kalmV1+" RoleBinding "))
		}
		diff(t, "objects of "+namespace, want, got)
		diff(t, "said of "+namespace, []string(nil), said)
	}
}

// TestFollowerKalmHome keeps both parts current: of a namespace, and of Kalm's own.
func TestFollowerKalmHome(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	customList(server.Server, shopPath, "RoleBinding", custom(kalmV1, "RoleBinding", "shop", "b"))
	customList(server.Server, systemPath, "RoleBinding", custom(kalmV1, "RoleBinding", "kalm-system", "a"))
	a := attend(t, server, bindingsIn("shop"))
	m := a.complete()
	diff(t, "objects", []string{kalmV1 + " RoleBinding kalm-system/a", kalmV1 + " RoleBinding shop/b"}, names(m.Inventory))
	diff(t, "gaps", []rbac.Gap(nil), m.Inventory.Gaps)
}
