package profile_test

import (
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// amounts compares quantities by what they mean.
func amounts() cmp.Option {
	return cmp.Comparer(func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })
}

func list(pairs ...string) corev1.ResourceList {
	out := corev1.ResourceList{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[corev1.ResourceName(pairs[i])] = resource.MustParse(pairs[i+1])
	}
	return out
}

func TestParseSpecs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want []profile.Spec
	}{
		"two profiles in one file": {
			text: `
apiVersion: kubeflow.org/v1beta1
kind: Profile
metadata:
  name: daniel-namespace
spec:
  owner:
    kind: User
    name: daniel@example.com
  resourceQuotaSpec:
    hard:
      cpu: "2"
      memory: 2Gi
      requests.nvidia.com/gpu: "1"
      persistentvolumeclaims: "1"
      requests.storage: "5Gi"
---
apiVersion: kubeflow.org/v1
kind: Profile
metadata:
  name: bob-namespace
spec:
  owner: {kind: User, name: bob@example.com}
`,
			want: []profile.Spec{
				{
					Name: "daniel-namespace", Owner: user("daniel@example.com"), Line: 5,
					Quota: corev1.ResourceQuotaSpec{Hard: list("cpu", "2", "memory", "2Gi", "requests.nvidia.com/gpu", "1",
						"persistentvolumeclaims", "1", "requests.storage", "5Gi")},
				},
				{Name: "bob-namespace", Owner: user(bob), Line: 21},
			},
		},
		"as a server returns it": {
			text: `
{"apiVersion": "v1", "kind": "List", "metadata": {}, "items": [{
  "apiVersion": "kubeflow.org/v1", "kind": "Profile",
  "metadata": {"name": "a", "uid": "1", "resourceVersion": "7", "generation": 2, "creationTimestamp": "2026-01-01T00:00:00Z",
    "finalizers": ["profile-finalizer"], "managedFields": [], "labels": {"team": "x"},
    "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "note": "n"}},
  "spec": {"owner": {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "alice@example.com"},
    "resourceQuotaSpec": {}, "plugins": [{"kind": "AwsIamForServiceAccount", "spec": {"awsIamRole": "arn:aws:iam::1:role/x", "annotateOnly": true}}]},
  "status": {"conditions": []}}]}`,
			want: []profile.Spec{{
				Name: "a", Owner: user(alice), Line: 4, Quota: corev1.ResourceQuotaSpec{Hard: corev1.ResourceList{}},
				ProfileLabels: map[string]string{"team": "x"}, ProfileAnnotations: map[string]string{"note": "n"},
				Plugins: []kubeflow.Plugin{{Kind: "AwsIamForServiceAccount", Spec: map[string]any{"awsIamRole": "arn:aws:iam::1:role/x", "annotateOnly": true}}},
			}},
		},
		"short": {
			text: `
apiVersion: gatehouse.dev/v1alpha1
kind: Profiles
profiles:
- &base
  name: shop
  owner: group:shop-leads
  quota: {cpu: 2, requests.cpu: 0.5, memory: 4Gi}
  labels: {team: shop}
  annotations: {contact: "#shop"}
  limitRange: true
  defaultDeny: true
  serviceAccounts: true
  members:
  - {subject: bob@example.com, role: editor, expires: 2027-01-31}
  - {subject: group:all, role: view, http: false}
  - {name: carol@example.com, role: contributor, expires: 2027-01-31T18:00:00+01:00}
  - {kind: ServiceAccount, namespace: ci, name: deployer, roleRef: role/deploy}
- <<: *base
  name: shop-two
  members: []
`,
			want: []profile.Spec{
				{
					Name: "shop", Owner: rbac.Group("shop-leads"), Line: 5,
					Quota:  corev1.ResourceQuotaSpec{Hard: list("cpu", "2", "requests.cpu", "500m", "memory", "4Gi")},
					Labels: map[string]string{"team": "shop"}, Annotations: map[string]string{"contact": "#shop"},
					LimitRange: true, DefaultDeny: true, ServiceAccounts: true,
					Members: []profile.MemberSpec{
						{Subject: user(bob), Role: workspace.Editor, Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Line: 15},
						{Subject: rbac.Group("all"), Role: workspace.Viewer, NoHTTP: true, Line: 16},
						{Subject: user(carol), Role: workspace.Editor, Expires: time.Date(2027, 1, 31, 17, 0, 0, 0, time.UTC), Line: 17},
						{
							Subject: rbac.ServiceAccount("ci", "deployer"), Line: 18,
							RoleRef: &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "deploy"},
						},
					},
				},
				{
					Name: "shop-two", Owner: rbac.Group("shop-leads"), Line: 19,
					Quota:  corev1.ResourceQuotaSpec{Hard: list("cpu", "2", "requests.cpu", "500m", "memory", "4Gi")},
					Labels: map[string]string{"team": "shop"}, Annotations: map[string]string{"contact": "#shop"},
					Members: []profile.MemberSpec{}, LimitRange: true, DefaultDeny: true, ServiceAccounts: true,
				},
			},
		},
		"github profiles automator": {
			text: `
profiles:
- name: ml-engineers
  owner:
    kind: User
    name: ml@example.com
  resources:
    hard:
      limits.cpu: "1"
    scopes: [NotTerminating]
    scopeSelector: {matchExpressions: [{operator: In, scopeName: PriorityClass, values: [low]}]}
  contributors:
  - name: kimonas@example.com
    role: admin
`,
			want: []profile.Spec{{
				Name: "ml-engineers", Owner: user("ml@example.com"), Line: 3,
				Quota: corev1.ResourceQuotaSpec{
					Hard: list("limits.cpu", "1"), Scopes: []corev1.ResourceQuotaScope{"NotTerminating"},
					ScopeSelector: &corev1.ScopeSelector{MatchExpressions: []corev1.ScopedResourceSelectorRequirement{
						{Operator: "In", ScopeName: "PriorityClass", Values: []string{"low"}},
					}},
				},
				Members: []profile.MemberSpec{{Subject: user("kimonas@example.com"), Role: workspace.Owner, Line: 13}},
			}},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := profile.ParseSpecs(strings.NewReader(tc.text), "f.yaml")
			if err != nil {
				t.Fatalf("ParseSpecs: %v", err)
			}
			if diff := cmp.Diff(tc.want, got, amounts()); diff != "" {
				t.Errorf("specs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseSpecsErrors(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: kubeflow.org/v1\nkind: Profile\n"
	tests := map[string]struct{ text, want string }{
		"upper case": {
			head + "metadata: {name: danielNamespace}\nspec: {owner: {kind: User, name: d@x.com}}",
			`f.yaml:3: profile: name "danielNamespace": it names a namespace too, and is no DNS label: want at most 63 lower-case letters, digits and "-", with a letter or digit at both ends; did you mean daniel-namespace?`,
		},
		"unknown fields": {
			head + "metadata: {name: a}\nspec:\n  owner: {kind: User, name: d@x.com}\n  resourceQuota: {}\n  contributors: []\n",
			"f.yaml:6: spec: unknown field \"resourceQuota\"; did you mean resourceQuotaSpec?\n" +
				"f.yaml:7: spec: unknown field \"contributors\"; want one of owner, resourceQuotaSpec, plugins",
		},
		"no owner":     {head + "metadata: {name: a}", `f.yaml:3: profile "a": the owner is missing`},
		"no name":      {head + "spec: {owner: {name: a}}", "f.yaml:1: profile: the name is missing"},
		"owner kind":   {head + "metadata: {name: a}\nspec: {owner: {kind: Team, name: x}}", `f.yaml:4: owner: kind "Team" is nobody: want User, Group, or ServiceAccount with a namespace`},
		"old version":  {"apiVersion: kubeflow.org/v1alpha1\nkind: Profile", `f.yaml:1: apiVersion "kubeflow.org/v1alpha1" is not known: want kubeflow.org/v1`},
		"other kind":   {"apiVersion: v1\nkind: Pod", `f.yaml:1: kind "Pod" (v1) describes no workspace: want Profile (kubeflow.org/v1), or a list under "profiles"`},
		"no version":   {"kind: Profile", `f.yaml:1: Profile: apiVersion is "": want kubeflow.org/v1`},
		"empty":        {"\n---\n", "f.yaml: it describes no workspace"},
		"no mapping":   {"- a", "f.yaml:1: want a mapping, not a list"},
		"bad YAML":     {"a: [", "f.yaml:1: did not find expected node content"},
		"twice":        {"profiles:\n- {name: a, owner: x}\n- {name: a, owner: y}\n", `f.yaml:3: profile "a": it is there twice, first on line 2`},
		"key twice":    {"profiles:\n- {name: a, owner: x, name: b}\n", `f.yaml:2: profile: "name" is there twice, first on line 2`},
		"quota twice":  {"profiles:\n- {name: a, owner: x, quota: {cpu: 1}, resources: {hard: {cpu: 1}}}\n", `f.yaml:2: profile "a": want either quota or resources`},
		"quota name":   {"profiles:\n- {name: a, owner: x, quota: {gpu: 1, cpus: 2}}\n", "f.yaml:2: quota: resource \"gpu\": a quota cannot limit it; did you mean requests.nvidia.com/gpu?\nf.yaml:2: quota: resource \"cpus\": a quota cannot limit it; did you mean cpu?"},
		"quota amount": {"profiles:\n- {name: a, owner: x, quota: {memory: 2GB, pods: 1.5, cpu: -1, secrets: [1]}}\n", "f.yaml:2: quota: resource \"memory\": \"2GB\" is no quantity; did you mean 2Gi or 2G?\nf.yaml:2: quota: resource \"pods\": 1.5 is no whole number\nf.yaml:2: quota: resource \"cpu\": -1 is less than nothing\nf.yaml:2: quota: resource \"secrets\": want a quantity, not a list"},
		"scopes only":  {head + "metadata: {name: a}\nspec: {owner: {name: x}, resourceQuotaSpec: {scopes: [BestEffort]}}", "f.yaml:3: resourceQuotaSpec: scopes without hard limit nothing, and Kubeflow takes them for no quota at all"},
		"scope":        {"profiles:\n- {name: a, owner: x, resources: {hard: {cpu: 1}, scopes: [Best]}}\n", "f.yaml:2: resources.scopes: scope \"Best\" is not known: want one of [Terminating NotTerminating BestEffort NotBestEffort PriorityClass CrossNamespacePodAffinity VolumeAttributesClass]"},
		"label":        {"profiles:\n- {name: a, owner: x, labels: {a: true}}\n", "f.yaml:2: labels: a: want a string, not a boolean: put true into quotes"},
		"label value":  {"profiles:\n- {name: a, owner: x, labels: {gatehouse.dev/profile: \"false\"}}\n", "f.yaml:2: profile \"a\": label gatehouse.dev/profile: it says which namespaces are workspaces, and is not set by hand; kubectl profile adopt makes a namespace a workspace"},
		"role":         {"profiles:\n- {name: a, owner: x, members: [{name: b, role: boss}]}\n", `f.yaml:2: parse role "boss": want viewer, editor or owner`},
		"no role":      {"profiles:\n- {name: a, owner: x, members: [{name: b}]}\n", "f.yaml:2: member: want either role or roleRef"},
		"no subject":   {"profiles:\n- {name: a, owner: x, members: [{role: view}]}\n", "f.yaml:2: member: want either subject or name"},
		"expires":      {"profiles:\n- {name: a, owner: x, members: [{name: b, role: view, expires: soon}]}\n", `f.yaml:2: expires: "soon" is no date: want one such as 2030-01-31 or 2030-01-31T18:00:00Z`},
		"number":       {"profiles:\n- {name: 12, owner: x}\n", "f.yaml:2: name: want a string, not a number: put 12 into quotes\nf.yaml:2: profile: the name is missing"},
		"plugin":       {head + "metadata: {name: a}\nspec: {owner: {name: x}, plugins: [{kind: WorkloadIdentity, spec: {gcpServiceAccount: short}}]}", `f.yaml:4: check plugin "WorkloadIdentity": spec.gcpServiceAccount "short" has fewer than 24 characters, which makes the profile controller panic`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := profile.ParseSpecs(strings.NewReader(tc.text), "f.yaml")
			if err == nil {
				t.Fatal("no error")
			}
			if diff := cmp.Diff(tc.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseSpecsReadError(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	if _, err := profile.ParseSpecs(iotest.ErrReader(broken), "-"); !errors.Is(err, broken) {
		t.Errorf("error = %v, want one that wraps %v", err, broken)
	}
}

func TestParseQuota(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want corev1.ResourceList
		err  string
	}{
		"many": {
			text: "cpu=2, memory=2Gi,requests.nvidia.com/gpu=1,count/deployments.apps=5,gold.storageclass.storage.k8s.io/requests.storage=1Ti,requests.hugepages-2Mi=4Mi,single-gpu.deviceclass.resource.k8s.io/devices=2",
			want: list("cpu", "2", "memory", "2Gi", "requests.nvidia.com/gpu", "1", "count/deployments.apps", "5",
				"gold.storageclass.storage.k8s.io/requests.storage", "1Ti", "requests.hugepages-2Mi", "4Mi",
				"single-gpu.deviceclass.resource.k8s.io/devices", "2"),
		},
		"nothing forbidden":      {text: "pods=0", want: list("pods", "0")},
		"empty":                  {text: "", err: `parse quota: "": want RESOURCE=AMOUNT`},
		"no amount":              {text: "cpu", err: `parse quota: "cpu": want RESOURCE=AMOUNT`},
		"twice":                  {text: "cpu=1,cpu=2", err: `parse quota: resource "cpu": it is there twice`},
		"spelling":               {text: "memry=1Gi", err: `parse quota: resource "memry": a quota cannot limit it; did you mean memory?`},
		"upper case":             {text: "CPU=1", err: `parse quota: resource "CPU": a quota cannot limit it; did you mean cpu?`},
		"never counted":          {text: "nvidia.com/gpu=1", err: `parse quota: resource "nvidia.com/gpu": an API server takes it, and never counts it; did you mean requests.nvidia.com/gpu?`},
		"limits never counted":   {text: "limits.nvidia.com/gpu=1", err: `parse quota: resource "limits.nvidia.com/gpu": an API server takes it, and never counts it; did you mean requests.nvidia.com/gpu?`},
		"storage":                {text: "storage=1Gi", err: `parse quota: resource "storage": a quota cannot limit it; did you mean requests.storage?`},
		"pvc":                    {text: "pvc=1", err: `parse quota: resource "pvc": a quota cannot limit it; did you mean persistentvolumeclaims?`},
		"millibytes":             {text: "memory=512m", err: `parse quota: resource "memory": 512m is less than a byte; did you mean 512Mi?`},
		"case of the unit":       {text: "memory=2gi", err: `parse quota: resource "memory": "2gi" is no quantity; did you mean 2Gi?`},
		"no quantity":            {text: "cpu=two", err: `parse quota: resource "cpu": "two" is no quantity; want a number such as 2, 500m or 2Gi`},
		"half a GPU":             {text: "requests.nvidia.com/gpu=0.5", err: `parse quota: resource "requests.nvidia.com/gpu": 0.5 is no whole number`},
		"half an object":         {text: "count/jobs.batch=0.5", err: `parse quota: resource "count/jobs.batch": 0.5 is no whole number`},
		"characters":             {text: "c p u=1", err: `parse quota: resource "c p u": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'); did you mean cpu?`},
		"several things at once": {text: "gpu=1,cpu=-2", err: "parse quota: resource \"gpu\": a quota cannot limit it; did you mean requests.nvidia.com/gpu?\nresource \"cpu\": -2 is less than nothing"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := profile.ParseQuota(tc.text)
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Errorf("error = %v\nwant    %s", err, tc.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got, amounts()); diff != "" {
				t.Errorf("limits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseQuotaNames(t *testing.T) {
	t.Parallel()
	got, err := profile.ParseQuotaNames("cpu, odd name,cpu")
	if diff := cmp.Diff([]corev1.ResourceName{"cpu", "odd name"}, got); diff != "" || err != nil {
		t.Errorf("names (-want +got), error %v:\n%s", err, diff)
	}
	_, err = profile.ParseQuotaNames("cpu=1")
	refusal(t, err, "parse resources \"cpu=1\": want RESOURCE,RESOURCE\nhint: name the resources only: cpu,memory")
}

func TestCheckName(t *testing.T) {
	t.Parallel()
	const why = `: it names a namespace too, and is no DNS label: want at most 63 lower-case letters, digits and "-", with a letter or digit at both ends`
	tests := map[string]string{
		"team-a":                "no error",
		"":                      "the name is empty",
		"danielNamespace":       `name "danielNamespace"` + why + "\nhint: did you mean daniel-namespace?",
		"ML_Team":               `name "ML_Team"` + why + "\nhint: did you mean ml-team?",
		"a.b":                   `name "a.b"` + why + "\nhint: did you mean a-b?",
		"-a-":                   `name "-a-"` + why + "\nhint: did you mean a?",
		"\u00e4":                "name \"\u00e4\"" + why,
		strings.Repeat("a", 64): `name "` + strings.Repeat("a", 64) + `"` + why + "\nhint: did you mean " + strings.Repeat("a", 63) + "?",
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := profile.Create(newWorld(t, workspace.Native).state(), profile.Spec{Name: name, Owner: user(alice)})
			refusal(t, err, want)
		})
	}
}

func FuzzParseSpecs(f *testing.F) {
	f.Add("profiles:\n- {name: a, owner: x, quota: {cpu: 1}, members: [{name: b, role: view}]}\n")
	f.Add("apiVersion: kubeflow.org/v1\nkind: Profile\nmetadata: {name: a}\nspec: {owner: {name: x}, plugins: [{kind: K, spec: {a: [1, {b: 2}]}}]}")
	f.Add("a: &a\n  <<: [*a, *a]\n")
	f.Add("&a {apiVersion: v1, kind: List, items: [*a, *a]}")
	f.Add("profiles: [&a {<<: [*a, *a, *a]}]")
	f.Fuzz(func(t *testing.T, text string) {
		specs, err := profile.ParseSpecs(strings.NewReader(text), "f")
		if err != nil {
			return
		}
		// What was read can be written, and reads the same.
		data, err := profile.SpecsFile(specs)
		if err != nil {
			t.Fatalf("SpecsFile: %v", err)
		}
		again, err := profile.ParseSpecs(strings.NewReader(string(data)), "again")
		if err != nil {
			t.Fatalf("ParseSpecs of what SpecsFile wrote: %v\n%s", err, data)
		}
		if len(again) != len(specs) {
			t.Errorf("%d specs became %d", len(specs), len(again))
		}
	})
}
