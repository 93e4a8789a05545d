package flock_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane/internal/flock"
)

func TestLock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := flock.Lock(t.Context(), path, func() { t.Error("waits for nobody") })
	if err != nil {
		t.Fatal(err)
	}
	if second, err := flock.Try(path); second != nil || err != nil {
		t.Errorf("try a lock that is held: taken %t, error %v", second != nil, err)
	}
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := flock.Lock(short, path, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("lock until the deadline: error %v", err)
	}
	again, err := flock.Lock(t.Context(), path, unlock) // given back by the holder once we wait
	if err != nil {
		t.Fatal(err)
	}
	again()
	if _, err := flock.Try(filepath.Join(path, "below-a-file")); err == nil {
		t.Error("lock below a file: no error")
	}
}
