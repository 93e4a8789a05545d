package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// live is a cluster: a [tui.Source] to look at, and a [change.World] to change.
type live struct {
	cluster *kube.Cluster
	clock   ticking
	aside   *aside

	lock   sync.Mutex
	latest source.Moment
	index  *rbac.Index // of the snapshot of indexed
	// indexed is the snapshot that the index was made of.
	indexed *rbac.Snapshot
}

// connect reads the kubeconfig, and asks nobody: what is wrong there is told without a screen.
func (o *browseOptions) connect(aside *aside) (*live, error) {
	flags := o.env.ConnectionFor("")
	flags.Wrap(leaveTerminal)
	kube.LimitPlugins(flags, aside)
	cluster, err := kube.New(flags, o.env.UserAgent(), aside)
	if err != nil {
		return nil, err
	}
	return &live{cluster: cluster, clock: ticking{now: o.env.Clock}, aside: aside}, nil
}

// leaveTerminal keeps programs that get credentials from asking the user: the browser has the terminal.
func leaveTerminal(config *rest.Config) *rest.Config {
	if config.ExecProvider != nil {
		config.ExecProvider.StdinUnavailable = true
		config.ExecProvider.StdinUnavailableMessage = "the browser has the terminal: log in before it is opened"
	}
	return config
}

// Run implements [tui.Source].
func (l *live) Run(ctx context.Context, publish func(source.Moment)) error {
	follower := source.NewFollower(l.cluster, l.clock, l.aside.warnf, world.Want())
	return follower.Run(ctx, func(m source.Moment) {
		l.lock.Lock()
		l.latest = m
		l.lock.Unlock()
		publish(m)
	})
}

// Self implements [tui.Source] and [change.World].
func (l *live) Self(ctx context.Context) (rbac.Identity, error) {
	self, err := l.cluster.Self(ctx)
	if err != nil {
		return rbac.Identity{}, err
	}
	return rbac.NewIdentity(rbac.User(self.Username), self.Groups...), nil
}

// Pods implements [tui.Source].
func (l *live) Pods(ctx context.Context, namespace string) ([]*corev1.Pod, error) {
	inv, err := l.Inventory(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Pods}, Namespace: namespace})
	switch {
	case err != nil:
		return nil, err
	case len(inv.Gaps) > 0:
		return nil, fmt.Errorf("list pods in namespace %s: %s", namespace, inv.Gaps[0].Cause)
	}
	return inv.Pods, nil
}

// Save implements [tui.Source].
func (l *live) Save(path string, snapshot *rbac.Snapshot) error { return save(path, snapshot) }

// Inventory implements [change.World]: with Secrets, if they are wanted, that what authenticates clusters leads to.
func (l *live) Inventory(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	inv, err := source.LiveInventory(ctx, l.cluster, l.clock, l.aside.warnf, want)
	if err != nil || !slices.Contains(want.Kinds, inventory.Secrets) {
		return inv, err
	}
	secrets, gaps, err := source.LiveSecrets(ctx, l.cluster, clusterauth.SecretsNeeded(inv, clusterauth.CAs, clusterauth.AuthConfigs))
	if err != nil {
		return nil, err
	}
	inv.Secrets, inv.Gaps = secrets, append(inv.Gaps, gaps...)
	return inv, nil
}

// Rights implements [change.World]: with what is being watched, or by reading where it is not.
func (l *live) Rights(ctx context.Context) (*rbac.Index, error) {
	l.lock.Lock()
	m := l.latest
	l.lock.Unlock()
	snapshot := m.Snapshot
	if snapshot == nil || !m.Complete || m.Link.State != source.Watching {
		var err error
		if snapshot, err = source.Live(l.cluster, l.clock, l.aside.warnf).Load(ctx, source.Want{}); err != nil {
			return nil, err
		}
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.indexed != snapshot {
		l.index, l.indexed = rbac.Compile(snapshot), snapshot
	}
	return l.index, nil
}

// Server implements [change.World].
func (l *live) Server() plan.Server { return source.Server(l.cluster) }

// save writes a snapshot to a file that is not there yet.
func save(path string, snapshot *rbac.Snapshot) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("write snapshot: %s exists", path)
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return source.WriteSnapshotFile(path, snapshot)
}
