package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// illness is a rule of doctor, what breaks it, and what repairs it.
type illness struct {
	// bare says that nothing is there before the fixture, else a workspace of ann as Kubeflow leaves it.
	bare bool
	// breaks are further steps after the fixture testdata/doctor/RULE.yaml: arguments of kubectl.
	breaks [][]string
	// name is the workspace to look at; empty for doctor-RULE.
	name string
	// flags are given to every doctor.
	flags []string
	// user asks, with all rights; empty for the superuser.
	user string
	// members says that the rule is about members, so that both plugins find it.
	members bool
	// want are the findings: ID and object.
	want []string
	// guide is the command that doctor advises where it has no fix, and run what is run of it.
	guide string
	run   []string
	// lasts says that another rule has something to say at the end, without the controller: only this one is looked at.
	lasts bool
}

// gatewayFlags say what the gateway and the pipelines' pages are called: nothing else does when the owner's policy is old.
func gatewayFlags() []string {
	return []string{"--gateway-principal", kubeflow.GatewayPrincipal, "--gateway-principal", kubeflow.PipelinePrincipal}
}

func illnesses() map[string]illness {
	return map[string]illness{
		"kf001": {want: []string{"KF001 namespace doctor-kf001"}},
		"kf002": {members: true, want: []string{"KF002 rolebinding doctor-kf002/user-bob-x-com-clusterrole-edit"}},
		"kf003": {members: true, want: []string{"KF003 authorizationpolicy doctor-kf003/user-bob-x-com-clusterrole-edit"}},
		"kf004": {members: true, want: []string{"KF004 rolebinding doctor-kf004/user-bob-x-com-clusterrole-edit"}},
		"kf005": {flags: gatewayFlags(), want: []string{
			"KF005 authorizationpolicy doctor-kf005/ns-owner-access-istio",
			"KF005 authorizationpolicy doctor-kf005/user-bob-x-com-clusterrole-edit",
		}},
		"kf006": {want: []string{
			"KF006 rolebinding doctor-kf006/namespaceAdmin", "KF006 rolebinding doctor-kf006/user-bob-x-com-clusterrole-edit",
		}},
		"kf007": {members: true, want: []string{"KF007 rolebinding doctor-kf007/user-ob-x-com-clusterrole-edit"}},
		"kf008": {members: true, want: []string{
			"KF008 rolebinding doctor-kf008/user-ann-x-com-clusterrole-edit",
			"KF008 rolebinding doctor-kf008/user-bob-x-com-clusterrole-view",
		}},
		"kf009": {
			want:  []string{"KF009 rolebinding doctor-kf009/user-bob-x-com-clusterrole-admin"},
			guide: "kubectl profile transfer doctor-kf009 --owner bob@x.com",
			run:   []string{"profile", "transfer", "doctor-kf009", "--owner", "bob@x.com", "--yes"},
		},
		"kf010": {members: true, want: []string{"KF010 rolebinding doctor-kf010/group-data-clusterrole-edit"}},
		"kf011": {want: []string{"KF011 namespace doctor-kf011"}},
		"kf012": {want: []string{"KF012 namespace doctor-kf012"}},
		"kf013": {
			flags: []string{"--kubeflow-namespace", "doctor-kf013-system"},
			want:  []string{"KF013 namespace doctor-kf013"},
		},
		"kf014": {want: []string{"KF014 resourcequota doctor-kf014/kf-resource-quota"}},
		"kf015": {
			want:  []string{"KF015 profile doctor-kf015"},
			guide: "kubectl profile transfer doctor-kf015 --owner USER",
			run:   []string{"profile", "transfer", "doctor-kf015", "--owner", "cat@x.com", "--yes"},
		},
		"kf016": {
			breaks: [][]string{{"delete", "profiles.kubeflow.org", "doctor-kf016", "--wait=false"}},
			want:   []string{"KF016 profile doctor-kf016"},
		},
		"kf017": {
			bare: true, name: "doctor-kf017-left", lasts: true,
			want:  []string{"KF017 namespace doctor-kf017-left"},
			guide: "kubectl profile adopt doctor-kf017-left --owner ann@x.com",
			run:   []string{"profile", "adopt", "doctor-kf017-left", "--owner", "ann@x.com", "--yes"},
		},
		"kf018": {want: []string{
			"KF018 servicerole doctor-kf018/ns-access-istio", "KF018 servicerolebinding doctor-kf018/owner-binding-istio",
		}},
		"kf019": {
			user: "oidc:bob@x.com", want: []string{"KF019 user oidc:bob@x.com"}, guide: "or bind both names",
			run: []string{"contrib", "add", "oidc:bob@x.com", "--role", "editor", "-n", "doctor-kf019", "--yes"},
		},
		"kf020": {bare: true, want: []string{"KF020 profile doctor-kf020"}},
	}
}

