package whocan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// inputs are the flags that say where the objects come from and who is in which group. All commands that ask share
// them.
type inputs struct {
	env        *cli.Env
	from       []string
	groupsFile string
	groups     []string
	strict     bool
	// several is set by commands that may ask several clusters at once.
	several bool
	// silent keeps notes on what was read to oneself, for --quiet.
	silent bool
}

// cluster is one snapshot, compiled, and the live cluster behind it; live is nil for manifests.
type cluster struct {
	name  string
	index *rbac.Index
	live  *kube.Cluster
	self  func(context.Context) (user string, groups []string, err error)
	err   error
}

func (in *inputs) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVar(&in.from, "from", nil, "Read `FILE|DIR|-` (manifests, dumps, snapshots) instead of a cluster. Repeatable.")
	fs.BoolVar(&in.strict, "strict", false, "Exit with 2 when not everything could be read.")
	if in.several {
		in.env.SupportContexts(cmd)
	}
}

func (in *inputs) addGroupFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVar(&in.groups, "group", nil, "The subject asked about is in this `GROUP` too. Repeatable.")
	in.addGroupsFile(cmd)
}

func (in *inputs) addGroupsFile(cmd *cobra.Command) {
	cmd.Flags().StringVar(&in.groupsFile, "groups-file", "", "`FILE` that says who is in which groups (YAML: user: [groups]; CSV: user,group,...).")
}

// offline reports whether no cluster is asked.
func (in *inputs) offline() bool { return len(in.from) > 0 }

// load reads all clusters at once and compiles them. One that cannot be reached does not spoil the others: it comes
// back with its error, which was told to the user. The error is for when there is none to ask.
func (in *inputs) load(ctx context.Context, want source.Want) ([]*cluster, error) {
	if in.offline() {
		c, err := in.loadFiles(ctx, in.from, want)
		if err != nil {
			return nil, err
		}
		return []*cluster{c}, nil
	}
	contexts, err := in.env.Contexts()
	if err != nil {
		return nil, err
	}
	clusters := make([]*cluster, len(contexts))
	var group errgroup.Group
	for i, name := range contexts {
		group.Go(func() error {
			clusters[i] = in.loadLive(ctx, name, want)
			return nil
		})
	}
	_ = group.Wait() // errors are in the clusters
	return clusters, in.report(clusters)
}

func (in *inputs) loadFiles(ctx context.Context, from []string, want source.Want) (*cluster, error) {
	files, err := source.FilesWith(from, source.FilesOptions{
		Stdin: in.env.In, Warn: in.env.Warnf,
		Note: func(format string, args ...any) {
			if !in.silent {
				in.env.Notef("note: "+format, args...)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	snap, err := files.Load(ctx, want)
	if err != nil {
		return nil, err
	}
	c := &cluster{name: files.Name(), index: rbac.Compile(snap)}
	in.tellGaps(c, false)
	return c, nil
}

func (in *inputs) loadLive(ctx context.Context, name string, want source.Want) *cluster {
	c := &cluster{name: name}
	if c.live, c.err = in.connect(name); c.err != nil {
		return c
	}
	c.name = c.live.Name()
	live := source.Live(c.live, in.env.Clock, in.env.Warnf)
	c.self = live.Self
	snap, err := live.Load(ctx, want)
	if err != nil {
		c.err = err
		return c
	}
	c.index = rbac.Compile(snap)
	return c
}

func (in *inputs) connect(name string) (*kube.Cluster, error) {
	flags := in.env.ConnectionFor(name)
	kube.LimitPlugins(flags, in.env.ErrOut)
	return kube.New(flags, in.env.UserAgent(), in.env.ErrOut)
}

// report tells about gaps and about clusters that failed, in their order, and fails when no cluster answered.
func (in *inputs) report(clusters []*cluster) error {
	var failed []error
	for _, c := range clusters {
		if c.err != nil {
			failed = append(failed, c.err)
			continue
		}
		in.tellGaps(c, len(clusters) > 1)
	}
	if len(failed) == len(clusters) {
		return errors.Join(failed...)
	}
	for _, c := range clusters {
		if c.err != nil {
			in.env.Warnf("cluster %s is left out: %v", c.name, c.err)
		}
	}
	return nil
}

// tellGaps says in one line what could not be read, and in another what it takes to read it.
func (in *inputs) tellGaps(c *cluster, named bool) {
	gaps := c.index.Snapshot().Gaps
	if len(gaps) == 0 {
		return
	}
	prefix := ""
	if named {
		prefix = c.name + ": "
	}
	in.env.Warnf("%scannot read %s: the answer is partial", prefix, strings.Join(question.GapTexts(gaps), ", "))
	for _, rule := range rbac.MissingRules(gaps) {
		in.env.Notef("hint: it takes the rule %s", rbac.RuleText(&rule))
	}
}

// complete reports whether every cluster answered, and in full.
func complete(clusters []*cluster) bool {
	return !slices.ContainsFunc(clusters, func(c *cluster) bool {
		return c.err != nil || !c.index.Snapshot().Complete()
	})
}

// answered returns the clusters that could be asked.
func answered(clusters []*cluster) []*cluster {
	return slices.DeleteFunc(slices.Clone(clusters), func(c *cluster) bool { return c.err != nil })
}

// finish turns an incomplete answer into the exit code that --strict asks for.
func (in *inputs) finish(clusters []*cluster) error {
	if in.strict && !complete(clusters) {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("the answer is partial, and --strict is set"))
	}
	return nil
}

// identity returns who a subject is, with the groups of the flags. "me" is whoever asks the cluster, with the groups that
// the cluster knows of besides.
func (in *inputs) identity(ctx context.Context, c *cluster, text string) (rbac.Identity, error) {
	s, groups, err := in.subject(ctx, c, text)
	if err != nil {
		return rbac.Identity{}, err
	}
	groups = append(groups, in.groups...)
	if in.groupsFile != "" {
		known, err := source.ReadGroups(in.groupsFile)
		if err != nil {
			return rbac.Identity{}, err
		}
		groups = append(groups, known[s.UserName()]...)
	}
	return rbac.NewIdentity(s, groups...), nil
}

// subject reads a subject, and asks the cluster when it is "me".
func (in *inputs) subject(ctx context.Context, c *cluster, text string) (rbac.Subject, []string, error) {
	if text == "me" {
		if c.self == nil {
			return rbac.Subject{}, nil, cli.UsageError(errors.New("\"me\" is whoever asks a cluster: with --from name a subject"))
		}
		user, groups, err := c.self(ctx)
		return rbac.User(user), slices.Clone(groups), err
	}
	s, err := rbac.ParseSubject(text)
	return s, nil, cli.UsageError(err)
}

// theOnly returns the one cluster of a command that asks one.
func theOnly(clusters []*cluster) (*cluster, error) {
	if len(clusters) != 1 {
		return nil, fmt.Errorf("ask %d clusters: this command asks one", len(clusters))
	}
	return clusters[0], clusters[0].err
}
