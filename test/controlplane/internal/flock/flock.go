// Package flock lets processes take turns with a file. The kernel gives a lock back when its process dies, so that nobody waits for the dead.
package flock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// pulse is the time between two tries to take a lock that somebody else holds.
const pulse = 100 * time.Millisecond

// Try takes the lock on the file at path, which it makes when it is missing. unlock gives it back; it is nil when somebody else holds the lock.
// Error: a file that cannot be opened or locked.
func Try(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // closed on exec, so children do not hold it
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	switch {
	case err == nil:
		return func() { file.Close() }, nil //nolint:errcheck // the lock is given back in any case
	case errors.Is(err, syscall.EWOULDBLOCK):
		return nil, file.Close()
	default:
		return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
	}
}

// Lock does as Try, but waits for the lock until ctx ends. waiting, unless nil, is called once when there is something to wait for.
func Lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	for {
		unlock, err := Try(path)
		if unlock != nil || err != nil {
			return unlock, err
		}
		if waiting != nil {
			waiting()
			waiting = nil
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s: %w", path, context.Cause(ctx))
		case <-time.After(pulse):
		}
	}
}
