package workspaces

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Loaded is what was read.
type Loaded struct {
	State *workspace.State
	// Cluster is the live cluster, and Server carries out plans on it; both are nil when none was asked.
	Cluster *kube.Cluster
	Server  plan.Server

	flags *Flags
	stdin *bytes.Buffer // what came from stdin; nil when it was not read
	told  bool          // of the gaps

	lock   sync.Mutex
	rights *rbac.Index
}

// Rights returns the roles and bindings of the source, compiled: for what a grant gives, and who may give it. They are
// read at the first call. The index's snapshot says what could not be read. It is an error when nothing was read at all
// ([Flags.Empty]).
func (l *Loaded) Rights(ctx context.Context) (*rbac.Index, error) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.rights != nil {
		return l.rights, nil
	}
	from, err := l.source()
	if err != nil {
		return nil, err
	}
	snapshot, err := from.Load(ctx, source.Want{Namespace: *l.flags.env.Config.Namespace})
	if err != nil {
		return nil, err
	}
	l.rights = rbac.Compile(snapshot)
	return l.rights, nil
}

// source is where rules of access come from. What is odd in manifests was told when they were read for the state.
func (l *Loaded) source() (source.Source, error) {
	switch {
	case l.Cluster != nil:
		return source.Live(l.Cluster, l.flags.env.Clock, l.flags.env.Warnf), nil
	case !l.flags.Offline():
		return nil, errors.New("read roles: no cluster is asked, and no manifests are given")
	}
	options := source.FilesOptions{}
	if l.stdin != nil {
		options.Stdin = bytes.NewReader(l.stdin.Bytes())
	}
	return source.FilesWith(l.flags.from, options)
}

// Self returns who is asking the cluster, and the groups that the cluster knows of him. Without a cluster it is a usage
// error.
func (l *Loaded) Self(ctx context.Context) (rbac.Identity, error) {
	if l.Cluster == nil {
		return rbac.Identity{}, cli.UsageError(errors.New("\"me\" is whoever asks a cluster: with --from name a subject"))
	}
	self, err := l.Cluster.Self(ctx)
	if err != nil {
		return rbac.Identity{}, err
	}
	return rbac.NewIdentity(rbac.User(self.Username), self.Groups...), nil
}

// Subject reads a subject as [rbac.ParseSubject] does; "me" is whoever asks the cluster.
func (l *Loaded) Subject(ctx context.Context, text string) (rbac.Subject, error) {
	if text == "me" {
		self, err := l.Self(ctx)
		return self.Subject, err
	}
	subject, err := rbac.ParseSubject(text)
	return subject, cli.UsageError(err)
}
