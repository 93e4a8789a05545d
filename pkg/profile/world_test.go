package profile_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// now is the time of all tests.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// world is a cluster that holds objects, and carries plans out as an API server would, without its controllers.
type world struct {
	t       *testing.T
	flavor  workspace.Flavor
	objects map[string]*unstructured.Unstructured
	config  *kubeflow.Config
	noIstio bool
	gaps    []rbac.Gap
}

func newWorld(t *testing.T, flavor workspace.Flavor, objects ...runtime.Object) *world {
	t.Helper()
	w := &world{t: t, flavor: flavor, objects: map[string]*unstructured.Unstructured{}}
	w.add(objects...)
	return w
}

func key(o *unstructured.Unstructured) string {
	return o.GetKind() + "/" + o.GetNamespace() + "/" + o.GetName()
}

// add puts objects into the world, whole.
func (w *world) add(objects ...runtime.Object) {
	w.t.Helper()
	for _, o := range objects {
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			w.t.Fatal(err)
		}
		u := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(content)}
		w.objects[key(u)] = u
	}
}

// yaml puts objects that are written as YAML into the world.
func (w *world) yaml(documents string) *world {
	w.t.Helper()
	for doc := range strings.SplitSeq(documents, "\n---\n") {
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(doc), &u.Object); err != nil {
			w.t.Fatalf("parse %s: %v", doc, err)
		}
		w.add(u)
	}
	return w
}

// get returns an object: get("Namespace", "", "a").
func (w *world) get(kind, namespace, name string) *unstructured.Unstructured {
	w.t.Helper()
	o := w.objects[kind+"/"+namespace+"/"+name]
	if o == nil {
		w.t.Fatalf("there is no %s %s/%s", kind, namespace, name)
	}
	return o
}

// change changes an object in place: set("Namespace", "", "a", "B", "metadata", "annotations", "owner").
func (w *world) change(kind, namespace, name string, value any, path ...string) *world {
	w.t.Helper()
	if err := unstructured.SetNestedField(w.get(kind, namespace, name).Object, value, path...); err != nil {
		w.t.Fatal(err)
	}
	return w
}

func (w *world) remove(kind, namespace, name string) *world {
	w.t.Helper()
	w.get(kind, namespace, name)
	delete(w.objects, kind+"/"+namespace+"/"+name)
	return w
}

func (w *world) clone() *world {
	c := *w
	c.objects = map[string]*unstructured.Unstructured{}
	for k, o := range w.objects {
		c.objects[k] = o.DeepCopy()
	}
	return &c
}

// carryOut does the first n steps of a plan, all of them when n is negative. New objects get a UID; deleted ones that
// have a finalizer get a deletion time; those without finalizers go.
func (w *world) carryOut(p plan.Plan, n int) {
	w.t.Helper()
	for i, s := range p.Steps {
		if n >= 0 && i >= n {
			return
		}
		switch s.Verb {
		case plan.Create:
			if w.objects[key(s.Object)] != nil {
				w.t.Fatalf("create %s: it exists", key(s.Object))
			}
			o := s.Object.DeepCopy()
			o.SetUID(types.UID("uid-" + key(o)))
			w.objects[key(o)] = o
		case plan.Update:
			if w.objects[key(s.Object)] == nil {
				w.t.Fatalf("update %s: it is not there", key(s.Object))
			}
			o := s.Object.DeepCopy()
			if status, ok := w.objects[key(o)].Object["status"]; ok {
				o.Object["status"] = status
			}
			w.objects[key(o)] = o
			if o.GetDeletionTimestamp() != nil && len(o.GetFinalizers()) == 0 {
				delete(w.objects, key(o))
			}
		case plan.Delete:
			if w.objects[key(s.Old)] == nil {
				w.t.Fatalf("delete %s: it is not there", key(s.Old))
			}
			delete(w.objects, key(s.Old))
		}
	}
}

// manifests returns all objects as YAML, sorted.
func (w *world) manifests() string {
	w.t.Helper()
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(w.objects)) {
		doc, err := yaml.Marshal(w.objects[k].Object)
		if err != nil {
			w.t.Fatal(err)
		}
		fmt.Fprintf(&b, "--- %s\n%s", k, doc)
	}
	return b.String()
}

func into[T runtime.Object](t *testing.T, u *unstructured.Unstructured, to T) T {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, to); err != nil {
		t.Fatalf("convert %s: %v", key(u), err)
	}
	return to
}

