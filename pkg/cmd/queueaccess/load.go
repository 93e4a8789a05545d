package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// loaded is what was read, and the state of the queues in it.
type loaded struct {
	*reading.Reading
	state *queue.State
}

// load reads the kinds everywhere: a queue is for several namespaces, and nothing in their names says which. With rights, it
// reads roles and bindings too; what of them could not be read is among the gaps of the inventory.
func load(ctx context.Context, env *cli.Env, flags *reading.Flags, rights bool, kinds ...inventory.Kind) (*loaded, error) {
	r, err := flags.Read(ctx, inventory.Want{Kinds: kinds})
	if err != nil {
		return nil, err
	}
	var index *rbac.Index
	if rights {
		if index, err = r.Rights(ctx); err != nil {
			return nil, err
		}
		for _, gap := range index.Snapshot().Gaps {
			if !slices.ContainsFunc(r.Inventory.Gaps, func(g rbac.Gap) bool { return g.What == gap.What && g.Namespace == gap.Namespace }) {
				r.Inventory.Gaps = append(r.Inventory.Gaps, gap)
			}
		}
	}
	l := &loaded{Reading: r, state: queue.NewState(r.Inventory, index, env.Clock.Now())}
	if rights && r.Cluster != nil {
		l.state.Serves = served(ctx, r)
	}
	return l, nil
}

// served returns what the cluster serves; nil when it does not say.
func served(ctx context.Context, r *reading.Reading) func(group, resource string) bool {
	all, err := r.Cluster.Resources(ctx)
	if err != nil || len(all.Failed) > 0 {
		return nil // then every kind is taken to be there
	}
	known := map[[2]string]struct{}{}
	for _, one := range all.Resources {
		known[[2]string{one.Group, one.Name}] = struct{}{}
	}
	return func(group, resource string) bool {
		_, is := known[[2]string{group, resource}]
		return is
	}
}

// findNamespace is an error when there is no namespace of the name that -n gives: whoever mistyped it must not take that for an
// answer. What may be there and can't be read is none.
func findNamespace(l *loaded, name string) error {
	if name == "" || !l.state.Place(&queue.Queue{}, name).Missing {
		return nil
	}
	var known []string
	for _, ns := range l.Inventory.Namespaces {
		known = append(known, ns.Name)
	}
	err := fmt.Errorf("find namespace %q: there is none", name)
	if near := cli.Similar(name, known); len(near) > 0 {
		return cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
	}
	return err
}

// findQueue returns the queue of that name. The error names those that are near.
func findQueue(l *loaded, name string) (*queue.Queue, error) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "clusterqueue.kueue.x-k8s.io/"), "clusterqueue/")
	if q := l.state.Queue(name); q != nil {
		return q, nil
	}
	var known []string
	for _, q := range l.state.Queues() {
		known = append(known, q.Name)
	}
	err := fmt.Errorf("find queue %s: there is none of that name", name)
	if unread := unreadQueues(l.state); len(unread) > 0 {
		err = fmt.Errorf("find queue %s: it is not among those that can be read (not %s)", name, unread[0].What)
		if unread[0].Missing != nil {
			err = cli.Hint(err, "it takes the rule "+rbac.RuleText(unread[0].Missing))
		}
		return nil, err
	}
	if near := cli.Similar(name, known); len(near) > 0 {
		err = cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
	} else if len(known) == 0 {
		err = cli.Hint(errors.New("find queue "+name+": there are no queues"), noQueues(l.state))
	} else {
		err = cli.Hint(err, "kubectl queueaccess list shows those that there are")
	}
	return nil, err
}

// unreadQueues are the gaps that queues may be hidden in.
func unreadQueues(s *queue.State) []rbac.Gap {
	return slices.Concat(s.Inventory.Missing(inventory.QueueConfigs), s.Inventory.Missing(inventory.ClusterQueues))
}

// noQueues says where queues are, when there are none; a KaiwoQueueConfig that Kaiwo passes over has none.
func noQueues(s *queue.State) string {
	for _, config := range s.Inventory.Objects(inventory.QueueConfigs) {
		if config.GetName() != kaiwo.ConfigName {
			return "Kaiwo passes over KaiwoQueueConfig " + config.GetName() + ": it must be named " + kaiwo.ConfigName
		}
	}
	if s.Config() != nil {
		return "KaiwoQueueConfig " + kaiwo.ConfigName + " lists none, and there is no ClusterQueue (kueue.x-k8s.io)"
	}
	return "queues are in KaiwoQueueConfigs (kaiwo.silogen.ai) and ClusterQueues (kueue.x-k8s.io)"
}

// oneQueue wants the name of one queue as the only argument.
func oneQueue(_ *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return cli.Hint(errors.New("which queue?"), "kubectl queueaccess list shows those that there are")
	case len(args) > 1:
		return fmt.Errorf("one at a time, not %s", strings.Join(args, " "))
	}
	return nil
}

// noQueue wants no arguments: of the commands about queues those that judge several name them by a flag.
func noQueue(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	flags := make([]string, len(args))
	for i, name := range args {
		flags[i] = "--queue " + shell.Word(name)
	}
	return cli.Hint(fmt.Errorf("no arguments are wanted, not %s", strings.Join(args, " ")), strings.Join(flags, " ")+" limits it to that queue")
}

// completeQueues completes the name of a queue as the first argument.
func completeQueues(env *cli.Env, flags *reading.Flags) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) > 0 {
			return nil, nil
		}
		return queueNames(ctx, env, flags)
	})
}

// completeQueueFlag completes the name of a queue as the value of a flag.
func completeQueueFlag(env *cli.Env, flags *reading.Flags, cmd *cobra.Command, flag string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, env.Complete(func(ctx context.Context, _ []string, typed string) ([]string, error) {
		names, err := queueNames(ctx, env, flags)
		if known := cmd.Flags().Lookup(flag); known != nil && known.Value.Type() == "stringSlice" {
			names = inList(names, typed)
		}
		return names, err
	}))
}

func queueNames(ctx context.Context, env *cli.Env, flags *reading.Flags) ([]string, error) {
	l, err := load(ctx, env, flags, false, inventory.QueueConfigs, inventory.ClusterQueues)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, q := range l.state.Queues() {
		names = append(names, q.Name)
	}
	return names, nil
}
