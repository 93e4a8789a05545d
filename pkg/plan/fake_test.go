package plan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// request is one request that the server got.
type request struct {
	index  int
	verb   string // get, create, patch, delete
	object *unstructured.Unstructured
	dryRun bool
}

func (r request) String() string {
	text := r.verb + " " + id(r.object)
	if r.dryRun {
		text += " (dry run)"
	}
	return text
}

func id(o *unstructured.Unstructured) string {
	return strings.TrimPrefix(strings.ToLower(o.GetKind())+" "+o.GetNamespace()+"/"+o.GetName(), "/")
}

// answer is what a test does to a request: before is the answer in place of the server's, after the one that is given
// although the server has done what was asked for.
type answer struct{ before, after error }

// server is an API server in memory: UIDs, resource versions, preconditions, merge patches.
type server struct {
	mu       sync.Mutex
	objects  map[string]*unstructured.Unstructured
	version  int
	requests []string
	// fault may spoil a request; it may change the server's objects with put and drop, as somebody else would.
	fault func(request) answer
	// changed is called after every change.
	changed func(map[string]*unstructured.Unstructured)
	// allowed decides access reviews.
	allowed func(authorizationv1.ResourceAttributes) bool
	asked   []string
}

func newServer(objects ...*unstructured.Unstructured) *server {
	s := &server{objects: map[string]*unstructured.Unstructured{}}
	for _, o := range objects {
		s.put(o)
	}
	return s
}

// put stores an object as somebody else would: a new version, and a UID when it has none.
func (s *server) put(o *unstructured.Unstructured) *unstructured.Unstructured {
	s.version++
	o = o.DeepCopy()
	if o.GetUID() == "" {
		o.SetUID(types.UID("uid-" + strconv.Itoa(s.version)))
	}
	o.SetResourceVersion(strconv.Itoa(s.version))
	s.objects[id(o)] = o
	if s.changed != nil {
		s.changed(s.objects)
	}
	return o.DeepCopy()
}

func (s *server) drop(name string) {
	delete(s.objects, name)
	if s.changed != nil {
		s.changed(s.objects)
	}
}

// find returns an object as it is now.
func (s *server) find(t *testing.T, name string) *unstructured.Unstructured {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.objects[name]
	if !ok {
		t.Fatalf("no %s in %v", name, slices.Sorted(maps.Keys(s.objects)))
	}
	return o.DeepCopy()
}

// state returns what is there, without what the server writes.
func (s *server) state() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]string{}
	for name, o := range s.objects {
		o = o.DeepCopy()
		unstructured.RemoveNestedField(o.Object, "metadata", "uid")
		unstructured.RemoveNestedField(o.Object, "metadata", "resourceVersion")
		data, _ := json.Marshal(o.Object)
		out[name] = string(data)
	}
	return out
}

// serve counts a request and does it, unless the test has something against it.
func (s *server) serve(
	ctx context.Context, verb string, o *unstructured.Unstructured, dryRun bool,
	do func() (*unstructured.Unstructured, error),
) (*unstructured.Unstructured, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := request{index: len(s.requests), verb: verb, object: o, dryRun: dryRun}
	s.requests = append(s.requests, r.String())
	var spoiled answer
	if s.fault != nil {
		spoiled = s.fault(r)
	}
	if spoiled.before != nil {
		return nil, spoiled.before
	}
	object, err := do()
	if spoiled.after != nil {
		return nil, spoiled.after
	}
	return object, err
}

func resource(o *unstructured.Unstructured) schema.GroupResource {
	r, _ := meta.UnsafeGuessKindToResource(o.GroupVersionKind())
	return r.GroupResource()
}

func (s *server) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.serve(ctx, "get", o, false, func() (*unstructured.Unstructured, error) { return s.stored(o) })
}

func (s *server) stored(o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	live, ok := s.objects[id(o)]
	if !ok {
		return nil, apierrors.NewNotFound(resource(o), o.GetName())
	}
	return live.DeepCopy(), nil
}

