package queueaccess

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
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
				names = append(names, queue.Label(who), who.String())
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
	_ = cmd.RegisterFlagCompletionFunc("namespaces", w.env.Complete(func(ctx context.Context, _ []string, typed string) ([]string, error) {
		l, err := load(ctx, w.env, w.reading, false, inventory.QueueConfigs, inventory.ClusterQueues, inventory.LocalQueues)
		if err != nil {
			return nil, err
		}
		var chosen []string
		if w.queue != "" {
			chosen = append(chosen, w.queue)
		}
		return inList(placesOf(l.state, chosen), typed), nil
	}))
}

// inList are the words for the last place of a list with commas, with what is typed before it, and without what that has.
func inList(words []string, typed string) []string {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	var out []string
	for _, word := range words {
		if !slices.Contains(strings.Split(before, ","), word) {
			out = append(out, before+word)
		}
	}
	return out
}

// completeAbilities completes --can, a list.
func completeAbilities(cmd *cobra.Command) {
	// It fails for flags that are not there, or that have a completion.
	_ = cmd.RegisterFlagCompletionFunc("can", func(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		out := inList(strings.Split(abilityWords(), ", "), typed)
		return slices.DeleteFunc(out, func(word string) bool { return !strings.HasPrefix(word, typed) }), cobra.ShellCompDirectiveNoFileComp
	})
}

// completeRoles completes --compare with the roles that there are; files are offered, too.
func (f *roleFlags) completeRoles() cobra.CompletionFunc {
	roles := f.env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		namespace, err := f.env.Namespace()
		if err != nil {
			return nil, err
		}
		r, err := f.reading.Read(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings}, Namespace: namespace})
		if err != nil {
			return nil, err
		}
		index, err := r.Rights(ctx)
		if err != nil {
			return nil, err
		}
		var out []string
		for _, role := range index.Snapshot().Roles {
			switch role.Namespace {
			case "":
				out = append(out, "clusterrole/"+role.Name)
			case namespace:
				out = append(out, "role/"+role.Name)
			}
		}
		return out, nil
	})
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		var out []cobra.Completion
		if strings.HasPrefix(theDocument, typed) {
			out = append(out, theDocument)
		}
		found, _ := roles(cmd, args, typed)
		return append(out, found...), cobra.ShellCompDirectiveDefault
	}
}
