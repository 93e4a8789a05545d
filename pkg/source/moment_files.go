package source

import (
	"bytes"
	"context"
	"io"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// FileMoment reads manifests and snapshot files: a moment that stays. The paths are those that [FilesWith] takes. What is
// odd is told once, although roles and the other objects are read one after the other.
func FileMoment(ctx context.Context, paths []string, options FilesOptions, want inventory.Want) (Moment, error) {
	var stdin bytes.Buffer
	if options.Stdin != nil {
		options.Stdin = io.TeeReader(options.Stdin, &stdin)
	}
	inv, err := FileInventory(ctx, paths, options, want)
	if err != nil {
		return Moment{}, err
	}
	options.Stdin, options.Warn, options.Note = &stdin, nil, nil
	files, err := FilesWith(paths, options)
	if err != nil {
		return Moment{}, err
	}
	snapshot, err := files.Load(ctx, Want{Resources: true, Namespaces: true, ServiceAccounts: true})
	if err != nil {
		return Moment{}, err
	}
	return Moment{Snapshot: snapshot, Inventory: inv, Complete: true, Link: Link{State: Still}}, nil
}
