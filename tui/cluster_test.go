package tui_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// company is a workspace of ann in which bob is an editor, with the roles.
const company = `
apiVersion: v1
kind: Namespace
metadata:
  name: dev
  labels: {gatehouse.dev/profile: "true"}
  annotations: {gatehouse.dev/owner: "user:ann@x.com"}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: owner, namespace: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ann@x.com}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: bob-edits, namespace: dev}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob@x.com}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: view}
rules: [{verbs: [get], apiGroups: [""], resources: [pods]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: edit}
rules: [{verbs: [get, create], apiGroups: [""], resources: [pods, secrets]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: admin}
rules: [{verbs: ["*"], apiGroups: [""], resources: [pods, secrets]}]
`

// cluster is a live cluster in memory, which is read and written. It allows everything unless it forbids it, and knows no more of its objects
// than that each has a version.
type cluster struct {
	lock    sync.Mutex
	objects map[string]*unstructured.Unstructured
	version int
	// refuse is the answer to what would be stored; nil stores it.
	refuse error
	// forbids says that whoever asks may write nothing.
	forbids bool
	// written is what was stored, in words.
	written []string
}

// newCluster returns the cluster of the company.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{objects: map[string]*unstructured.Unstructured{}}
	decoder := yaml.NewYAMLOrJSONDecoder(strings.NewReader(company), 4096)
	for {
		o := &unstructured.Unstructured{}
		if err := decoder.Decode(o); errors.Is(err, io.EOF) {
			return c
		} else if err != nil {
			t.Fatal(err)
		}
		o.SetUID(types.UID("uid-" + o.GetName()))
		c.put(o)
	}
}

func keyOf(o *unstructured.Unstructured) string {
	return strings.ToLower(o.GetKind()) + " " + o.GetNamespace() + "/" + o.GetName()
}

func (c *cluster) put(o *unstructured.Unstructured) {
	c.version++
	o.SetResourceVersion(strconv.Itoa(c.version))
	c.objects[keyOf(o)] = o
}

// manifest is everything that is there.
func (c *cluster) manifest() (io.Reader, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	var out bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(c.objects)) {
		object, err := json.Marshal(c.objects[key])
		if err != nil {
			return nil, err
		}
		out.WriteString("---\n")
		out.Write(append(object, '\n'))
	}
	return &out, nil
}

// moment is what is known of the cluster.
func (c *cluster) moment(t *testing.T) source.Moment {
	t.Helper()
	manifest, err := c.manifest()
	if err != nil {
		t.Fatal(err)
	}
	m, err := source.FileMoment(t.Context(), []string{"-"}, source.FilesOptions{Stdin: manifest}, world.Want())
	if err != nil {
		t.Fatal(err)
	}
	m.Inventory.Live, m.Link = true, source.Link{State: source.Watching}
	return m
}

func (c *cluster) Inventory(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	manifest, err := c.manifest()
	if err != nil {
		return nil, err
	}
	inv, err := source.FileInventory(ctx, []string{"-"}, source.FilesOptions{Stdin: manifest}, want)
	if err == nil {
		inv.Live = true
	}
	return inv, err
}

func (c *cluster) Rights(ctx context.Context) (*rbac.Index, error) {
	manifest, err := c.manifest()
	if err != nil {
		return nil, err
	}
	from, err := source.FilesWith([]string{"-"}, source.FilesOptions{Stdin: manifest})
	if err != nil {
		return nil, err
	}
	snapshot, err := from.Load(ctx, source.Want{})
	if err != nil {
		return nil, err
	}
	return rbac.Compile(snapshot), nil
}

func (c *cluster) Self(context.Context) (rbac.Identity, error) {
	return rbac.NewIdentity(rbac.User("ann@x.com")), nil
}

func (c *cluster) Server() plan.Server { return c }

// there returns the stored object of that name.
func (c *cluster) there(o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	if stored := c.objects[keyOf(o)]; stored != nil {
		return stored, nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: strings.ToLower(o.GetKind()) + "s"}, o.GetName())
}

func (c *cluster) Get(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	stored, err := c.there(o)
	if err != nil {
		return nil, err
	}
	return stored.DeepCopy(), nil
}

func (c *cluster) Create(_ context.Context, o *unstructured.Unstructured, how plan.Write) (*unstructured.Unstructured, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	o = o.DeepCopy()
	o.SetUID(types.UID("uid-" + strconv.Itoa(c.version)))
	return o.DeepCopy(), c.store("create", o, how)
}

func (c *cluster) Patch(_ context.Context, o *unstructured.Unstructured, patch []byte, how plan.Write) (*unstructured.Unstructured, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	stored, err := c.there(o)
	if err != nil {
		return nil, err
	}
	changes := map[string]any{}
	if err := json.Unmarshal(patch, &changes); err != nil {
		return nil, err
	}
	patched := &unstructured.Unstructured{Object: merged(stored.DeepCopy().Object, changes)}
	return patched.DeepCopy(), c.store("patch", patched, how)
}

func (c *cluster) Delete(_ context.Context, o *unstructured.Unstructured, _ types.UID, _ string, how plan.Write) error {
	c.lock.Lock()
	defer c.lock.Unlock()
	if _, err := c.there(o); err != nil {
		return err
	}
	return c.store("delete", o, how)
}

// merged applies a JSON merge patch.
func merged(object, patch map[string]any) map[string]any {
	for key, value := range patch {
		inner, is := value.(map[string]any)
		old, was := object[key].(map[string]any)
		switch {
		case value == nil:
			delete(object, key)
		case is && was:
			object[key] = merged(old, inner)
		default:
			object[key] = value
		}
	}
	return object
}

// store does what was asked, unless it is only tried.
func (c *cluster) store(verb string, o *unstructured.Unstructured, how plan.Write) error {
	switch {
	case how.DryRun:
		return nil
	case c.refuse != nil:
		return c.refuse
	case verb == "delete":
		delete(c.objects, keyOf(o))
	default:
		c.put(o)
	}
	c.written = append(c.written, verb+" "+keyOf(o))
	return nil
}

func (c *cluster) May(
	_ context.Context, asked []authorizationv1.ResourceAttributes,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	out := make([]authorizationv1.SubjectAccessReviewStatus, len(asked))
	for i := range out {
		out[i].Allowed = !c.forbids
	}
	return out, nil
}
