package profile_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/pkg/workspace/workspacetest"
)

// cleanWorkspace is a workspace of ann that nothing is wrong with.
func cleanWorkspace(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/judge/clean.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// judgeState reads what workspaces are judged by.
func judgeState(t *testing.T, w workspacetest.World, change func(*inventory.Inventory)) *workspace.State {
	t.Helper()
	return w.State(t, change, inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies,
		inventory.Quotas, inventory.ServiceAccounts, inventory.ServiceRoles, inventory.ServiceRoleBindings, inventory.Controller)
}

// without returns documents without those of a kind and name.
func without(text, kind, name string) string {
	var out []string
	for doc := range strings.SplitSeq(text, "\n---\n") {
		if !strings.Contains(doc, "kind: "+kind+"\n") || !strings.Contains(doc, "name: "+name) {
			out = append(out, doc)
		}
	}
	return strings.Join(out, "\n---\n")
}

// edit is a replacement in the clean workspace: old, new.
type edit [2]string

const controller = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: profiles-deployment, namespace: kubeflow}
spec:
  selector: {matchLabels: {a: b}}
  template:
    metadata: {labels: {a: b}}
    spec:
      containers:
      - name: manager
        image: x
        env:
        - {name: USERID_HEADER, value: kubeflow-userid}
        - {name: USERID_PREFIX, value: ""}
        volumeMounts:
        - {name: labels, mountPath: /etc/profile-controller}
      volumes:
      - {name: labels, configMap: {name: namespace-labels-data-x}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: namespace-labels-data-x, namespace: kubeflow}
data:
  namespace-labels.yaml: |
    app.kubernetes.io/part-of: kubeflow-profile
    old-label: ""
    team: science
    zone: eu
`

func TestJudge(t *testing.T) {
	t.Parallel()
	const (
		ns     = "namespace team-a"
		spec   = "profile team-a"
		admin  = "rolebinding team-a/namespaceAdmin"
		access = "authorizationpolicy team-a/ns-owner-access-istio"
		quota  = "resourcequota team-a/kf-resource-quota"
	)
	tests := map[string]struct {
		edits   []edit
		missing [][2]string // kind, name
		more    string
		// want are the findings, left what remains after three rounds of repair.
		want, left []string
	}{
		"clean": {},
		"KF001 another owner": {
			edits: []edit{{"annotations: {owner: ann@x.com}", "annotations: {owner: bob@x.com}"}},
			want:  []string{"KF001 | error | " + ns + " | fix | its annotation owner names bob@x.com, and the profile ann@x.com"},
		},
		"KF001 half a transfer": {
			edits: []edit{{"kind: User, name: ann@x.com}\n  resourceQuotaSpec", "kind: User, name: new@x.com}\n  resourceQuotaSpec"}},
			want:  []string{"KF001 | error | " + ns + " | fix | its annotation owner names ann@x.com, and the profile new@x.com"},
		},
		"KF001 somebody's namespace": {
			edits: []edit{
				{"  annotations: {owner: ann@x.com}\n", ""},
				{"  ownerReferences:\n  - {apiVersion: kubeflow.org/v1, kind: Profile, name: team-a, uid: uid-team-a, controller: true, blockOwnerDeletion: true}\n", ""},
			},
			missing: [][2]string{{"RoleBinding", "namespaceAdmin"}, {"ResourceQuota", "kf-resource-quota"}},
			want: []string{
				"KF001 | error | " + ns + " | - | it has no annotation owner, and the profile names ann@x.com",
			},
			left: []string{
				"KF001 | error | " + ns + " | - | it has no annotation owner, and the profile names ann@x.com",
			},
		},
		"KF005 pre-1.8": {
			edits: []edit{{`  - from:
    - source:
        principals:
        - cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account
        - cluster.local/ns/kubeflow/sa/ml-pipeline-ui
    when:`, "  - when:"}},
			want: []string{"KF005 | error | " + access + " | - | it names no principals, so that any pod can send the header"},
			left: []string{"KF005 | error | " + access + " | - | it names no principals, so that any pod can send the header"},
		},
		"KF005 pre-1.8, and another workspace of today": {
			edits: []edit{{`  - from:
    - source:
        principals:
        - cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account
        - cluster.local/ns/kubeflow/sa/ml-pipeline-ui
    when:`, "  - when:"}},
			want: []string{"KF005 | error | " + access + " | fix | it names no principals, so that any pod can send the header"},
			more: `apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: ns-owner-access-istio, namespace: team-b, annotations: {role: admin, user: bob@x.com}}
