package workspace_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// complete is a profile as its controller leaves it, but for what a case takes away.
const complete = `
apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: lab, finalizers: [profile-finalizer], uid: "1"}
spec: {owner: {kind: User, name: ann@example.com}, resourceQuotaSpec: {hard: {cpu: "2"}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab, annotations: {owner: ann@example.com}, labels: {app.kubernetes.io/part-of: kubeflow-profile}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default-editor, namespace: lab}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default-viewer, namespace: lab}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: default-editor, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-edit}
subjects: [{kind: ServiceAccount, name: default-editor, namespace: lab}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: default-viewer, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-view}
subjects: [{kind: ServiceAccount, name: default-viewer, namespace: lab}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: namespaceAdmin, namespace: lab, annotations: {user: ann@example.com, role: admin}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@example.com}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: ns-owner-access-istio, namespace: lab, annotations: {user: ann@example.com, role: admin}}
spec: {rules: [{when: [{key: "request.headers[kubeflow-userid]", values: [ann@example.com]}]}]}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: kf-resource-quota, namespace: lab}
spec: {hard: {cpu: "2"}}
`

const native = `
apiVersion: v1
kind: Namespace
metadata: {name: lab, labels: {gatehouse.dev/profile: "true"}, annotations: {gatehouse.dev/owner: "user:ann@example.com"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: gatehouse-owner, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@example.com}]
`

// parse reads manifests out of a text, of which documents that hold one of the words are left out.
func parse(t *testing.T, manifests string, without ...string) *workspace.State {
	t.Helper()
	var docs []string
	for doc := range strings.SplitSeq(manifests, "\n---\n") {
		keep := true
		for _, word := range without {
			keep = keep && !strings.Contains(doc, word)
		}
		if keep {
			docs = append(docs, doc)
		}
	}
	options := source.FilesOptions{Stdin: strings.NewReader(strings.Join(docs, "\n---\n"))}
	inv, err := source.FileInventory(t.Context(), []string{"-"}, options, inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.ServiceAccounts,
	}})
	if err != nil {
		t.Fatal(err)
	}
	inv.Served[inventory.Profiles], inv.Served[inventory.Policies] = true, true
	return workspace.NewState(inv, workspace.Options{Now: now})
}

