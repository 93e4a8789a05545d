package kubeflow_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

func (p *place) writeQuota(hard string) {
	p.Helper()
	p.write(quotas, "{apiVersion: v1, kind: ResourceQuota, metadata: {name: kf-resource-quota, namespace: "+p.name+"}, spec: {hard: {"+hard+"}}}")
}

func TestQuota(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "quota", "2.0", `resourceQuotaSpec: {hard: {cpu: "2"}}`)
	set := func(what, spec string, want []string) {
		t.Helper()
		p.patch(profiles, "", p.name, "{spec: {resourceQuotaSpec: "+spec+"}}")
		p.reconcile()
		same(t, what, want, p.names(quotas))
		if quota := facts.QuotaObject(p.facts()); quota != nil {
			equal(t, p.mine(quotas, facts.Quota), quota)
		}
	}
	there := []string{"kf-resource-quota"}
	set("raised", `{hard: {cpu: "4", memory: 1Gi}}`, there)
	set("other limits", `{hard: {cpu: null, memory: null, pods: 5}}`, there)
	p.patch(quotas, p.name, facts.Quota, `{spec: {hard: {pods: "9"}}}`)
	p.reconcile()
	equal(t, p.mine(quotas, facts.Quota), facts.QuotaObject(p.facts()))
	set("scopes only", "{hard: null, scopes: [BestEffort]}", nobody)
	p.writeQuota(`pods: "1"`)
	set("somebody's of the same name", "{scopes: null}", nobody)
}

// TestQuotaScopes changes the scopes of a quota, which no server allows: the controller fails on it each time.
func TestQuotaScopes(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "quota-scopes", "2.0", "resourceQuotaSpec: {hard: {pods: 3}}")
	p.patch(profiles, "", p.name, "{spec: {resourceQuotaSpec: {scopes: [BestEffort]}}}")
	err := p.controller.Reconcile(t.Context(), p.name)
	if err == nil || !strings.Contains(err.Error(), "immutable") {
		t.Errorf("error: %v", err)
	}
}

// TestQuotaStays holds down that releases up to 1.6 never take a quota away.
func TestQuotaStays(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "quota-stays", "1.6", `resourceQuotaSpec: {hard: {cpu: "2"}}`)
	p.patch(profiles, "", p.name, "{spec: {resourceQuotaSpec: {hard: null}}}")
	p.reconcile()
	same(t, "quotas", []string{"kf-resource-quota"}, p.names(quotas))
}

// TestUnknownResource sets a limit that no server takes: everything behind the quota is left undone.
func TestUnknownResource(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "quota-refused", "2.0")
	p.create("User", `resourceQuotaSpec: {hard: {gpus: "2"}}`)
	err := p.controller.Reconcile(t.Context(), p.name)
	if err == nil || !strings.Contains(err.Error(), "must be a standard resource for quota") {
		t.Errorf("error: %v", err)
	}
	same(t, "role bindings", []string{"default-editor", "default-viewer", "namespaceAdmin"}, p.names(bindings))
	same(t, "finalizers", nobody, p.profile().GetFinalizers())
}

func TestPlugins(t *testing.T) {
	t.Parallel()
	google := func(name string) string {
		return "plugins: [{kind: WorkloadIdentity, spec: {gcpServiceAccount: " + name + "}}, {kind: Unheard}]"
	}
	tests := map[string]struct {
		spec, refused     string
		annotations, left map[string]string
	}{
		"plugin-gcp": {
			spec:        google("kf@p.iam.gserviceaccount.com"),
			annotations: map[string]string{facts.GCPAnnotation: "kf@p.iam.gserviceaccount.com"},
			left:        map[string]string{facts.GCPAnnotation: "kf@p.iam.gserviceaccount.com"},
		},
		"plugin-gcp-short": {
			spec: google("short"), refused: "panic: slice bounds out of range [:-19]",
			annotations: map[string]string{facts.GCPAnnotation: "short"},
		},
		"plugin-aws": {
			spec:        "plugins: [{kind: AwsIamForServiceAccount, spec: {awsIamRole: \"arn:aws:iam::1:role/kf\", annotateOnly: true}}]",
			annotations: map[string]string{facts.AWSAnnotation: "arn:aws:iam::1:role/kf"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, name, "2.0")
			p.create("User", tt.spec)
			err := p.controller.Reconcile(t.Context(), name)
			same(t, "annotations", tt.annotations, p.mine(accounts, facts.EditorAccount).GetAnnotations())
			for _, plugin := range p.facts().Plugins {
				if key, value := plugin.Annotation(); key != "" {
					same(t, "annotation of the plugin", value, tt.annotations[key])
				}
			}
			if tt.refused != "" {
				if err == nil || !strings.Contains(err.Error(), tt.refused) {
					t.Errorf("error: %v", err)
				}
				same(t, "finalizers", nobody, p.profile().GetFinalizers())
				if facts.CheckPlugin(p.facts().Plugins[0]) == nil {
					t.Error("the check does not see it")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			// Somebody else's finalizer keeps the namespace's objects until the end has been looked at.
			p.patch(profiles, "", name, "{metadata: {finalizers: [profile-finalizer, example.com/test]}}")
			p.deleteProfile()
			p.reconcile()
			same(t, "finalizers", []string{"example.com/test"}, p.profile().GetFinalizers())
			same(t, "annotations that are left", tt.left, p.mine(accounts, facts.EditorAccount).GetAnnotations())
			p.patch(profiles, "", name, "{metadata: {finalizers: null}}")
		})
	}
}

// TestDelete deletes a profile: its namespace goes with it, contributors and all.
func TestDelete(t *testing.T) {
	t.Parallel()
	p := newProfile(t, "deleted", "2.0", "")
	p.deleteProfile()
	if p.profile() == nil {
		t.Fatal("the finalizer does not hold the profile")
	}
	p.reconcile()
	if p.profile() != nil {
		t.Fatal("the profile is still there")
	}
	p.eventually("the namespace goes", func() bool { return p.read(namespaces, "", p.name) == nil })
	p.reconcile() // of nothing
	if _, err := server.kube.CoreV1().Namespaces().Get(t.Context(), p.name, metav1.GetOptions{}); err == nil {
		t.Error("the namespace is there again")
	}
}
