package change

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// server is an API server in memory, as much as a plan that goes well needs of one.
type server struct {
	mu      sync.Mutex
	objects map[string]*unstructured.Unstructured
	writes  []string
	// refuse says which rights the caller lacks, and refuseWrite which writes fail.
	refuse      func(authorizationv1.ResourceAttributes) bool
	refuseWrite func(o *unstructured.Unstructured, w plan.Write) error
}

func newServer(objects ...*unstructured.Unstructured) *server {
	s := &server{objects: map[string]*unstructured.Unstructured{}}
	for _, o := range objects {
		s.objects[identity(o)] = o
	}
	return s
}

func (s *server) write(verb string, o *unstructured.Unstructured, w plan.Write) error {
	if s.refuseWrite != nil {
		if err := s.refuseWrite(o, w); err != nil {
			return err
		}
	}
	if !w.DryRun {
		s.writes = append(s.writes, verb+" "+o.GetName()+" by "+w.FieldManager)
	}
	return nil
}

func (s *server) Get(_ context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found, ok := s.objects[identity(o)]; ok {
		return found.DeepCopy(), nil
	}
	return nil, apierrors.NewNotFound(schema.GroupResource{Resource: strings.ToLower(o.GetKind()) + "s"}, o.GetName())
}

func (s *server) Create(_ context.Context, o *unstructured.Unstructured, w plan.Write) (*unstructured.Unstructured, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write("create", o, w); err != nil {
		return nil, err
	}
	o = o.DeepCopy()
	o.SetUID(types.UID("uid-of-" + o.GetName()))
	o.SetResourceVersion("1")
	if !w.DryRun {
		s.objects[identity(o)] = o
	}
	return o.DeepCopy(), nil
}

func (s *server) Patch(_ context.Context, o *unstructured.Unstructured, patch []byte, w plan.Write) (*unstructured.Unstructured, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write("patch", o, w); err != nil {
		return nil, err
	}
	now := s.objects[identity(o)].DeepCopy()
	var change map[string]any
	if err := json.Unmarshal(patch, &change); err != nil {
		return nil, err
	}
	merge(now.Object, change)
	if !w.DryRun {
		s.objects[identity(o)] = now
	}
	return now.DeepCopy(), nil
}

func merge(into, from map[string]any) {
	for key, value := range from {
		below, isMap := value.(map[string]any)
		at, hasMap := into[key].(map[string]any)
		switch {
		case value == nil:
			delete(into, key)
		case isMap && hasMap:
			merge(at, below)
		default:
			into[key] = value
		}
	}
}

func (s *server) Delete(_ context.Context, o *unstructured.Unstructured, _ types.UID, _ string, w plan.Write) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.write("delete", o, w); err != nil {
		return err
	}
	if !w.DryRun {
		delete(s.objects, identity(o))
	}
	return nil
}

func (s *server) May(
	_ context.Context, attributes []authorizationv1.ResourceAttributes,
) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	out := make([]authorizationv1.SubjectAccessReviewStatus, len(attributes))
	for i := range attributes {
		out[i].Allowed = s.refuse == nil || !s.refuse(attributes[i])
	}
	return out, nil
}

func (s *server) names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.objects))
}

// terminal is a screen on which everything is a terminal, with or without colours.
type terminal struct{ coloured bool }

func (terminal) isTerminal(any) bool        { return true }
func (t terminal) colours(_ io.Writer) bool { return t.coloured }

// outcome is all that a user sees.
type outcome struct {
	stdout, stderr string
	code           int
}

// carry runs a command that carries out task, with the flags in args; answer is what is typed, on a terminal when it is
// not empty.
func carry(t *testing.T, task Task, answer string, args ...string) outcome {
	t.Helper()
	return carryOn(t, t.Context(), task, strings.NewReader(answer), answer != "", args...)
}

func carryOn(t *testing.T, ctx context.Context, task Task, in io.Reader, tty bool, args ...string) outcome { //nolint:revive // a test's context comes second, as in testing
	t.Helper()
	var stdout, stderr bytes.Buffer
	streams := genericiooptions.IOStreams{In: in, Out: &stdout, ErrOut: &stderr}
	now := clocktesting.NewFakePassiveClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	code := cli.Run(ctx, cli.NewEnv(streams, now, "kubectl test"), func(env *cli.Env) *cobra.Command { //nolint:contextcheck // the command has it
		f := NewFlags(env)
		cmd := &cobra.Command{Use: "kubectl-test", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.Options()
			if err != nil {
				return err
			}
			if tty {
				o.screen = terminal{}
			}
			return o.Carry(cmd.Context(), task)
		}}
		f.AddFlags(cmd)
		return cmd
	}, args)
	return outcome{stdout.String(), stderr.String(), code}
}

func object(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &u.Object); err != nil {
		t.Fatalf("parse %s: %v", manifest, err)
	}
	return u
}

func binding(t *testing.T, namespace, name, annotation string) *unstructured.Unstructured {
	t.Helper()
	return object(t, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: `+name+`, namespace: `+
		namespace+`, annotations: {note: "`+annotation+`"}}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}, `+
		`subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]}`)
}

func newPlan(t *testing.T, summary string, steps ...plan.Step) plan.Plan {
	t.Helper()
	p, err := plan.New(summary, steps...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