func TestStatus(t *testing.T) {
	t.Parallel()
	const unfinished = "finalizers: [profile-finalizer], "
	deleted := func(since time.Duration) string {
		return `metadata: {name: lab, deletionTimestamp: "` + now.Add(-since).Format(time.RFC3339) + `", `
	}
	tests := map[string]struct {
		manifests string
		without   []string
		want      workspace.Status
	}{
		"ready": {manifests: complete, want: workspace.Status{Phase: workspace.Ready}},
		"no namespace yet": {
			manifests: complete, without: []string{"kind: Namespace"},
			want: workspace.Status{Phase: workspace.Pending, Why: "its namespace has not been made yet"},
		},
		"not all yet": {
			manifests: strings.Replace(complete, unfinished, "", 1), without: []string{"kind: ResourceQuota", "ns-owner-access-istio"},
			want: workspace.Status{
				Phase: workspace.Pending, Why: "not made yet: authorizationpolicy ns-owner-access-istio, resourcequota kf-resource-quota",
			},
		},
		"something is gone": {
			manifests: complete, without: []string{"namespaceAdmin", "metadata: {name: default-viewer"},
			want: workspace.Status{
				Phase: workspace.Partial,
				Why:   "missing or wrong: rolebinding default-viewer, rolebinding namespaceAdmin, serviceaccount default-viewer",
			},
		},
		"another owner in the binding": {
			manifests: strings.Replace(complete, "subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann", "subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob", 1),
			want: workspace.Status{
				Phase: workspace.Partial, Why: "missing or wrong: rolebinding namespaceAdmin (does not name user:ann@example.com)",
			},
		},
		"another owner in the namespace": {
			manifests: strings.Replace(complete, "annotations: {owner: ann@", "annotations: {owner: Ann@", 1),
			want: workspace.Status{
				Phase: workspace.Conflict, Why: "its namespace belongs to Ann@example.com, not to ann@example.com: the controller leaves it alone",
			},
		},
		"a namespace that was there before": {
			manifests: strings.Replace(complete, "annotations: {owner: ann@example.com}, ", "", 1),
			want: workspace.Status{
				Phase: workspace.Conflict, Why: "a namespace of this name was there before, and is not owned: the controller leaves it alone",
			},
		},
		"being deleted": {
			manifests: strings.Replace(complete, "metadata: {name: lab, ", deleted(time.Minute), 1),
			want:      workspace.Status{Phase: workspace.Terminating, Why: "it is being deleted"},
		},
		"being deleted for long": {
			manifests: strings.Replace(complete, "metadata: {name: lab, ", deleted(time.Hour), 1),
			want: workspace.Status{
				Phase: workspace.Stuck, Why: "it is being deleted since 2026-11-22T11:00:00Z; it waits for profile-finalizer",
			},
		},
		"being deleted in conflict": {
			manifests: strings.Replace(strings.Replace(complete, "metadata: {name: lab, ", deleted(time.Minute), 1),
				"annotations: {owner: ann@", "annotations: {owner: bob@", 1),
			want: workspace.Status{
				Phase: workspace.Stuck,
				Why:   "it is being deleted, but its namespace belongs to bob@example.com, not to ann@example.com: the controller leaves it alone",
			},
		},
		"native": {manifests: native, want: workspace.Status{Phase: workspace.Ready}},
		"native without binding": {
			manifests: native, without: []string{"kind: RoleBinding"},
			want: workspace.Status{Phase: workspace.Partial, Why: "its owner user:ann@example.com does not hold the role admin"},
		},
		"native by hand": {
			manifests: strings.Replace(native, "name: gatehouse-owner", "name: the-boss", 1),
			want:      workspace.Status{Phase: workspace.Ready},
		},
		"native of another owner": {
			manifests: strings.Replace(native, "user:ann", "user:bob", 1),
			want: workspace.Status{
				Phase: workspace.Partial, Why: "missing or wrong: rolebinding gatehouse-owner (does not name user:bob@example.com)",
			},
		},
		"native without owner": {
			manifests: strings.Replace(native, `annotations: {gatehouse.dev/owner: "user:ann@example.com"}`, "annotations: {}", 1),
			without:   []string{"kind: RoleBinding"},
			want:      workspace.Status{Phase: workspace.Partial, Why: "it has no owner"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ok := parse(t, test.manifests, test.without...).Workspace("lab")
			if !ok {
				t.Fatal("there is no workspace")
			}
			if diff := cmp.Diff(test.want, w.Status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWorkspacesOfAcme(t *testing.T) {
	t.Parallel()
	var got []string
	for _, w := range acme(t).Workspaces() {
		got = append(got, w.Name+" "+string(w.Flavor)+" "+w.Owner.String())
	}
	want := []string{
		"catalog native user:erin@acme.example", "checkout native user:carol@acme.example",
		"data-lake native user:rita@acme.example", "payments native user:carol@acme.example",
		"research native user:sven@acme.example", "team-nlp kubeflow user:nina@acme.example",
		"team-vision kubeflow user:dana@acme.example",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
}

// A gap that does not concern the namespace does not make its status unknown, and one that does has nothing missing.
func TestStatusOfOwnNamespace(t *testing.T) {
	t.Parallel()
	unknown := workspace.Status{Phase: workspace.Unknown, Why: "role bindings cannot be read"}
	tests := map[string]struct {
		manifests string
		gap       string
		want      workspace.Status
	}{
		"elsewhere":         {native, "rolebindings outside of namespace lab", workspace.Status{Phase: workspace.Ready}},
		"here":              {native, "rolebindings outside of namespace other", unknown},
		"everywhere":        {native, "rolebindings in all namespaces", unknown},
		"owner's name":      {native, "annotations of namespaces", workspace.Status{Phase: workspace.Unknown, Why: "the annotation that names its owner was not read"}},
		"profile, all read": {complete, "rolebindings outside of namespace lab", workspace.Status{Phase: workspace.Ready}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := parse(t, tt.manifests)
			s.Inventory.Gaps = []rbac.Gap{{What: tt.gap, Cause: "forbidden"}}
			w, _ := s.Workspace("lab")
			if diff := cmp.Diff(tt.want, w.Status); diff != "" {
				t.Errorf("status (-want +got):\n%s", diff)
			}
		})
	}
}

// Time changes what is said of a deletion, and no members: these are not read again.
func TestStateAt(t *testing.T) {
	t.Parallel()
	deleted := strings.Replace(complete, "metadata: {name: lab, ", `metadata: {name: lab, deletionTimestamp: "`+now.Format(time.RFC3339)+`", `, 1)
	s := parse(t, deleted)
	before, _ := s.Workspace("lab")
	s.Inventory.RoleBindings = nil
	after, _ := s.At(now.Add(time.Hour)).Workspace("lab")
	if before.Status.Phase != workspace.Terminating || after.Status.Phase != workspace.Stuck {
		t.Errorf("%s, an hour later %s", before.Status.Phase, after.Status.Phase)
	}
	if diff := cmp.Diff(len(before.Members), len(after.Members)); diff != "" || len(before.Members) == 0 {
		t.Errorf("members (-before +after):\n%s", diff)
	}
}

// Who may read neither profiles nor namespaces still sees where he is.
func TestWorkspacesWithoutRights(t *testing.T) {
	t.Parallel()
	s := parse(t, complete, "kind: Profile", "kind: Namespace")
	s.Inventory.Gaps = []rbac.Gap{missing("profiles"), missing("namespaces")}
	all := s.Workspaces()
	if len(all) != 1 || all[0].Name != "lab" || all[0].Flavor != workspace.Kubeflow || all[0].Owner != rbac.User("ann@example.com") {
		t.Fatalf("got %+v, want lab of ann@example.com", all)
	}
	want := workspace.Status{Phase: workspace.Unknown, Why: "namespaces cannot be read"}
	if diff := cmp.Diff(want, all[0].Status); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}
