package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// The error is that of the first in order that fails, whichever fails first.
func TestAllOf(t *testing.T) {
	t.Parallel()
	first, last := errors.New("first"), errors.New("last")
	failed := make(chan struct{})
	tests := map[string]struct {
		do   func(ctx context.Context, i int) error
		want error
	}{
		"none fails": {do: func(context.Context, int) error { return nil }},
		"the last fails before the first": {
			do: func(ctx context.Context, i int) error {
				switch i {
				case 0:
					<-failed
					return errors.Join(ctx.Err(), first)
				case 1:
					<-failed
					return ctx.Err() // it is not called off by what comes after it
				}
				close(failed)
				return last
			},
			want: first,
		},
		"the last is called off": {
			do: func(ctx context.Context, i int) error {
				if i == 2 {
					<-ctx.Done()
					return last
				}
				if i == 1 {
					return first
				}
				return nil
			},
			want: first,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := allOf(t.Context(), 3, tt.do)
			if !errors.Is(err, tt.want) || errors.Is(err, context.Canceled) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// An empty folder is told of in the words of what was looked for.
func TestEmptyFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for want, kinds := range map[string][]inventory.Kind{
		"no objects of k0rdent in ":                  {inventory.ClusterAuthentications, inventory.Namespaces},
		"no objects of workspaces in ":               {inventory.Profiles, inventory.Namespaces},
		"no objects of workspaces or of k0rdent in ": {inventory.Profiles, inventory.ClusterAuthentications},
	} {
		var said []string
		options := FilesOptions{Warn: func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }}
		if _, err := FileInventory(t.Context(), []string{dir}, options, inventory.Want{Kinds: kinds}); err != nil {
			t.Fatal(err)
		}
		if want := []string{want + dir}; !slices.Equal(said, want) {
			t.Errorf("said %q, want %q", said, want)
		}
	}
}
