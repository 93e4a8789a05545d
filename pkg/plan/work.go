package plan

import (
	"context"
	"errors"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
)

// work is one write that may have to be tried more than once, until it is known to be done or not.
type work interface {
	// write tries once. errUnread asks for a look before the first try.
	write(ctx context.Context) (*unstructured.Unstructured, error)
	// compare takes a look at what is there now, nil for nothing, and fits the next try to it.
	compare(live *unstructured.Unstructured) verdict
	// target is the object to look at.
	target() *unstructured.Unstructured
	// before is the object that the last try was made for, as far as it was read; nil for a create.
	before() *unstructured.Unstructured
	// undo returns what takes the write back, when it was answered with object.
	undo(object *unstructured.Unstructured) work
	// result is what the write makes of its step.
	result() Result
}

// verdict is what a look at the object says about a write.
type verdict struct {
	// done says that the object is as the write wants it.
	done bool
	// later says that nothing can be written yet, because of this.
	later error
	// against says that the write must not be tried again, because of this. A verdict that says nothing allows it.
	against error
}

var (
	errUnread = errors.New("it was not read before")
	errBefore = errors.New("it exists already")
)

// conflict is the refusal to overwrite what somebody else has changed meanwhile.
func conflict(field string) error {
	return &apierrors.StatusError{ErrStatus: metav1.Status{
		Status: metav1.StatusFailure, Code: 409, Reason: metav1.StatusReasonConflict,
		Message: fmt.Sprintf("somebody else changed %s meanwhile", field),
	}}
}

type creation struct {
	server Server
	how    Write
	object *unstructured.Unstructured
}

func (c *creation) target() *unstructured.Unstructured { return c.object }

func (c *creation) before() *unstructured.Unstructured { return nil }

func (c *creation) result() Result { return Created }

func (c *creation) write(ctx context.Context) (*unstructured.Unstructured, error) {
	return c.server.Create(ctx, c.object, c.how)
}

func (c *creation) compare(live *unstructured.Unstructured) verdict {
	switch {
	case live == nil:
		return verdict{}
	case live.GetDeletionTimestamp() != nil:
		return verdict{later: errors.New("one of that name is still being deleted")}
	}
	if field := differsFrom(c.object, live); field != "" {
		return verdict{against: fmt.Errorf("%w, with another %s", errBefore, field)}
	}
	return verdict{done: true}
}

func (c *creation) undo(object *unstructured.Unstructured) work {
	return &deletion{
		server: c.server, how: c.how, old: object,
		uid: object.GetUID(), resourceVersion: object.GetResourceVersion(),
	}
}

type change struct {
	server               Server
	how                  Write
	object               *unstructured.Unstructured
	old                  *unstructured.Unstructured
	changes              []leaf
	uid, resourceVersion string
}

func (c *change) target() *unstructured.Unstructured { return c.object }

func (c *change) before() *unstructured.Unstructured { return c.old }

func (c *change) result() Result { return Configured }

func (c *change) write(ctx context.Context) (*unstructured.Unstructured, error) {
	if c.resourceVersion == "" {
		return nil, errUnread
	}
	body, err := patch(c.changes, c.uid, c.resourceVersion)
	if err != nil {
		return nil, fmt.Errorf("encode patch: %w", err)
	}
	return c.server.Patch(ctx, c.object, body, c.how)
}

func (c *change) compare(live *unstructured.Unstructured) verdict {
	if live == nil {
		return verdict{against: errors.New("it is gone")}
	}
	if c.uid != "" && c.uid != string(live.GetUID()) {
		return verdict{against: errors.New("it was deleted and made anew by somebody else meanwhile")}
	}
	left, taken := rebase(c.changes, live)
	if taken != "" {
		return verdict{against: conflict(taken)}
	}
	if len(left) == 0 {
		return verdict{done: true}
	}
	c.old, c.changes, c.uid, c.resourceVersion = live, left, string(live.GetUID()), live.GetResourceVersion()
	return verdict{}
}

func (c *change) undo(object *unstructured.Unstructured) work {
	return &change{
		server: c.server, how: c.how, object: object, old: object, changes: reversed(c.changes),
		uid: string(object.GetUID()), resourceVersion: object.GetResourceVersion(),
	}
}

type deletion struct {
	server Server
	how    Write
	// old is the object that is meant; with nothing but its name when only the UID is known.
	old             *unstructured.Unstructured
	uid             types.UID
	resourceVersion string
	// byUID says that the UID alone proves which object is meant.
	byUID bool
}

func (d *deletion) target() *unstructured.Unstructured { return d.old }

func (d *deletion) before() *unstructured.Unstructured {
	if d.byUID {
		return nil
	}
	return d.old
}

func (d *deletion) result() Result { return Deleted }

func (d *deletion) write(ctx context.Context) (*unstructured.Unstructured, error) {
	if d.uid == "" {
		return nil, errUnread
	}
	err := d.server.Delete(ctx, d.old, d.uid, d.resourceVersion, d.how)
	return nil, err
}

func (d *deletion) compare(live *unstructured.Unstructured) verdict {
	switch {
	case live == nil, live.GetDeletionTimestamp() != nil:
		return verdict{done: true}
	case d.uid != "" && d.uid != live.GetUID():
		if !d.byUID && otherThan(d.old, live) == "" {
			// The object that was meant is gone. To delete the new one is not ours, and to say that the grant is gone is wrong.
			return verdict{against: errors.New("somebody else made it anew meanwhile, just as it was")}
		}
		return verdict{done: true}
	case d.byUID:
		return verdict{}
	}
	if field := otherThan(d.old, live); field != "" {
		return verdict{against: conflict(field)}
	}
	d.old, d.uid, d.resourceVersion = live, live.GetUID(), live.GetResourceVersion()
	return verdict{}
}

func (d *deletion) undo(*unstructured.Unstructured) work {
	return &creation{server: d.server, how: d.how, object: manifest(d.old)}
}

// workOf returns what carries out a step.
func workOf(server Server, how Write, s Step) work {
	switch s.Verb {
	case Create:
		return &creation{server: server, how: how, object: manifest(s.Object)}
	case Update:
		return &change{
			server: server, how: how, object: s.Object, old: s.Old, changes: leaves(s.Old, s.Object),
			uid: string(s.Old.GetUID()), resourceVersion: s.Old.GetResourceVersion(),
		}
	case Delete:
		// below
	}
	d := &deletion{server: server, how: how, old: s.Old, uid: types.UID(s.UID()), byUID: s.Old == nil}
	if s.Old == nil {
		d.old = s.Object
	} else {
		d.resourceVersion = s.Old.GetResourceVersion()
	}
	return d
}
