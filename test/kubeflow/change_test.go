package kubeflow_test

import (
	"context"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

const heir = "heir@x.com"

// deleteProfile deletes the profile as kubectl does.
func (p *place) deleteProfile() {
	p.Helper()
	background := metav1.DeletePropagationBackground
	err := server.dynamic.Resource(profiles).Delete(p.Context(), p.name, metav1.DeleteOptions{PropagationPolicy: &background})
	if err != nil {
		p.Fatal(err)
	}
}

// lists returns for which users kfam shows anybody as admin of the profile.
func (p *place) lists(user string) []string {
	p.Helper()
	entries, err := p.kfam.List(p.Context(), kubeflow.Query{User: user, Namespace: p.name, Role: "admin"})
	if err != nil {
		p.Fatal(err)
	}
	var out []string
	for _, b := range entries.Bindings {
		out = append(out, b.User.Name)
	}
	return out
}

func annotationsOf(object *unstructured.Unstructured) string { return object.GetAnnotations()["user"] }

// TestOwnerChange changes the owner of the profile only: the controller stops, for good and for the deletion too.
func TestOwnerChange(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "owner-change", "2.0", "")
	before := written(p.mine(bindings, facts.OwnerBinding))
	p.patch(profiles, "", p.name, "{spec: {owner: {kind: User, name: "+heir+"}}}")
	p.delete(bindings, facts.ViewerAccount)
	p.reconcile()
	same(t, "owner's role binding", before, written(p.mine(bindings, facts.OwnerBinding)))
	same(t, "role bindings", []string{"default-editor", "namespaceAdmin"}, p.names(bindings))

	p.deleteProfile()
	p.reconcile()
	if profile := p.profile(); profile == nil || profile.GetDeletionTimestamp() == nil {
		t.Fatal("the deletion is not stuck")
	}
	p.patch(namespaces, "", p.name, "{metadata: {annotations: {owner: "+heir+"}}}")
	p.reconcile()
	if p.profile() != nil {
		t.Error("the deletion is stuck although the annotation was put right")
	}
}

// TestOwnerChangeWithAnnotation changes the namespace too: rights move, annotations stay, so that kfam shows the old owner.
func TestOwnerChangeWithAnnotation(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "owner-change-both", "2.0", "")
	p.patch(profiles, "", p.name, "{spec: {owner: {kind: User, name: "+heir+"}}}")
	p.patch(namespaces, "", p.name, "{metadata: {annotations: {owner: "+heir+"}}}")
	p.reconcile()
	profile := p.facts()
	binding, policy := p.mine(bindings, facts.OwnerBinding), p.mine(policies, facts.OwnerPolicy)
	same(t, "annotation of the binding", owner, annotationsOf(binding))
	same(t, "annotation of the policy", owner, annotationsOf(policy))
	for _, o := range []*unstructured.Unstructured{binding, policy} {
		o.SetAnnotations(map[string]string{"user": heir, "role": "admin"})
	}
	equal(t, binding, facts.OwnerRoleBinding(profile))
	equal(t, policy, facts.OwnerPolicyObject(profile, facts.DefaultConfig()))
	same(t, "shown to the old owner", []string{heir}, p.lists(owner))
	same(t, "shown to the new owner", nobody, p.lists(heir))

	p.delete(bindings, facts.OwnerBinding)
	p.delete(policies, facts.OwnerPolicy)
	p.reconcile()
	equal(t, p.mine(bindings, facts.OwnerBinding), facts.OwnerRoleBinding(profile))
	equal(t, p.mine(policies, facts.OwnerPolicy), facts.OwnerPolicyObject(profile, facts.DefaultConfig()))
	same(t, "shown to the new owner, made anew", []string{heir}, p.lists(heir))
}

