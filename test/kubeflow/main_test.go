package kubeflow_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/yaml"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/kubeflow"
)

var (
	profiles = schema.GroupVersionResource{Group: "kubeflow.org", Version: "v1", Resource: "profiles"}
	policies = schema.GroupVersionResource{Group: "security.istio.io", Version: "v1beta1", Resource: "authorizationpolicies"}
	oldIstio = schema.GroupVersionResource{Group: "rbac.istio.io", Version: "v1alpha1", Resource: "servicerolebindings"}
)

// server is what all tests share. Each has profiles of its own.
var server struct {
	config  *rest.Config
	kube    kubernetes.Interface
	dynamic dynamic.Interface
}

func TestMain(m *testing.M) {
	code := controlplane.Run(controlplane.Options{}, func(cp *controlplane.ControlPlane) int {
		if err := prepare(context.Background(), cp); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	})
	os.Exit(code) //nolint:forbidigo // this is the main function of a test
}

func prepare(ctx context.Context, cp *controlplane.ControlPlane) error {
	definitions, err := kubeflow.Definitions()
	if err != nil {
		return err
	}
	if err := cp.ApplyObjects(ctx, definitions...); err != nil {
		return err
	}
	server.config = cp.AdminConfig()
	server.config.QPS = -1
	server.config.WarningHandler = rest.NoWarnings{}
	if server.kube, err = kubernetes.NewForConfig(server.config); err != nil {
		return err
	}
	server.dynamic, err = dynamic.NewForConfig(server.config)
	return err
}

// releaseOf is the age of that name.
func releaseOf(t *testing.T, name string) kubeflow.Release {
	t.Helper()
	for _, r := range kubeflow.Releases() {
		if r.Name == name {
			return r
		}
	}
	t.Fatalf("no release %s", name)
	return kubeflow.Release{}
}

// place is one profile, and the stand-ins that work on it.
type place struct {
	*testing.T
	name       string
	controller *kubeflow.Controller
	kfam       *kubeflow.Kfam
}

// newPlace has the stand-ins of a release, as shipped, and no profile yet.
func newPlace(t *testing.T, name, release string) *place {
	t.Helper()
	c, err := kubeflow.NewController(server.config, releaseOf(t, release), facts.Config{})
	if err != nil {
		t.Fatal(err)
	}
	k, err := kubeflow.NewKfam(server.config, releaseOf(t, release), facts.Config{Admins: []string{"root@x.com"}})
	if err != nil {
		t.Fatal(err)
	}
	return &place{T: t, name: name, controller: c, kfam: k}
}

// newProfile has a reconciled profile of daniel@x.com. spec is what there is besides the owner, as the members of an object in
// YAML.
func newProfile(t *testing.T, name, release, spec string) *place {
	t.Helper()
	p := newPlace(t, name, release)
	p.create("User", spec)
	p.reconcile()
	return p
}

const owner = "daniel@x.com"

// create makes the profile as the dashboard does: in the older version, and without API group.
func (p *place) create(kind, spec string) {
	p.Helper()
	p.write(profiles, fmt.Sprintf(`
{apiVersion: kubeflow.org/v1beta1, kind: Profile, metadata: {name: %s}, spec: {owner: {kind: %s, name: %s}, %s}}`, p.name, kind, owner, spec))
}

// write creates an object.
func (p *place) write(kind schema.GroupVersionResource, manifest string) {
	p.Helper()
	object := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &object.Object); err != nil {
		p.Fatal(err)
	}
	kind.Version = object.GroupVersionKind().Version
	var api dynamic.ResourceInterface = server.dynamic.Resource(kind)
	if object.GetNamespace() != "" {
		api = server.dynamic.Resource(kind).Namespace(object.GetNamespace())
	}
	if _, err := api.Create(p.Context(), object, metav1.CreateOptions{}); err != nil {
		p.Fatal(err)
	}
}

func (p *place) reconcile() {
	p.Helper()
	if err := p.controller.Reconcile(p.Context(), p.name); err != nil {
		p.Fatal(err)
	}
}

// profile reads the profile; nil when it is gone.
func (p *place) profile() *unstructured.Unstructured { p.Helper(); return p.read(profiles, "", p.name) }

// patch merges a change in JSON into an object of the namespace, or, without one, of the cluster.
func (p *place) patch(kind schema.GroupVersionResource, namespace, name, change string) {
	p.Helper()
	var api dynamic.ResourceInterface = server.dynamic.Resource(kind)
	if namespace != "" {
		api = server.dynamic.Resource(kind).Namespace(namespace)
	}
	body, err := yaml.YAMLToJSON([]byte(change))
	if err != nil {
		p.Fatal(err)
	}
	if _, err := api.Patch(p.Context(), name, "application/merge-patch+json", body, metav1.PatchOptions{}); err != nil {
		p.Fatal(err)
	}
}

// eventually waits until something is so.
func (p *place) eventually(what string, so func() bool) {
	p.Helper()
	err := wait.PollUntilContextTimeout(p.Context(), 100*time.Millisecond, 90*time.Second, true, func(context.Context) (bool, error) {
		return so(), nil
	})
	if err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}