spec:
  rules:
  - from: [{source: {principals: [cluster.local/ns/gateways/sa/mine]}}]
    when: [{key: "request.headers[kubeflow-userid]", values: [bob@x.com]}]`,
		},
		"KF005 another user": {
			edits: []edit{{`kubeflow-userid]", values: [ann@x.com]`, `kubeflow-userid]", values: [eve@x.com]`}},
			want:  []string{"KF005 | error | " + access + " | fix | it lets eve@x.com in instead of ann@x.com"},
		},
		"KF006 the old owner": {
			edits: []edit{{"annotations: {role: admin, user: ann@x.com}", "annotations: {role: admin, user: old@x.com}"}},
			want:  []string{"KF006 | error | " + admin + " | fix | its annotation names old@x.com, but it is held by ann@x.com"},
		},
		"KF006 another role": {
			edits: []edit{{"name: kubeflow-admin", "name: kubeflow-edit"}},
			want:  []string{"KF006 | error | " + admin + " | fix | it gives clusterrole/kubeflow-edit instead of clusterrole/kubeflow-admin"},
		},
		"KF011 no label": {
			edits: []edit{{"    istio-injection: enabled\n", ""}},
			want: []string{
				"KF011 | error | " + ns + " | fix | no label makes Istio put its proxies into the pods, so that no AuthorizationPolicy is enforced",
			},
		},
		"KF011 switched off": {
			edits: []edit{{"istio-injection: enabled", "istio-injection: disabled"}},
			want: []string{
				"KF011 | error | " + ns + " | - | its label istio-injection=disabled keeps Istio's proxies out of the pods, so that no AuthorizationPolicy is enforced",
			},
			left: []string{
				"KF011 | error | " + ns + " | - | its label istio-injection=disabled keeps Istio's proxies out of the pods, so that no AuthorizationPolicy is enforced",
			},
		},
		"KF011 a revision": {edits: []edit{{"istio-injection: enabled", "istio.io/rev: canary"}}},
		"KF011 ambient":    {edits: []edit{{"istio-injection: enabled", "istio-injection: disabled\n    istio.io/dataplane-mode: ambient"}}},
		"KF012 none": {
			edits: []edit{{"uid: uid-team-a, controller: true", "uid: other, controller: false"}, {"kind: Profile, name: team-a, uid: other", "kind: Other, name: x, uid: other"}},
			want: []string{
				"KF012 | warning | " + ns + " | fix | it does not belong to its profile, so that deleting the profile leaves it behind",
			},
		},
		"KF012 an earlier one": {
			edits: []edit{{"uid: uid-team-a, controller", "uid: uid-earlier, controller"}},
			want:  []string{"KF012 | error | " + ns + " | fix | it belongs to an earlier profile of the same name, which is gone"},
		},
		"KF012 somebody else's": {
			edits: []edit{{"kind: Profile, name: team-a, uid: uid-team-a, controller", "kind: Tenant, name: a, uid: uid-tenant, controller"}},
			want: []string{
				"KF012 | warning | " + ns + " | - | it does not belong to its profile, so that deleting the profile leaves it behind",
			},
			left: []string{
				"KF012 | warning | " + ns + " | - | it does not belong to its profile, so that deleting the profile leaves it behind",
			},
		},
		"KF013": {
			more:  controller,
			edits: []edit{{"    istio-injection: enabled\n", "    istio-injection: enabled\n    old-label: x\n    zone: us\n"}},
			want: []string{
				"KF013 | warning | " + ns + " | fix | its label old-label is one that the controller takes away",
				"KF013 | warning | " + ns + " | fix | its label team=science is missing",
				"KF013 | info | " + ns + " | fix | its label zone is us, and eu in the controller's labels file",
			},
		},
		"KF014 another": {
			edits: []edit{{"kf-resource-quota, namespace: team-a}\nspec:\n  hard: {cpu: \"8\"", "kf-resource-quota, namespace: team-a}\nspec:\n  hard: {pods: \"5\", cpu: \"4\""}},
			want:  []string{"KF014 | warning | " + quota + " | fix | it is not what its profile says: cpu is 4 instead of 8, pods is limited to 5"},
		},
		"KF014 none in the profile": {
			edits: []edit{{"  resourceQuotaSpec:\n    hard: {cpu: \"8\", memory: 32Gi}\n", "  resourceQuotaSpec: {}\n"}},
			want:  []string{"KF014 | warning | " + quota + " | fix | it limits the workspace, but its profile has no quota"},
		},
		"KF014 scopes only": {
			edits:   []edit{{"    hard: {cpu: \"8\", memory: 32Gi}\n---", "    scopes: [BestEffort]\n---"}},
			missing: [][2]string{{"ResourceQuota", "kf-resource-quota"}},
			want:    []string{"KF014 | warning | " + spec + " | - | its quota has scopes but no limits, so that there is none"},
			left:    []string{"KF014 | warning | " + spec + " | - | its quota has scopes but no limits, so that there is none"},
		},
		"KF014 one more": {
			more: "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: extra, namespace: team-a}\nspec: {hard: {pods: \"5\"}}",
			want: []string{"KF014 | info | resourcequota team-a/extra | - | it limits the workspace beside the quota of the profile"},
			left: []string{"KF014 | info | resourcequota team-a/extra | - | it limits the workspace beside the quota of the profile"},
		},
		"KF015 no owner": {
			edits: []edit{{"  owner: {apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@x.com}\n", ""}},
			want:  []string{"KF015 | error | " + spec + " | - | it has no owner"},
			left:  []string{"KF015 | error | " + spec + " | - | it has no owner"},
		},
		"KF015 a group": {
			edits: []edit{{"kind: User, name: ann@x.com}", "kind: Group, name: ann@x.com}"}, {"kind: User, name: ann@x.com}\n---\napiVersion: security", "kind: Group, name: ann@x.com}\n---\napiVersion: security"}},
			want:  []string{"KF015 | error | " + spec + " | - | its owner is the group ann@x.com, and no user"},
			left:  []string{"KF015 | error | " + spec + " | - | its owner is the group ann@x.com, and no user"},
		},
		"KF015 a slip": {
			edits: []edit{{"kind: User, name: ann@x.com}\n  resourceQuotaSpec", "kind: user, name: ann@x.com}\n  resourceQuotaSpec"}},
			want: []string{
				"KF015 | error | " + spec + ` | fix | the kind of its owner is "user" instead of "User"`,
			},
		},
		"KF016 an unknown plugin": {
			edits: []edit{{"  resourceQuotaSpec:", "  plugins: [{kind: Vault, spec: {}}]\n  resourceQuotaSpec:"}},
			want: []string{
				"KF016 | info | " + spec + ` | - | plugin "Vault": the profile controller knows only WorkloadIdentity and AwsIamForServiceAccount, and skips others`,
			},
			left: []string{
				"KF016 | info | " + spec + ` | - | plugin "Vault": the profile controller knows only WorkloadIdentity and AwsIamForServiceAccount, and skips others`,
			},
		},
		"KF016 an account": {
			edits: []edit{{"  resourceQuotaSpec:", "  plugins: [{kind: WorkloadIdentity, spec: {gcpServiceAccount: a@b.iam.gserviceaccount.com}}]\n  resourceQuotaSpec:"}},
			want: []string{
				"KF016 | info | serviceaccount team-a/default-editor | fix | it lacks the annotation iam.gke.io/gcp-service-account, which should be a@b.iam.gserviceaccount.com",
			},
		},
		"KF016 stuck": {
			edits: []edit{
				{"  finalizers:", "  deletionTimestamp: \"2026-11-22T11:59:00Z\"\n  finalizers:"},
				{"annotations: {owner: ann@x.com}", "annotations: {owner: bob@x.com}"},
			},
			want: []string{
				"KF016 | error | " + spec + " | fix | it is being deleted, but its namespace belongs to bob@x.com, so that the controller leaves it alone",
			},
		},
		"KF016 stuck without a namespace": {
			edits:   []edit{{"  finalizers:", "  deletionTimestamp: \"2026-11-22T11:59:00Z\"\n  finalizers:"}},
			missing: [][2]string{{"Namespace", "team-a"}},
			want: []string{
				"KF016 | error | " + spec + " | fix | it is being deleted, and waits for Kubeflow's controller, but its namespace is gone",
			},
		},
		"KF016 on its way": {edits: []edit{{"  finalizers:", "  deletionTimestamp: \"2026-11-22T11:59:00Z\"\n  finalizers:"}}},
		"KF017 labelled": {
			more: "apiVersion: v1\nkind: Namespace\nmetadata: {name: left, labels: {app.kubernetes.io/part-of: kubeflow-profile}}",
			want: []string{"KF017 | warning | namespace left | - | it looks like the namespace of a profile, but there is no profile"},
			left: []string{"KF017 | warning | namespace left | - | it looks like the namespace of a profile, but there is no profile"},
		},
		"KF017 annotated only": {
			more: "apiVersion: v1\nkind: Namespace\nmetadata: {name: left, annotations: {owner: team-x}}",
			want: []string{"KF017 | info | namespace left | - | it has an annotation owner, as namespaces of profiles have, but there is no profile"},
			left: []string{"KF017 | info | namespace left | - | it has an annotation owner, as namespaces of profiles have, but there is no profile"},
		},
		"KF018": {
			more: "apiVersion: rbac.istio.io/v1alpha1\nkind: ServiceRole\nmetadata: {name: ns-access-istio, namespace: team-a}\nspec: {rules: [{services: [\"*\"]}]}\n---\n" +
				"apiVersion: rbac.istio.io/v1alpha1\nkind: ServiceRole\nmetadata: {name: of-somebody-else, namespace: team-a}\nspec: {rules: []}",
			want: []string{"KF018 | info | servicerole team-a/ns-access-istio | fix | it is left over from Kubeflow 1.2 or older"},
		},
		"KF020 accounts and bindings": {
			missing: [][2]string{{"ServiceAccount", "default-viewer"}, {"RoleBinding", "default-viewer"}, {"RoleBinding", "namespaceAdmin"}},
			want: []string{
				"KF020 | error | " + spec + " | fix | missing: serviceaccount default-viewer, rolebinding default-viewer, rolebinding namespaceAdmin",
			},
		},
		"KF020 held by another": {
			edits: []edit{{"kind: User, name: ann@x.com}\n---\napiVersion: security", "kind: User, name: eve@x.com}\n---\napiVersion: security"}},
			want:  []string{"KF020 | error | " + admin + " | fix | it is held by eve@x.com, and not by the owner ann@x.com"},
		},
		"GH002 nobody": {
			more: "apiVersion: v1\nkind: Namespace\nmetadata: {name: plain, labels: {gatehouse.dev/profile: \"true\"}}",
			want: []string{"GH002 | error | namespace plain | - | it is marked as a workspace, but its annotation gatehouse.dev/owner names nobody"},
			left: []string{"GH002 | error | namespace plain | - | it is marked as a workspace, but its annotation gatehouse.dev/owner names nobody"},
		},
		"GH002 no rights": {
			more: native(""),
			want: []string{"GH002 | error | namespace plain | fix | its owner user:ann@x.com holds no role admin in it"},
		},
		"GH002 by hand":       {more: native(nativeBinding("boss", "ann@x.com", "admin"))},
		"GH002 as it must be": {more: native(nativeBinding("gatehouse-owner", "ann@x.com", "admin"))},
		"GH002 another": {
			more: native(nativeBinding("gatehouse-owner", "bob@x.com", "admin")),
			want: []string{"GH002 | error | rolebinding plain/gatehouse-owner | fix | it is the owner's, but user:ann@x.com is not the only one who holds it, or not as admin"},
		},
		"GH002 another role": {
			more: native(nativeBinding("gatehouse-owner", "ann@x.com", "edit")),
			want: []string{"GH002 | error | rolebinding plain/gatehouse-owner | fix | it is the owner's, but user:ann@x.com is not the only one who holds it, or not as admin"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := cleanWorkspace(t)
			for _, m := range test.missing {
				text = without(text, m[0], m[1])
			}
			for _, e := range test.edits {
				if !strings.Contains(text, e[0]) {
					t.Fatalf("nothing to edit: %q", e[0])
				}
				text = strings.Replace(text, e[0], e[1], 1)
			}
			world := workspacetest.Parse(t, text, test.more)
			findings := profile.Judge(judgeState(t, world, nil))
			if diff := cmp.Diff(append([]string{}, test.want...), workspacetest.Lines(findings)); diff != "" {
				t.Fatalf("findings (-want +got):\n%s", diff)
			}
			for _, f := range findings {
				if f.Why == "" || strings.HasSuffix(f.Message, ".") {
					t.Errorf("%s: why %q, message %q", f.ID, f.Why, f.Message)
				}
			}
			for range 3 {
				if world.Repair(t, findings) == 0 {
					break
				}
				findings = profile.Judge(judgeState(t, world, nil))
			}
			if diff := cmp.Diff(append([]string{}, test.left...), workspacetest.Lines(findings)); diff != "" {
				t.Errorf("after the repair (-want +got):\n%s", diff)
			}
		})
	}
}

// native is a namespace that is a workspace of ann, with a role binding.
func native(binding string) string {
	return "apiVersion: v1\nkind: Namespace\nmetadata: {name: plain, labels: {gatehouse.dev/profile: \"true\"}, annotations: {gatehouse.dev/owner: ann@x.com}}\n---\n" + binding
}

func nativeBinding(name, user, role string) string {
	return "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: " + name + ", namespace: plain}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: " + role + "}\n" +
		"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: \"" + user + "\"}]"
}
