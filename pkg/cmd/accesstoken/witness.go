package accesstoken

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// takingBack is how long it may take to delete what was made in vain.
const takingBack = 30 * time.Second

// witness carries plans out, and remembers what it has made. Of an AccessToken it puts the secret in on the way to the
// server, and takes it out of all that comes back, so that nothing that shows plans or their outcome ever has it.
type witness struct {
	plan.Server
	cluster *kube.Cluster
	// secret is the token of an AccessToken; empty when the plan makes none.
	secret string

	mu   sync.Mutex
	made []*unstructured.Unstructured
}

// Create implements [plan.Server].
func (w *witness) Create(ctx context.Context, o *unstructured.Unstructured, how plan.Write) (*unstructured.Unstructured, error) {
	var (
		stored *unstructured.Unstructured
		err    error
	)
	if w.keeps(o) {
		full := o.DeepCopy()
		if err := unstructured.SetNestedField(full.Object, w.secret, "spec", "token"); err != nil {
			return nil, err
		}
		stored, err = w.cluster.CreateQuietly(ctx, full, kube.WriteOptions(how))
		err = w.redact(err)
	} else {
		stored, err = w.Server.Create(ctx, o, how)
	}
	if err != nil {
		return nil, err
	}
	w.hide(stored)
	if !how.DryRun {
		w.mu.Lock()
		w.made = append(w.made, stored)
		w.mu.Unlock()
	}
	return stored, nil
}

// Get implements [plan.Server].
func (w *witness) Get(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	live, err := w.Server.Get(ctx, o)
	if err != nil {
		return nil, w.redact(err)
	}
	w.hide(live)
	return live, nil
}

// keeps reports whether the object holds the secret.
func (w *witness) keeps(o *unstructured.Unstructured) bool {
	return w.secret != "" && o.GetKind() == kalm.TokenKind && o.GroupVersionKind().Group == kalm.Group
}

func (w *witness) hide(o *unstructured.Unstructured) {
	text, found, _ := unstructured.NestedString(o.Object, "spec", "token")
	if found && w.keeps(o) && (text == w.secret || text == inventory.Digest(w.secret)) {
		// It was a string before, so that it can be set.
		_ = unstructured.SetNestedField(o.Object, inventory.Hidden, "spec", "token")
	}
}

// redact takes the secret out of an error: a server that refuses a field may quote it.
func (w *witness) redact(err error) error {
	if err == nil || w.secret == "" || !strings.Contains(err.Error(), w.secret) {
		return err
	}
	if status, ok := errors.AsType[*apierrors.StatusError](err); ok {
		answer := *status.ErrStatus.DeepCopy()
		answer.Message = strings.ReplaceAll(answer.Message, w.secret, inventory.Hidden)
		answer.Details = nil
		return &apierrors.StatusError{ErrStatus: answer}
	}
	return errors.New(strings.ReplaceAll(err.Error(), w.secret, inventory.Hidden))
}

// objects are those that were made, in their order.
func (w *witness) objects() []*unstructured.Unstructured {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.made)
}

// uid is that of a Secret that was made; empty when its answer was lost.
func (w *witness) uid(secret string) types.UID {
	for _, o := range w.objects() {
		if o.GetKind() == "Secret" && o.GetName() == secret {
			return o.GetUID()
		}
	}
	return ""
}
