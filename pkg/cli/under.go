package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"
)

// Under returns the command that newCommand makes, as one below the program's own: it is called by word, and says of
// itself that it is, as in "kubectl gatehouse whocan". Streams, clock, connection flags and what was told are shared; the
// namespaces that it completes are its own.
func (e *Env) Under(word string, newCommand func(*Env) *cobra.Command) *cobra.Command {
	part := &Env{IOStreams: e.IOStreams, Clock: e.Clock, Config: e.Config, Name: e.Name + " " + word, Patience: e.Patience, invoked: e.invoked}
	cmd := newCommand(part)
	_, args, _ := strings.Cut(cmd.Use, " ")
	cmd.Use = strings.TrimSpace(word + " " + args)
	if e.parts == nil {
		e.parts = map[*cobra.Command]*Env{}
	}
	e.parts[cmd] = part
	return cmd
}

// newHelpCommand returns the command "help" of a part. That of cobra looks for commands below the root only.
func newHelpCommand(part *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Help about any command",
		ValidArgsFunction: func(_ *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
			about, rest, err := part.Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var out []cobra.Completion
			for _, sub := range about.Commands() {
				if sub.IsAvailableCommand() && strings.HasPrefix(sub.Name(), prefix) {
					out = append(out, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return out, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			about, _, err := part.Find(args)
			if err != nil {
				return UsageError(err)
			}
			return about.Help()
		},
	}
}

// namespacesFor lists the namespaces for --namespace of a command: as the part of the program does that it belongs to.
func (e *Env) namespacesFor(cmd *cobra.Command) func(ctx context.Context, args []string, prefix string) ([]string, error) {
	list := e.Namespaces
	for ; cmd != nil; cmd = cmd.Parent() {
		if part := e.parts[cmd]; part != nil {
			list = part.Namespaces
			break
		}
	}
	return func(ctx context.Context, _ []string, prefix string) ([]string, error) {
		if list == nil {
			return nil, nil
		}
		return list(ctx, prefix)
	}
}
