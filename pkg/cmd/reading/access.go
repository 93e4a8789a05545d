package reading

import (
	"context"
	"errors"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// Rights returns the roles and bindings of the source, compiled: for what a grant gives, and who may give it. They are
// read at the first call. The index's snapshot says what could not be read. It is an error when nothing was read at all
// ([Flags.Nothing]).
func (r *Reading) Rights(ctx context.Context) (*rbac.Index, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.rights != nil {
		return r.rights, nil
	}
	from, err := r.source()
	if err != nil {
		return nil, err
	}
	snapshot, err := from.Load(ctx, source.Want{Namespace: *r.flags.env.Config.Namespace})
	if err != nil {
		return nil, err
	}
	r.rights = rbac.Compile(snapshot)
	return r.rights, nil
}

// source is where rules of access come from. What is odd in manifests was told when they were read for the state.
func (r *Reading) source() (source.Source, error) {
	switch {
	case r.Cluster != nil:
		return source.Live(r.Cluster, r.flags.env.Clock, r.flags.env.Warnf), nil
	case !r.flags.Offline():
		return nil, errors.New("read roles: no cluster is asked, and no manifests are given")
	}
	r.flags.lock.Lock()
	defer r.flags.lock.Unlock()
	return source.FilesWith(r.flags.from, source.FilesOptions{Stdin: r.flags.input()})
}

// Self returns who is asking the cluster, and the groups that the cluster knows of him. Without a cluster it is a usage
// error.
func (r *Reading) Self(ctx context.Context) (rbac.Identity, error) {
	if r.Cluster == nil {
		return rbac.Identity{}, cli.UsageError(errors.New("\"me\" is whoever asks a cluster: with --from name a subject"))
	}
	self, err := r.Cluster.Self(ctx)
	if err != nil {
		return rbac.Identity{}, err
	}
	return rbac.NewIdentity(rbac.User(self.Username), self.Groups...), nil
}

// Subject reads a subject as [rbac.ParseSubject] does; "me" is whoever asks the cluster.
func (r *Reading) Subject(ctx context.Context, text string) (rbac.Subject, error) {
	if text == "me" {
		self, err := r.Self(ctx)
		return self.Subject, err
	}
	subject, err := rbac.ParseSubject(text)
	return subject, cli.UsageError(err)
}
