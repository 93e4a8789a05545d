package cli

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// Lister lists what the word that the user is typing may become; prefix is what there is of it. It may return more
// than what matches, in any order, and should stop when ctx ends.
type Lister func(ctx context.Context, prefix string) ([]string, error)

// completionItems is how many a completion shows.
const completionItems = 100

// Complete returns a cobra completion function that offers what list returns: sorted, at most 100 items, and nothing
// when list fails or takes longer than [Env.Patience]. Nothing is written to the error stream.
func (e *Env) Complete(list func(ctx context.Context, args []string, prefix string) ([]string, error)) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		e.start(cmd)
		ctx, cancel := context.WithTimeout(cmd.Context(), e.Patience)
		defer cancel()

		// A client that is stuck (in a credential plugin, say) is left behind: the process ends right after.
		answers := make(chan []string, 1)
		go func() {
			names, err := list(ctx, args, prefix)
			if err != nil {
				names = nil
			}
			answers <- names
		}()
		select {
		case names := <-answers:
			return offered(names, prefix), cobra.ShellCompDirectiveNoFileComp
		case <-ctx.Done():
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

// offered returns what of names starts with prefix; a name may be followed by a tab and a description. Names with
// characters that mean something to a shell are left out: some shells put them on the command line as they are.
func offered(names []string, prefix string) []cobra.Completion {
	out := []cobra.Completion{}
	for _, name := range names {
		word, description, described := strings.Cut(name, "\t")
		if word == "" || !strings.HasPrefix(word, prefix) || strings.ContainsFunc(word, special) {
			continue
		}
		if described {
			word = cobra.CompletionWithDesc(word, printer.Escape(description))
		}
		out = append(out, word)
	}
	slices.Sort(out)
	out = slices.Compact(out)
	return out[:min(len(out), completionItems)]
}

func special(r rune) bool {
	return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".:/@+=,%-", r)
}

// ofKubeconfig lists the names of one part of the kubeconfig.
func (e *Env) ofKubeconfig(names func(api.Config) iter.Seq[string]) func(context.Context, []string, string) ([]string, error) {
	return func(context.Context, []string, string) ([]string, error) {
		config, err := e.kubeconfig()
		if err != nil {
			return nil, err
		}
		return slices.Collect(names(config)), nil
	}
}

func (e *Env) completeNamespaces(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return e.Complete(e.namespacesFor(cmd))(cmd, args, prefix)
}

// registerCompletions adds the completion of the flags that this package and the printer own.
func (e *Env) registerCompletions(root *cobra.Command) error {
	for flag, complete := range map[string]cobra.CompletionFunc{
		"context":   e.Complete(e.ofKubeconfig(func(c api.Config) iter.Seq[string] { return maps.Keys(c.Contexts) })),
		"cluster":   e.Complete(e.ofKubeconfig(func(c api.Config) iter.Seq[string] { return maps.Keys(c.Clusters) })),
		"user":      e.Complete(e.ofKubeconfig(func(c api.Config) iter.Seq[string] { return maps.Keys(c.AuthInfos) })),
		"namespace": e.completeNamespaces,
	} {
		if err := root.RegisterFlagCompletionFunc(flag, complete); err != nil {
			return err
		}
	}
	return registerOutput(root)
}

// registerOutput adds the completion of every --output below cmd that has none.
func registerOutput(cmd *cobra.Command) error {
	for _, fs := range []*pflag.FlagSet{cmd.LocalNonPersistentFlags(), cmd.PersistentFlags()} {
		flag := fs.Lookup("output")
		if flag == nil || flag.Annotations[printer.FormatsAnnotation] == nil {
			continue
		}
		if _, found := cmd.GetFlagCompletionFunc("output"); found {
			continue
		}
		formats := flag.Annotations[printer.FormatsAnnotation]
		if err := cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)); err != nil {
			return err
		}
	}
	for _, sub := range cmd.Commands() {
		if err := registerOutput(sub); err != nil {
			return err
		}
	}
	return nil
}