func (s *server) Create(
	ctx context.Context, o *unstructured.Unstructured, w plan.Write,
) (*unstructured.Unstructured, error) {
	return s.serve(ctx, "create", o, w.DryRun, func() (*unstructured.Unstructured, error) {
		if o.GetResourceVersion() != "" {
			return nil, apierrors.NewBadRequest("resourceVersion should not be set on objects to be created")
		}
		if _, err := s.stored(o); err == nil {
			return nil, apierrors.NewAlreadyExists(resource(o), o.GetName())
		}
		if w.DryRun {
			return o.DeepCopy(), nil
		}
		return s.put(o), nil
	})
}

func (s *server) Patch(
	ctx context.Context, o *unstructured.Unstructured, patch []byte, w plan.Write,
) (*unstructured.Unstructured, error) {
	return s.serve(ctx, "patch", o, w.DryRun, func() (*unstructured.Unstructured, error) {
		live, err := s.stored(o)
		if err != nil {
			return nil, err
		}
		var changes map[string]any
		if err := json.Unmarshal(patch, &changes); err != nil {
			return nil, apierrors.NewBadRequest(err.Error())
		}
		for field, now := range map[string]string{"uid": string(live.GetUID()), "resourceVersion": live.GetResourceVersion()} {
			want, given, _ := unstructured.NestedString(changes, "metadata", field)
			if given && want != now {
				return nil, apierrors.NewConflict(resource(o), o.GetName(), errors.New("the object has been modified"))
			}
		}
		merge(live.Object, changes)
		if w.DryRun {
			return live, nil
		}
		return s.put(live), nil
	})
}

func (s *server) Delete(
	ctx context.Context, o *unstructured.Unstructured, uid types.UID, resourceVersion string, w plan.Write,
) error {
	_, err := s.serve(ctx, "delete", o, w.DryRun, func() (*unstructured.Unstructured, error) {
		live, err := s.stored(o)
		if err != nil {
			return nil, err
		}
		if uid != "" && uid != live.GetUID() || resourceVersion != "" && resourceVersion != live.GetResourceVersion() {
			return nil, apierrors.NewConflict(resource(o), o.GetName(), errors.New("the precondition does not hold"))
		}
		if !w.DryRun {
			s.drop(id(o))
		}
		return nil, nil
	})
	return err
}

func (s *server) May(
	_ context.Context, attributes []authorizationv1.ResourceAttributes,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []authorizationv1.SubjectAccessReviewStatus
	for _, a := range attributes {
		s.asked = append(s.asked, strings.TrimSpace(fmt.Sprintf("%s %s in %q %s", a.Verb, a.Resource, a.Namespace, a.Name)))
		out = append(out, authorizationv1.SubjectAccessReviewStatus{Allowed: s.allowed(a)})
	}
	return out, nil
}

// merge applies a merge patch.
func merge(into, patch map[string]any) {
	for name, value := range patch {
		inner, isMap := value.(map[string]any)
		switch {
		case value == nil:
			delete(into, name)
		case isMap:
			below, ok := into[name].(map[string]any)
			if !ok {
				below = map[string]any{}
				into[name] = below
			}
			merge(below, inner)
		default:
			into[name] = value
		}
	}
}

// Errors as they come from client-go.
var (
	errKilled  = fmt.Errorf("post: %w", io.ErrUnexpectedEOF)
	errReset   = &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	errTimeout = fmt.Errorf("post: %w", context.DeadlineExceeded)
	errDown    = &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
)

func status(code int, reason metav1.StatusReason, message string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: int32(code), Reason: reason, Message: message,
	}}
}

func forbidden(o *unstructured.Unstructured) error {
	return apierrors.NewForbidden(resource(o), o.GetName(), errors.New("no"))
}

func tooMany() error { return apierrors.NewTooManyRequests("later", 1) }

func broken() error {
	return status(http.StatusInternalServerError, metav1.StatusReasonInternalError, "boom")
}

// hurried is a clock on which every wait is over at once.
type hurried struct{ *clocktesting.FakeClock }

func newClock() hurried { return hurried{clocktesting.NewFakeClock(time.Unix(0, 0))} }

func (h hurried) NewTimer(d time.Duration) clock.Timer {
	timer := h.FakeClock.NewTimer(d)
	h.Step(d)
	return timer
}
