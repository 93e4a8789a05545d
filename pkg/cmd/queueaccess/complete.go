package queueaccess

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// subjectNames lists who has rights in some namespace: who is to use a queue is most likely one of them.
func subjectNames(ctx context.Context, env *cli.Env, flags *reading.Flags) ([]string, error) {
	l, err := load(ctx, env, flags, false, inventory.RoleBindings)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, b := range l.Inventory.RoleBindings {
		for _, subject := range b.Subjects {
			if who, ok := rbac.NewSubject(subject, b.Namespace); ok && !who.IsSystem() {
				names = append(names, name(who), who.String())
			}
		}
	}
	return names, nil
}

// completeSubject completes SUBJECT as the first argument.
func completeSubject(env *cli.Env, flags *reading.Flags) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) > 0 {
			return nil, nil
		}
		return subjectNames(ctx, env, flags)
	})
}

// completeSubjectFlag completes a subject as the value of a flag.
func completeSubjectFlag(env *cli.Env, flags *reading.Flags, cmd *cobra.Command, flag string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		return subjectNames(ctx, env, flags)
	}))
}

// completePlaces completes --namespaces with those of the queue that was typed; of all queues, before one was.
func (w *granting) completePlaces(cmd *cobra.Command) {
	_ = cmd.RegisterFlagCompletionFunc("namespaces", w.env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		l, err := load(ctx, w.env, w.reading, false, inventory.QueueConfigs, inventory.ClusterQueues, inventory.LocalQueues)
		if err != nil {
			return nil, err
		}
		var chosen []string
		if w.queue != "" {
			chosen = append(chosen, w.queue)
		}
		return placesOf(l.state, chosen), nil
	}))
}
