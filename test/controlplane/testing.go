package controlplane

import (
	"cmp"
	"context"
	"io"
	"os"
	"testing"
)

// ForTest starts a control plane for one test (or benchmark) and its subtests, and stops it when they have ended. A start that fails ends the
// test; a component that ends during the test makes it fail, with the tail of its log.
func ForTest(t testing.TB, opts Options) *ControlPlane {
	t.Helper()
	cp, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cp.Failure(); err != nil {
			t.Error(err)
		}
		if err := cp.Stop(); err != nil {
			t.Error(err)
		}
	})
	return cp
}

// Run starts a control plane for all tests of a package, hands it to tests, stops it and returns the exit code:
//
//	func TestMain(m *testing.M) {
//		os.Exit(controlplane.Run(controlplane.Options{}, func(cp *controlplane.ControlPlane) int {
//			shared = cp
//			return m.Run()
//		}))
//	}
//
// The code is that of tests, or 1 when the control plane does not start, ends early or cannot be removed; why is then said to
// Options.Progress (default: standard error).
func Run(opts Options, tests func(*ControlPlane) int) int {
	progress := cmp.Or[io.Writer](opts.Progress, os.Stderr)
	cp, err := Start(context.Background(), opts)
	if err != nil {
		say(progress, "%v", err)
		return 1
	}
	defer cp.Stop() //nolint:errcheck // said below, unless tests panics
	code := tests(cp)
	for _, err := range []error{cp.Failure(), cp.Stop()} {
		if err != nil {
			say(progress, "%v", err)
			code = 1
		}
	}
	return code
}
