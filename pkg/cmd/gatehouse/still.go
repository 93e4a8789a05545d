package gatehouse

import (
	"context"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// still is a [tui.Source] of manifests and snapshots, which don't change by themselves. They are read when the screen is
// there already.
type still struct {
	from  []string
	aside *aside
}

// Run implements [tui.Source]. It publishes once.
func (s *still) Run(ctx context.Context, publish func(source.Moment)) error {
	want := world.Want()
	want.Kinds = append(want.Kinds, inventory.Pods, inventory.Workloads) // nobody can be asked for them later
	m, err := source.FileMoment(ctx, s.from, source.FilesOptions{Warn: s.aside.warnf, NotEmpty: true}, want)
	if err != nil {
		return err
	}
	publish(m)
	return nil
}

// Self implements [tui.Source]: nobody asks files.
func (s *still) Self(context.Context) (rbac.Identity, error) { return rbac.Identity{}, nil }

// Pods implements [tui.Source]: those of manifests came with everything else.
func (s *still) Pods(context.Context, string) ([]*corev1.Pod, error) { return nil, nil }

// Save implements [tui.Source].
func (s *still) Save(path string, snapshot *rbac.Snapshot) error { return save(path, snapshot) }