// state reads the world.
func (w *world) state() *workspace.State {
	w.t.Helper()
	inv := &inventory.Inventory{Live: true, Served: map[inventory.Kind]bool{}, Gaps: w.gaps}
	for _, kind := range []inventory.Kind{
		inventory.Namespaces, inventory.RoleBindings, inventory.Quotas, inventory.LimitRanges, inventory.NetworkPolicies,
		inventory.ServiceAccounts, inventory.Pods, inventory.Volumes, inventory.Events,
	} {
		inv.Served[kind] = true
	}
	for _, kind := range []inventory.Kind{inventory.Profiles, inventory.Policies, inventory.Notebooks} {
		inv.Served[kind] = w.flavor == workspace.Kubeflow && (kind != inventory.Policies || !w.noIstio)
	}
	for _, k := range slices.Sorted(maps.Keys(w.objects)) {
		switch u := w.objects[k].DeepCopy(); u.GetKind() {
		case "Profile":
			inv.Profiles = append(inv.Profiles, u)
		case "AuthorizationPolicy":
			inv.Policies = append(inv.Policies, u)
		case "Notebook":
			inv.Notebooks = append(inv.Notebooks, u)
		case "Namespace":
			inv.Namespaces = append(inv.Namespaces, into(w.t, u, &corev1.Namespace{}))
		case "RoleBinding":
			inv.RoleBindings = append(inv.RoleBindings, into(w.t, u, &rbacv1.RoleBinding{}))
		case "ResourceQuota":
			inv.Quotas = append(inv.Quotas, into(w.t, u, &corev1.ResourceQuota{}))
		case "LimitRange":
			inv.LimitRanges = append(inv.LimitRanges, into(w.t, u, &corev1.LimitRange{}))
		case "ServiceAccount":
			inv.ServiceAccounts = append(inv.ServiceAccounts, into(w.t, u, &corev1.ServiceAccount{}))
		case "NetworkPolicy":
			inv.NetworkPolicies = append(inv.NetworkPolicies, into(w.t, u, networkPolicy()))
		case "Pod":
			inv.Pods = append(inv.Pods, into(w.t, u, &corev1.Pod{}))
		case "PersistentVolumeClaim":
			inv.Volumes = append(inv.Volumes, into(w.t, u, &corev1.PersistentVolumeClaim{}))
		case "Event":
			inv.Events = append(inv.Events, into(w.t, u, &corev1.Event{}))
		default:
			w.t.Fatalf("the test's world knows no %s", u.GetKind())
		}
	}
	return workspace.NewState(inv, workspace.Options{Flavor: w.flavor, Config: w.config, Now: now})
}

// made returns a Kubeflow profile with all that the controller makes for it.
func made(name, owner string, quota string) []runtime.Object {
	spec := &corev1.ResourceQuotaSpec{}
	if quota != "" {
		spec.Hard = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(quota)}
	}
	profile := kubeflow.NewProfile(name, rbac.User(owner).RBAC(), spec, nil)
	profile.SetUID(types.UID("uid-" + name))
	profile.SetFinalizers([]string{kubeflow.Finalizer})
	read, err := kubeflow.ReadProfile(profile)
	if err != nil {
		return nil
	}
	return append([]runtime.Object{profile}, kubeflow.ControllerObjects(read, kubeflow.DefaultConfig())...)
}

// pair returns the objects of a contributor.
func pair(namespace, user, short string) []runtime.Object {
	return []runtime.Object{
		kubeflow.PairBinding(namespace, rbac.User(user), short),
		kubeflow.PairPolicy(namespace, rbac.User(user), short, kubeflow.DefaultConfig()),
	}
}

// shown renders what a plan function returned: the plan with its reasons, the notes, and the manifests.
func shown(t *testing.T, p plan.Plan, notes []string) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", p.Summary)
	for _, s := range p.Steps {
		fmt.Fprintf(&b, "  %s [%s]: %s\n", s, s.Unit, s.Why)
	}
	for _, note := range notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	for _, o := range p.Changes().Manifests() {
		doc, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "---\n%s", doc)
	}
	return b.String()
}

// refusal checks that an error is a refusal with this text and this hint.
func refusal(t *testing.T, err error, want string) {
	t.Helper()
	got := "no error"
	if err != nil {
		got = err.Error()
		if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
			got += "\nhint: " + h.Hint()
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refusal (-want +got):\n%s", diff)
	}
}

func user(name string) rbac.Subject { return rbac.User(name) }
