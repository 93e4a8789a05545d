package plan

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

const (
	// attemptLimit ends a request that is not answered. Admission webhooks may take 30 s of it.
	attemptLimit = 40 * time.Second
	// lookLimit ends a read that is not answered.
	lookLimit = 10 * time.Second
	// maxTries ends the contest with somebody who writes the same object all the time, and the trust in a server that
	// fails with every try.
	maxTries = 5
)

// fate is what became of a write.
type fate struct {
	result Result
	object *unstructured.Unstructured
	err    error
	// foreign says that the object is as it should be, but that it can't be told who made it so: this write, whose
	// answer was lost, or somebody else. Taking it back could take what is not ours.
	foreign bool
}

// class says what an error of a write means.
type class int

const (
	refused   class = iota // not done, and never will be
	busy                   // not done, but may be tried again later
	collided               // not done: something else is there than was thought
	uncertain              // nobody knows
)

func classify(err error) class {
	var dial *net.OpError
	switch code := statusCode(err); {
	case errors.Is(err, errUnread), code == http.StatusConflict:
		return collided
	case code == http.StatusTooManyRequests, errors.As(err, &dial) && dial.Op == "dial":
		return busy
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout:
		return refused
	}
	return uncertain
}

// isSilent reports whether an error is that of a server that gave no answer at all. One that says that it is too busy,
// or whose webhook or quota says so for one namespace, is no reason to give up on everything else.
func isSilent(err error) bool {
	return err != nil && statusCode(err) == 0 && !errors.Is(err, errUnread)
}

func statusCode(err error) int {
	var status apierrors.APIStatus
	if errors.As(err, &status) {
		return int(status.Status().Code)
	}
	return 0
}

// settle writes until it is known what became of it, as far as patience goes.
func (c *carrier) settle(ctx context.Context, w work, later func(error) bool) fate {
	var (
		left   = c.patience()
		lost   error // of the last try that may have been done
		ending = func(err error) fate { return fate{result: Failed, err: err} }
	)
	for tries := 1; ; tries++ {
		object, err := write(ctx, w)
		if err == nil {
			return fate{result: w.result(), object: object}
		}
		kind := classify(err)
		switch {
		case kind == busy || kind == refused && later(err):
			if left.wait(ctx, serverDelay(err)) {
				tries--
				continue
			}
			if isSilent(err) {
				c.alarm.raise()
			}
			return ending(err)
		case kind == refused && w.result() == Deleted && apierrors.IsNotFound(err):
			return found(w, nil, lost)
		case kind == refused:
			return ending(err)
		case kind == uncertain:
			lost = err
		}
		live, lookErr := c.look(ctx, w, left)
		if lookErr != nil {
			if lost == nil {
				return ending(err)
			}
			return fate{result: Doubtful, err: lost}
		}
		switch v := w.compare(live); {
		case v.done:
			return found(w, live, lost)
		case v.against != nil:
			return ending(v.against)
		case v.later != nil:
			if !left.wait(ctx, 0) {
				return ending(v.later)
			}
			tries--
		case errors.Is(err, errUnread):
			tries--
		case tries >= maxTries || !left.wait(ctx, serverDelay(err)):
			return ending(err)
		}
	}
}

// found is the fate of a write that a look has shown to be done, after a try with a lost answer, if there was one.
func found(w work, live *unstructured.Unstructured, lost error) fate {
	if lost != nil {
		return fate{result: w.result(), object: live, foreign: true}
	}
	return fate{result: AsWanted, object: live}
}

func write(ctx context.Context, w work) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptLimit)
	defer cancel()
	return w.write(ctx)
}

// look reads the object of a write, nil when there is none, until the server answers or patience is at its end.
func (c *carrier) look(ctx context.Context, w work, left *patience) (*unstructured.Unstructured, error) {
	for {
		live, err := c.read(ctx, w.target())
		switch {
		case err == nil:
			return live, nil
		case apierrors.IsNotFound(err):
			return nil, nil //nolint:nilnil // nothing is there, and that is known
		}
		if classify(err) == refused {
			return nil, err
		}
		if !left.wait(ctx, serverDelay(err)) {
			if isSilent(err) {
				c.alarm.raise()
			}
			return nil, err
		}
	}
}

func (c *carrier) read(ctx context.Context, o *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	return c.server.Get(ctx, o)
}

// serverDelay returns when the server asks to come back.
func serverDelay(err error) time.Duration {
	seconds, ok := apierrors.SuggestsClientDelay(err)
	if !ok {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