// TestDrift changes by hand what the controller made. It repairs content, never annotations, and never what is not its own.
func TestDrift(t *testing.T) {
	t.Parallel()
	const katib = "katib.kubeflow.org/metrics-collector-injection"
	p := newProfile(t, "drift", "2.0", "")
	profile := p.facts()
	p.patch(bindings, p.name, facts.OwnerBinding, `
metadata: {annotations: {user: eve@x.com, gatehouse.dev/expires: "2030-01-01T00:00:00Z"}, labels: {a: b}}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: `+owner+`}, {apiGroup: rbac.authorization.k8s.io, kind: User, name: eve@x.com}]`)
	p.patch(bindings, p.name, facts.EditorAccount, "{subjects: []}")
	p.patch(policies, p.name, facts.OwnerPolicy, "{metadata: {annotations: {role: view}}, spec: {action: DENY, rules: []}}")
	p.patch(namespaces, "", p.name, `{metadata: {labels: {`+facts.PipelinesLabel+`: null, `+katib+`: "off", istio-injection: null, own: label}}}`)
	p.reconcile()

	binding := p.mine(bindings, facts.OwnerBinding)
	same(t, "annotations of the binding", map[string]string{
		"user": "eve@x.com", "role": "admin", "gatehouse.dev/expires": "2030-01-01T00:00:00Z",
	}, binding.GetAnnotations())
	same(t, "labels of the binding", map[string]string{"a": "b"}, binding.GetLabels())
	binding.SetAnnotations(map[string]string{"user": owner, "role": "admin"})
	binding.SetLabels(nil)
	equal(t, binding, facts.OwnerRoleBinding(profile))
	equal(t, p.mine(bindings, facts.EditorAccount), facts.AccountBinding(profile, facts.EditorAccount))
	policy := p.mine(policies, facts.OwnerPolicy)
	same(t, "annotations of the policy", map[string]string{"user": owner, "role": "view"}, policy.GetAnnotations())
	same(t, "the policy is current", true, facts.IsOwnerPolicySpecCurrent(policy, owner, facts.DefaultConfig()))
	same(t, "labels", map[string]string{
		katib: "off", facts.PipelinesLabel: "true", facts.ServingLabel: "enabled", facts.PartOfLabel: facts.PartOfProfile,
		"own": "label", "kubernetes.io/metadata.name": p.name,
	}, p.read(namespaces, "", p.name).GetLabels())

	p.patch(policies, p.name, facts.OwnerPolicy, "{spec: {action: ALLOW}}")
	before := p.mine(policies, facts.OwnerPolicy).GetResourceVersion()
	p.reconcile()
	same(t, "version of the policy with an explicit action", before, p.mine(policies, facts.OwnerPolicy).GetResourceVersion())
}

// TestOtherRole puts a binding of another role in the controller's place: roles of bindings can't be changed, so that it
// fails on it each time.
func TestOtherRole(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "other-role", "2.0", "")
	p.delete(bindings, facts.OwnerBinding)
	p.write(bindings, `
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: namespaceAdmin, namespace: other-role},
 roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}, subjects: []}`)
	err := p.controller.Reconcile(t.Context(), p.name)
	if err == nil || !strings.Contains(err.Error(), "cannot change roleRef") {
		t.Errorf("error: %v", err)
	}
}

// TestRun lets the controller work by itself: it notices what it watches, the end of the namespace included. No other test
// runs meanwhile, since it looks after every profile.
func TestRun(t *testing.T) {
	p := newPlace(t, "running", "2.0")
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- kubeflow.Run(ctx, server.config) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	p.create("User", "resourceQuotaSpec: {hard: {pods: 3}}")
	p.eventually("the finalizer", func() bool { return len(p.profile().GetFinalizers()) == 1 })
	first := p.read(namespaces, "", p.name).GetUID()
	if err := p.kfam.Create(t.Context(), owner, kubeflow.NewBinding(p.name, "User", "bob@x.com", "edit")); err != nil {
		t.Fatal(err)
	}
	p.patch(policies, p.name, facts.OwnerPolicy, "{spec: {rules: []}}")
	p.eventually("the policy is put right", func() bool {
		return facts.IsOwnerPolicySpecCurrent(p.mine(policies, facts.OwnerPolicy), owner, facts.DefaultConfig())
	})
	if err := server.kube.CoreV1().Namespaces().Delete(t.Context(), p.name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	p.eventually("the namespace is there again", func() bool {
		ns := p.read(namespaces, "", p.name)
		return ns != nil && ns.GetUID() != first && p.read(bindings, p.name, facts.OwnerBinding) != nil && p.read(quotas, p.name, facts.Quota) != nil
	})
	same(t, "role bindings", []string{"default-editor", "default-viewer", "namespaceAdmin"}, p.names(bindings))

	p.deleteProfile()
	p.eventually("the profile goes", func() bool { return p.profile() == nil })
	p.eventually("the namespace goes with it", func() bool { return p.read(namespaces, "", p.name) == nil })
}
