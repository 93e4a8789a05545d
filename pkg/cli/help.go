package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupAnnotation is on commands that only hold other commands.
const groupAnnotation = "gatehouse.dev/group"

// helpWidth is where help breaks lines: terminals have at least this many columns, and golden files need one width.
const helpWidth = 100

// group is the RunE of a command that only holds others.
func group(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	return unknownCommand(cmd, args[0], "")
}

// NoCommand refuses words after a command that can be called bare and has others below it: they were meant to be
// commands. When no command has a similar name, next says what to do about such a word; an empty answer says nothing.
func NoCommand(next func(cmd *cobra.Command, word string) string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(cmd, args[0], next(cmd, args[0]))
	}
}

// unknownCommand is the error about a word that is no command: with those that it may have been meant to be, else with
// what next says.
func unknownCommand(cmd *cobra.Command, word, next string) error {
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	err := UsageError(fmt.Errorf("unknown command %q for %q", word, cmd.CommandPath()))
	if near := Similar(word, names); len(near) > 0 {
		for i := range near {
			near[i] = cmd.CommandPath() + " " + near[i]
		}
		return Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
	}
	return Hint(err, next)
}

// help prints what a command does and how to use it.
func help(cmd *cobra.Command, _ []string) {
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	// cobra gives help no way to return an error; a closed stdout is nobody's loss here.
	_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%s\n\n%s", dedent(text), usageText(cmd))
}

// usage is help without the description; [Run] never asks for it, but cobra's own code may.
func usage(cmd *cobra.Command) error {
	_, err := io.WriteString(cmd.OutOrStderr(), usageText(cmd))
	return err
}

func usageText(cmd *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.Runnable() && cmd.Annotations[groupAnnotation] == "" {
		b.WriteString("  " + cmd.UseLine() + "\n")
	}
	commands := commandList(cmd)
	if commands != "" {
		b.WriteString("  " + cmd.CommandPath() + " COMMAND\n")
	}
	section(&b, "Aliases", indent(strings.Join(cmd.Aliases, ", "), "  "))
	section(&b, "Examples", strings.TrimRight(cmd.Example, "\n "))
	section(&b, "Commands", commands)
	section(&b, "Flags", flagList(cmd.Flags(), func(f *pflag.Flag) bool { return connection(f) == "" }))
	local := cmd.Annotations[localAnnotation] != ""
	if !local {
		section(&b, "Connection flags", flagList(cmd.Flags(), func(f *pflag.Flag) bool { return connection(f) == "main" }))
	}
	if commands != "" || !local {
		b.WriteString("\n")
	}
	if commands != "" {
		fmt.Fprintf(&b, "Use %q for help about a command.\n", cmd.CommandPath()+" COMMAND -h")
	}
	if !local {
		fmt.Fprintf(&b, "Use %q for the flags about credentials and certificates.\n", cmd.Root().CommandPath()+" options")
	}
	return b.String()
}

// flagError points out which flag a mistyped one may have been meant for.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) || len(unknown.GetSpecifiedName()) < 2 {
		return UsageError(err)
	}
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := Similar(unknown.GetSpecifiedName(), names); len(near) > 0 {
		err = Hint(err, "did you mean --"+strings.Join(near, ", --")+"?")
	}
	return UsageError(err)
}

func section(b *strings.Builder, title, text string) {
	if text != "" {
		b.WriteString("\n" + title + ":\n" + text + "\n")
	}
}

func commandList(cmd *cobra.Command) string {
	var lines []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() && sub.Name() != "help" {
			lines = append(lines, fmt.Sprintf("  %-*s  %s", sub.NamePadding(), sub.Name(), sub.Short))
		}
	}
	return strings.Join(lines, "\n")
}

// flagList returns the help of the flags that show is true for, hidden ones left out.
func flagList(fs *pflag.FlagSet, show func(*pflag.Flag) bool) string {
	shown := pflag.NewFlagSet("", pflag.ContinueOnError)
	fs.VisitAll(func(f *pflag.Flag) {
		if show(f) {
			shown.AddFlag(f)
		}
	})
	return strings.TrimRight(shown.FlagUsagesWrapped(helpWidth), "\n")
}

// connection returns "main" or "more" for a connection flag, and an empty string for all others.
func connection(f *pflag.Flag) string {
	if values := f.Annotations[connectionAnnotation]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func newOptionsCommand() *cobra.Command {
	return &cobra.Command{
		Use:         "options",
		Short:       "List the flags that every command has",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{localAnnotation: "true"},
		RunE: func(cmd *cobra.Command, _ []string) error {
			flags := flagList(cmd.InheritedFlags(), func(f *pflag.Flag) bool { return connection(f) != "" })
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "Every command takes these flags:\n\n%s\n", flags)
			return err
		},
	}
}
