package e2e

import (
	"cmp"
	"encoding/json"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

// site is a profile on the scratch control plane that two sides work on: Kubeflow's components of some release, and
// "kubectl contrib".
type site struct {
	*testing.T
	name       string
	kfam       *kubeflow.Kfam
	controller *kubeflow.Controller
	client     dynamic.Interface
	admin      home
}

const siteOwner = "daniel@example.com"

// The two kinds of a pair.
var pairKinds = []schema.GroupVersionResource{
	{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	{Group: "security.istio.io", Version: "v1beta1", Resource: "authorizationpolicies"},
}

// newSite makes a profile as the controller of a release leaves it.
func newSite(t *testing.T, name, release string) *site {
	t.Helper()
	config := rest.CopyConfig(scratch(t).AdminConfig())
	config.QPS = -1
	config.WarningHandler = rest.NoWarnings{} // of the finalizer's name
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{T: t, name: name, kfam: kfamOf(t, release), client: client, admin: scratchHome(t, "")}
	profile := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "kubeflow.org/v1beta1", "kind": "Profile", "metadata": map[string]any{"name": name},
		"spec": map[string]any{"owner": map[string]any{"kind": "User", "name": siteOwner}},
	}}
	kind := schema.GroupVersionResource{Group: "kubeflow.org", Version: "v1beta1", Resource: "profiles"}
	if _, err := client.Resource(kind).Create(t.Context(), profile, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if s.controller, err = kubeflow.NewController(config, releaseOf(t, release), facts.Config{}); err != nil {
		t.Fatal(err)
	}
	s.reconcile()
	return s
}

// reconcile lets the controller go over the profile.
func (s *site) reconcile() {
	s.Helper()
	if err := s.controller.Reconcile(s.Context(), s.name); err != nil {
		s.Fatal(err)
	}
}

func releaseOf(t *testing.T, name string) kubeflow.Release {
	t.Helper()
	all := kubeflow.Releases()
	i := slices.IndexFunc(all, func(r kubeflow.Release) bool { return r.Name == name })
	if i < 0 {
		t.Fatalf("no release %s", name)
	}
	return all[i]
}

func kfamOf(t *testing.T, release string) *kubeflow.Kfam {
	t.Helper()
	kfam, err := kubeflow.NewKfam(scratch(t).AdminConfig(), releaseOf(t, release), facts.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return kfam
}

// contrib runs "kubectl contrib" in the profile's namespace, which has to end well.
func (s *site) contrib(args ...string) outcome {
	s.Helper()
	out := s.admin.kubectl(s.T, append(append([]string{"contrib"}, args...), "-n", s.name)...)
	out.want(s.T, 0)
	return out
}

// grant is what is known of a member.
type grant struct{ ID, Role, How, HTTP, Binding, Policy string }

// ours is how "kubectl contrib" lists the profile, without its owner.
func (s *site) ours() []grant {
	s.Helper()
	var list struct {
		Items []struct {
			Subject struct{ ID string }
			grant
		}
	}
	out := s.contrib("list", "-o", "json")
	if err := json.Unmarshal([]byte(out.stdout), &list); err != nil {
		s.Fatalf("%v\n%s", err, out.stdout)
	}
	var found []grant
	for _, item := range list.Items {
		if item.Binding != facts.OwnerBinding {
			item.ID = item.Subject.ID
			found = append(found, item.grant)
		}
	}
	return found
}

// theirs is how kfam lists the profile for one of its users: kind, name and role of each.
func (s *site) theirs(user string) []string {
	s.Helper()
	entries, err := s.kfam.List(s.Context(), kubeflow.Query{Namespace: s.name, User: user})
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, b := range entries.Bindings {
		if b.User.Name != siteOwner {
			out = append(out, b.User.Kind+" "+b.User.Name+" "+b.RoleRef.Name)
		}
	}
	slices.Sort(out)
	return out
}

// pairs are the objects of contributors, field by field, without what the server writes and without the namespace.
func (s *site) pairs() []map[string]any {
	s.Helper()
	var out []map[string]any
	for _, kind := range pairKinds {
		list, err := s.client.Resource(kind).Namespace(s.name).List(s.Context(), metav1.ListOptions{})
		if err != nil {
			s.Fatal(err)
		}
		for i := range list.Items {
			if o := &list.Items[i]; len(o.GetOwnerReferences()) == 0 {
				for _, field := range []string{"namespace", "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"} {
					unstructured.RemoveNestedField(o.Object, "metadata", field)
				}
				out = append(out, o.Object)
			}
		}
	}
	return out
}

// write creates a role binding.
func (s *site) write(manifest string) {
	s.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &o.Object); err != nil {
		s.Fatal(err)
	}
	o.SetGroupVersionKind(schema.GroupVersionKind{Group: "rbac.authorization.k8s.io", Version: "v1", Kind: "RoleBinding"})
	if _, err := s.client.Resource(pairKinds[0]).Namespace(s.name).Create(s.Context(), o, metav1.CreateOptions{}); err != nil {
		s.Fatal(err)
	}
}

// same fails the test when two values differ.
func (s *site) same(what string, want, got any) {
	s.Helper()
	if diff := gocmp.Diff(want, got); diff != "" {
		s.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func sortedGrants(list []grant) []grant {
	return slices.SortedFunc(slices.Values(list), func(a, b grant) int { return cmp.Compare(a.ID, b.ID) })
}