// For each rule: what is broken is found, and nothing else; what has a fix is repaired, and nothing is left; what has none
// goes away with the command that is advised.
func TestDoctor(t *testing.T) {
	cp := scratch(t)
	if err := cp.Apply(t.Context(), filepath.Join(shared.root, "test", "kubeflow", "crds", "istiorbac.yaml")); err != nil {
		t.Fatal(err)
	}
	for rule, ill := range illnesses() {
		if ill.name == "" {
			ill.name = "doctor-" + rule
		}
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			ill.examine(t, cp, rule)
		})
	}
}

func (ill illness) examine(t *testing.T, cp *controlplane.ControlPlane, rule string) {
	uid := ""
	if !ill.bare {
		uid = makeStored(t, cp, ill.name, "ann@x.com")
	}
	applyFixture(t, cp, filepath.Join("testdata", "doctor", rule+".yaml"), uid)
	admin := scratchHome(t, "")
	for _, args := range ill.breaks {
		admin.run(t, nil, shared.kubectl(), args...).want(t, 0)
	}
	h := admin
	if ill.user != "" {
		h = scratchHome(t, ill.user, "system:masters")
	}

	doctor := func(plugin string, args ...string) outcome {
		// Without kubectl in between: that half of the time is not ours.
		return h.run(t, nil, filepath.Join(shared.bin, "kubectl-"+plugin),
			slices.Concat([]string{"doctor", ill.name, "--severity", "info"}, ill.flags, args)...)
	}
	if ill.members {
		// The plugin about members sees the same; and trying changes nothing.
		found := findingsOf(t, doctor("contrib", "-o", "json", "--fix", "--dry-run=server"), 1)
		if diff := cmp.Diff(ill.want, objectsOf(found)); diff != "" {
			t.Errorf("findings of contrib (-want +got):\n%s", diff)
		}
	}
	found := findingsOf(t, doctor("profile", "-o", "json"), 1)
	if diff := cmp.Diff(ill.want, objectsOf(found)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	if ill.guide != "" {
		advice := doctor("profile", "-o", "text")
		advice.want(t, 1)
		if found[0].Fix != nil || !strings.Contains(advice.stdout, ill.guide) {
			t.Errorf("there is a fix, or no word of %q:\n%s", ill.guide, advice.stdout)
		}
		admin.run(t, nil, shared.kubectl(), ill.run...).want(t, 0)
	} else {
		fixed := doctor("profile", "--fix", "--yes")
		fixed.want(t, 0)
		if fixed.stdout != "" || !strings.Contains(fixed.stderr, "no findings") {
			t.Errorf("stdout %q, stderr %s", fixed.stdout, fixed.stderr)
		}
	}
	if ill.lasts {
		doctor("profile", "--rule", strings.ToUpper(rule)).want(t, 0)
		return
	}
	if left := objectsOf(findingsOf(t, doctor("profile", "-o", "json"), 0)); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// A repair that has to wait for the controller is one that lets it go on; where there is nothing to wait for, it ends.
func TestDoctorStuckDeletion(t *testing.T) {
	cp := scratch(t)
	const gone = "doctor-gone"
	object := kubeflow.NewProfile(gone, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "ann@x.com"}, nil, nil)
	object.SetFinalizers([]string{kubeflow.Finalizer})
	if err := cp.ApplyObjects(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	h := scratchHome(t, "")
	h.run(t, nil, shared.kubectl(), "delete", "profiles.kubeflow.org", gone, "--wait=false").want(t, 0)
	h.run(t, nil, shared.kubectl(), "profile", "doctor", gone).want(t, 1)
	h.run(t, nil, shared.kubectl(), "profile", "doctor", gone, "--fix", "--yes")
	out := h.run(t, nil, shared.kubectl(), "get", "profiles.kubeflow.org", gone)
	if out.code == 0 || !strings.Contains(out.stderr, "NotFound") {
		t.Errorf("it is still there: %s%s", out.stdout, out.stderr)
	}
}

// Who may not read something is told so, and is given no false alarm; --strict makes it an error.
func TestDoctorUnreadable(t *testing.T) {
	cp := scratch(t)
	const name = "doctor-unreadable"
	makeStored(t, cp, name, "ann@x.com")
	binding := kubeflow.PairBinding(name, rbac.User("bob@x.com"), "edit")
	reader := &rbacv1.ClusterRole{
		TypeMeta:   metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRole"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{"kubeflow.org"}, Resources: []string{"profiles"}, Verbs: []string{"get", "list"}},
			{APIGroups: []string{""}, Resources: []string{"namespaces", "resourcequotas", "serviceaccounts"}, Verbs: []string{"get", "list"}},
			{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"rolebindings"}, Verbs: []string{"get", "list"}},
			{APIGroups: []string{"core.kalm.dev"}, Resources: []string{"rolebindings"}, Verbs: []string{"get", "list"}},
			{APIGroups: []string{"rbac.istio.io"}, Resources: []string{"*"}, Verbs: []string{"get", "list"}},
		},
	}
	to := &rbacv1.ClusterRoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "ClusterRoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		Subjects:   []rbacv1.Subject{rbac.User("doctor-reader").RBAC()},
	}
	objects, err := plan.FromObjects(binding, reader, to)
	if err != nil {
		t.Fatal(err)
	}
	if err := cp.ApplyObjects(t.Context(), objects...); err != nil {
		t.Fatal(err)
	}
	all := scratchHome(t, "").run(t, nil, shared.kubectl(), "profile", "doctor", name, "-o", "json")
	if diff := cmp.Diff([]string{"KF004 rolebinding " + name + "/" + binding.Name}, objectsOf(findingsOf(t, all, 1))); diff != "" {
		t.Errorf("as a superuser (-want +got):\n%s", diff)
	}
	h := scratchHome(t, "doctor-reader")
	some := h.run(t, nil, shared.kubectl(), "profile", "doctor", name, "-o", "json", "--severity", "info")
	some.hears(t, "cannot read authorizationpolicies")
	found := findingsOf(t, some, 1)
	if diff := cmp.Diff([]string{"GH003 "}, objectsOf(found)); diff != "" || !strings.Contains(found[0].Message, "KF004") {
		t.Errorf("as a reader (-want +got):\n%s%+v", diff, found)
	}
	h.run(t, nil, shared.kubectl(), "profile", "doctor", name).want(t, 0)
	h.run(t, nil, shared.kubectl(), "profile", "doctor", name, "--strict").want(t, 2)
}

