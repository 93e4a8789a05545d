package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// Run runs the command that newCommand makes, with args (without the program's name), and returns the exit code. It
// adds what every plugin has: connection flags, version, options, completion and help; it checks the connection flags
// before the command's RunE; and it prints the error. Commands use RunE and no other hook of cobra.
func Run(ctx context.Context, env *Env, newCommand func(*Env) *cobra.Command, args []string) int {
	env.completing = len(args) > 0 && (args[0] == cobra.ShellCompRequestCmd || args[0] == cobra.ShellCompNoDescRequestCmd)
	env.args = args
	root := newCommand(env)
	started := false
	if err := env.prepare(root, &started); err != nil { //nolint:contextcheck // completions get their context from cobra
		return env.fail(ctx, root, err)
	}
	// A nil slice would make cobra read the arguments of the process.
	root.SetArgs(slices.Concat([]string{}, args))
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	if !started {
		// Whatever is wrong before the command begins is wrong on the command line.
		err = UsageError(wanted(cmd, err))
	}
	return env.fail(ctx, cmd, err)
}

// wanted says which arguments a command wants in front of an error about their number, which only counts them.
func wanted(cmd *cobra.Command, err error) error {
	counts := strings.HasPrefix(err.Error(), "accepts ") || strings.HasPrefix(err.Error(), "requires at least ")
	if _, words, ok := strings.Cut(cmd.Use, " "); ok && counts {
		return fmt.Errorf("want %s: %w", words, err)
	}
	return err
}

// Predicate marks cmd as one that answers a question: its errors end with [ExitPredicateError], because [ExitNo] is an
// answer. It may be called as late as in RunE, when a flag makes it one.
func Predicate(cmd *cobra.Command) { annotate(cmd, predicateAnnotation) }

// PredicateFlag says that the boolean flag makes cmd one that answers a question, as in [Predicate]. It counts for
// mistakes on the command line too.
func PredicateFlag(cmd *cobra.Command, flag string) {
	annotate(cmd, predicateAnnotation)
	cmd.Annotations[predicateAnnotation] = flag
}

// isPredicate reports whether errors of cmd end with [ExitPredicateError].
func (e *Env) isPredicate(cmd *cobra.Command) bool {
	switch name := cmd.Annotations[predicateAnnotation]; name {
	case "":
		return false
	case "true":
		return true
	default:
		flag := cmd.Flags().Lookup(name)
		return flag != nil && (flag.Changed || slices.Contains(e.args, "--"+flag.Name) || flag.Shorthand != "" && slices.Contains(e.args, "-"+flag.Shorthand))
	}
}

// fail prints err and returns the exit code for it.
func (e *Env) fail(ctx context.Context, cmd *cobra.Command, err error) int {
	interrupted := ctx.Err() != nil
	switch {
	case isSilent(err):
	case interrupted && errors.Is(err, context.Canceled):
		e.Notef("interrupted")
	default:
		e.printError(cmd, err)
	}
	code, explicit := exitCode(err)
	switch {
	case interrupted:
		return ExitInterrupted
	case explicit:
		return code
	case e.isPredicate(cmd):
		return ExitPredicateError
	}
	return ExitError
}

func (e *Env) prepare(root *cobra.Command, started *bool) error {
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetIn(e.In)
	root.SetOut(e.Out)
	root.SetErr(e.ErrOut)
	if e.completing {
		// cobra remarks there how a completion went.
		root.SetErr(io.Discard)
		again(root)
	}
	e.rename(root)
	e.AddConnectionFlags(root)
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetVersionTemplate("{{.CommandPath}} {{.Version}}\n")
	root.SetHelpFunc(help)
	root.SetUsageFunc(usage)
	root.SetFlagErrorFunc(flagError)
	e.addShared(root, e)
	for cmd, part := range e.parts {
		e.addShared(cmd, part)
		if !hasCommand(cmd, "help") {
			cmd.AddCommand(newHelpCommand(cmd))
		}
	}
	e.wrap(root, started)
	return e.registerCompletions(root)
}

// addShared adds what every plugin has to the command of one: to the root, or to that of a part, where it must be no less.
// A part is not completed by itself, but with the program that it belongs to.
func (e *Env) addShared(cmd *cobra.Command, part *Env) {
	for _, shared := range []*cobra.Command{part.newVersionCommand(), newOptionsCommand(), e.newCompletionCommand()} {
		if !hasCommand(cmd, shared.Name()) {
			cmd.AddCommand(shared)
		}
	}
	cmd.Version = build().Version
	cmd.InitDefaultVersionFlag()
	if flag := cmd.Flags().Lookup("version"); flag != nil {
		flag.Usage = "Show the version of the program."
	}
}

// rename makes the file name of the plugin the root's name, for completion scripts, and shows the user's name for it.
func (e *Env) rename(root *cobra.Command) {
	if root.Annotations == nil {
		root.Annotations = map[string]string{}
	}
	root.Annotations[cobra.CommandDisplayNameAnnotation] = e.Name
	_, args, hasArgs := strings.Cut(root.Use, " ")
	root.Use = e.binary()
	if hasArgs {
		root.Use += " " + args
	}
}

// wrap checks the connection flags right before the RunE of cmd and of all commands below it, and notes that a command
// has begun. A group of commands gets a RunE that refuses what is no command of it; cobra would print its help.
func (e *Env) wrap(cmd *cobra.Command, started *bool) {
	if cmd.HasSubCommands() && !cmd.Runnable() {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = group
		annotate(cmd, groupAnnotation)
	}
	cmd.InitDefaultHelpFlag()
	if flag := cmd.Flags().Lookup("help"); flag != nil {
		flag.Usage = "Show this help."
	}
	if run := cmd.RunE; run != nil {
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := e.checkConnection(cmd); err != nil {
				return err
			}
			*started = true
			e.start(cmd)
			return run(cmd, args)
		}
	}
	for _, sub := range cmd.Commands() {
		e.wrap(sub, started)
	}
}

// start prepares the process for a command or a completion that may talk to a cluster.
func (e *Env) start(cmd *cobra.Command) {
	if e.onStart != nil {
		e.onStart(cmd)
	}
}

func hasCommand(root *cobra.Command, name string) bool {
	return slices.ContainsFunc(root.Commands(), func(c *cobra.Command) bool { return c.Name() == name })
}
