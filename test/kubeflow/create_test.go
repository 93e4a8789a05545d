package kubeflow_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// TestGoldenCreate makes profiles and compares all that there is then with what pkg/kubeflow says there should be.
func TestGoldenCreate(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		release, spec string
		config        facts.Config
	}{
		"golden-newest": {"2.0", "plugins: []", facts.DefaultConfig()},
		"golden-quota":  {"1.10", `resourceQuotaSpec: {hard: {cpu: "2", memory: 2Gi, requests.nvidia.com/gpu: "1"}}`, facts.DefaultConfig()},
		"golden-old":    {"1.7", "resourceQuotaSpec: {}", facts.DefaultConfig().WithoutPrincipals()},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newProfile(t, name, tt.release, tt.spec)
			p.reconcile() // once more, as after each change of its own
			profile := p.facts()
			want := map[string][]string{}
			for _, object := range facts.ControllerObjects(profile, tt.config) {
				meta := object.(metav1.Object)
				kind := object.GetObjectKind().GroupVersionKind().Kind
				want[kind] = append(want[kind], meta.GetName())
				equal(t, p.read(resources[kind], meta.GetNamespace(), meta.GetName()), object)
			}
			same(t, "role bindings", want["RoleBinding"], p.names(bindings))
			same(t, "policies", want["AuthorizationPolicy"], p.names(policies))
			same(t, "quotas", want["ResourceQuota"], p.names(quotas))
			if !facts.IsOwnerPolicySpecCurrent(p.mine(policies, facts.OwnerPolicy), owner, tt.config) {
				t.Error("the owner's policy is taken for another one")
			}
			same(t, "finalizers", []string{facts.Finalizer}, profile.Finalizers)
			_, explicit, _ := unstructured.NestedMap(p.profile().Object, "spec", "resourceQuotaSpec")
			same(t, "explicit resourceQuotaSpec", true, explicit)
		})
	}
}

// TestConfigFromStored reads the configuration back that the controller had.
func TestConfigFromStored(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "config-read", "2.0", "")
	want := facts.DefaultConfig()
	want.Source = "authorizationpolicy config-read/ns-owner-access-istio"
	got, ok := facts.ConfigFromOwnerPolicy(p.mine(policies, facts.OwnerPolicy))
	same(t, "found", true, ok)
	same(t, "configuration", want, got)
}

// TestGroupOwner holds down that a group can own a profile, in Kubernetes' eyes, and is a user's name to Istio.
func TestGroupOwner(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "group-owner", "2.0")
	p.create("Group", "")
	p.reconcile()
	profile := p.facts()
	equal(t, p.mine(bindings, facts.OwnerBinding), facts.OwnerRoleBinding(profile))
	equal(t, p.mine(policies, facts.OwnerPolicy), facts.OwnerPolicyObject(profile, facts.DefaultConfig()))
}

// TestConflict has the namespace belong to somebody else: nothing happens, and nothing says so.
func TestConflict(t *testing.T) {
	t.Parallel()
	for name, annotations := range map[string]string{"conflict-nobody": "", "conflict-other": "owner: eve@x.com", "conflict-case": "owner: Daniel@x.com"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, name, "2.0")
			p.write(namespaces, "{apiVersion: v1, kind: Namespace, metadata: {name: "+name+", annotations: {"+annotations+"}}}")
			before := written(p.read(namespaces, "", name))
			p.create("User", "")
			p.reconcile()
			profile := p.profile()
			same(t, "namespace", before, written(p.read(namespaces, "", name)))
			same(t, "role bindings", nobody, p.names(bindings))
			same(t, "policies", nobody, p.names(policies))
			same(t, "finalizers", nobody, profile.GetFinalizers())
			_, conditions, _ := unstructured.NestedSlice(profile.Object, "status", "conditions")
			same(t, "conditions stored", false, conditions)
			same(t, "spec", map[string]any{
				"owner": map[string]any{"kind": "User", "name": owner}, "resourceQuotaSpec": map[string]any{},
			}, profile.Object["spec"])
		})
	}
}

// nobody is a list without names.
var nobody []string

// TestAdoption has the namespace carry the owner's annotation already: all is made but the label for sidecars and the
// reference by which the namespace would go with the profile.
func TestAdoption(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "adopted", "2.0")
	p.write(namespaces, "{apiVersion: v1, kind: Namespace, metadata: {name: adopted, annotations: {owner: "+owner+"}}}")
	p.create("User", "resourceQuotaSpec: {hard: {pods: 3}}")
	p.reconcile()
	profile := p.facts()
	ns := p.read(namespaces, "", "adopted")
	same(t, "owner references", 0, len(ns.GetOwnerReferences()))
	labels := facts.DefaultNamespaceLabels()
	labels["kubernetes.io/metadata.name"] = "adopted"
	same(t, "labels", labels, ns.GetLabels())
	for _, object := range facts.ControllerObjects(profile, facts.DefaultConfig())[1:] {
		equal(t, p.mine(resources[object.GetObjectKind().GroupVersionKind().Kind], object.(metav1.Object).GetName()), object)
	}

	p.deleteProfile()
	p.reconcile()
	p.eventually("the controller's objects go", func() bool { return len(p.names(bindings))+len(p.names(policies))+len(p.names(quotas)) == 0 })
	if ns := p.read(namespaces, "", "adopted"); ns == nil || ns.GetDeletionTimestamp() != nil {
		t.Error("the namespace went too")
	}
}