// diagnosed is what is read of doctor's JSON.
type diagnosed struct {
	ID, Severity, Object, Message, Why string
	Fix                                json.RawMessage
}

func findingsOf(t *testing.T, out outcome, code int) []diagnosed {
	t.Helper()
	out.want(t, code)
	var doc struct {
		Findings []diagnosed
	}
	if err := json.Unmarshal([]byte(out.stdout), &doc); err != nil {
		t.Fatalf("%v in:\n%s", err, out.stdout)
	}
	return doc.Findings
}

func objectsOf(findings []diagnosed) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.ID+" "+f.Object)
	}
	return out
}

// makeStored makes a profile and all that Kubeflow's controller makes of it, which belongs to it as the controller's
// does. It returns the profile's UID.
func makeStored(t *testing.T, cp *controlplane.ControlPlane, name, owner string) string {
	t.Helper()
	object := kubeflow.NewProfile(name, rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: owner}, nil, nil)
	if err := cp.ApplyObjects(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	client, err := dynamic.NewForConfig(cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	profiles := schema.GroupVersionResource{Group: "kubeflow.org", Version: "v1", Resource: "profiles"}
	stored, err := client.Resource(profiles).Get(t.Context(), name, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	profile, err := kubeflow.ReadProfile(stored)
	if err != nil {
		t.Fatal(err)
	}
	made, err := plan.FromObjects(kubeflow.ControllerObjects(profile, kubeflow.DefaultConfig())...)
	if err != nil {
		t.Fatal(err)
	}
	if err := cp.ApplyObjects(t.Context(), made...); err != nil {
		t.Fatal(err)
	}
	return string(stored.GetUID())
}

// applyFixture loads a file in which ${UID} stands for that of the profile.
func applyFixture(t *testing.T, cp *controlplane.ControlPlane, path, uid string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var objects []*unstructured.Unstructured
	for doc := range strings.SplitSeq(strings.ReplaceAll(string(text), "${UID}", uid), "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(doc), &object.Object); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		objects = append(objects, object)
	}
	if err := cp.ApplyObjects(t.Context(), objects...); err != nil {
		t.Fatal(err)
	}
}
