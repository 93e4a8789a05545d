package workspace_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// ownerPolicy is an owner's policy of a namespace; without principals it is one of a release before 1.8.
func ownerPolicy(namespace, principal string) string {
	from := ""
	if principal != "" {
		from = `from: [{source: {principals: [` + principal + `]}}], `
	}
	return `
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: ns-owner-access-istio, namespace: ` + namespace + `}
spec: {rules: [{` + from + `when: [{key: "request.headers[x-user]", values: [ann@example.com]}]}]}`
}

func TestConfigFor(t *testing.T) {
	t.Parallel()
	pinned := kubeflow.DefaultConfig()
	pinned.UserIDHeader = "from-flags"
	const gateway = "cluster.local/ns/mesh/sa/gate"
	tests := map[string]struct {
		policies   []string
		config     *kubeflow.Config
		wantHeader string
		want       []string
	}{
		"nothing known": {wantHeader: "kubeflow-userid", want: kubeflow.DefaultConfig().GatewayPrincipals},
		"its own":       {policies: []string{ownerPolicy("lab", gateway)}, wantHeader: "x-user", want: []string{gateway}},
		"another's":     {policies: []string{ownerPolicy("other", gateway)}, wantHeader: "x-user", want: []string{gateway}},
		"its own, the gateway of another": {
			policies: []string{ownerPolicy("lab", ""), ownerPolicy("other", gateway)}, wantHeader: "x-user", want: []string{gateway},
		},
		"before 1.8": {policies: []string{ownerPolicy("lab", "")}, wantHeader: "x-user", want: []string{}},
		"pinned": {
			policies: []string{ownerPolicy("lab", gateway)}, config: &pinned, wantHeader: "from-flags", want: pinned.GatewayPrincipals,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := parse(t, strings.Join(append(test.policies, native), "\n---\n")).Inventory
			s := workspace.NewState(inv, workspace.Options{Config: test.config})
			got := s.ConfigFor("lab")
			if got.UserIDHeader != test.wantHeader {
				t.Errorf("header %q, want %q", got.UserIDHeader, test.wantHeader)
			}
			if diff := cmp.Diff(test.want, got.GatewayPrincipals); diff != "" {
				t.Errorf("gateway (-want +got):\n%s", diff)
			}
		})
	}
}

// A controller whose ConfigMap could not be read says nothing about headers; then the owner's policy does.
func TestConfigOfControllerInPart(t *testing.T) {
	t.Parallel()
	const gateway = "cluster.local/ns/mesh/sa/gate"
	inv := parse(t, ownerPolicy("lab", gateway)+"\n---\n"+native).Inventory
	from := func(name, key string) corev1.EnvVar {
		ref := &corev1.ConfigMapKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "profiles-config-x"}, Key: key}
		return corev1.EnvVar{Name: name, ValueFrom: &corev1.EnvVarSource{ConfigMapKeyRef: ref}}
	}
	inv.Deployments = []*appsv1.Deployment{{
		ObjectMeta: metav1.ObjectMeta{Name: kubeflow.ControllerName, Namespace: "kubeflow"},
		Spec: appsv1.DeploymentSpec{Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{
			Name: "manager", Env: []corev1.EnvVar{from("USERID_HEADER", "USERID_HEADER"), from("USERID_PREFIX", "USERID_PREFIX")},
		}}}}},
	}}
	s := workspace.NewState(inv, workspace.Options{})
	if s.Pinned {
		t.Error("policies would have to agree with what is not known")
	}
	if got := s.ConfigFor("lab"); got.UserIDHeader != "x-user" || !slices.Equal(got.GatewayPrincipals, []string{gateway}) {
		t.Errorf("got %+v", got)
	}
	inv.ConfigMaps = []*corev1.ConfigMap{{
		ObjectMeta: metav1.ObjectMeta{Name: "profiles-config-x", Namespace: "kubeflow"},
		Data:       map[string]string{"USERID_HEADER": "x-site", "USERID_PREFIX": "goog:"},
	}}
	s = workspace.NewState(inv, workspace.Options{})
	if got := s.ConfigFor("lab"); !s.Pinned || got.UserIDHeader != "x-site" || got.UserIDPrefix != "goog:" {
		t.Errorf("pinned %t: %+v", s.Pinned, got)
	}
}

func TestIstioOfManifests(t *testing.T) {
	t.Parallel()
	inv := parse(t, complete, "AuthorizationPolicy").Inventory
	inv.Served[inventory.Policies] = false
	if !workspace.NewState(inv, workspace.Options{}).Istio {
		t.Error("manifests with a profile have no Istio: its policies would be left out")
	}
	no := false
	if workspace.NewState(inv, workspace.Options{Istio: &no}).Istio {
		t.Error("what the user says does not count")
	}
}

func TestFlavors(t *testing.T) {
	t.Parallel()
	const plain = "apiVersion: v1\nkind: Namespace\nmetadata: {name: plain}"
	s := parse(t, complete+"\n---\n"+strings.ReplaceAll(native, "lab", "own")+"\n---\n"+plain)
	for namespace, want := range map[string]workspace.Flavor{
		"lab": workspace.Kubeflow, "own": workspace.Native, "plain": workspace.Native, "not-there": workspace.Kubeflow,
	} {
		if got := s.FlavorOf(namespace); got != want {
			t.Errorf("%s: %s, want %s", namespace, got, want)
		}
	}
	// Who can't read profiles sees a namespace without any sign of Kubeflow, or one with an owner of ours.
	s.Inventory.Gaps = []rbac.Gap{missing("profiles")}
	if got := s.FlavorOf("plain"); got != workspace.Native {
		t.Errorf("plain, without profiles: %s", got)
	}
	s = parse(t, native, "kind: Namespace")
	if got := s.FlavorOf("lab"); got != workspace.Native {
		t.Errorf("native, without its namespace: %s", got)
	}
	if got := workspace.DetectFlavor(&inventory.Inventory{}); got != workspace.Native {
		t.Errorf("nothing at all: %s", got)
	}
}
