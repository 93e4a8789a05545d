package cli_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// A command is run with its arguments and the form that was asked for, and not at all for a form that there is not.
func TestPrinting(t *testing.T) {
	t.Parallel()
	var asked []string
	build := func(env *cli.Env) *cobra.Command {
		forms := printer.NewFlags(printer.Name, printer.JSON)
		root := &cobra.Command{Use: "test", Short: "Test"}
		cmd := &cobra.Command{Use: "show", Short: "Show", Args: cobra.ArbitraryArgs, RunE: cli.Printing(forms, func(_ context.Context, p printer.Printer, args []string) error {
			asked = args
			return p.Print(env.Out, printer.Report{Names: func() []string { return args }})
		})}
		forms.AddFlags(cmd.Flags())
		root.AddCommand(cmd)
		return root
	}
	got := run(t, build, "show", "-o", "name", "a", "b")
	if diff := cmp.Diff(outcome{Out: "a\nb\n"}, got); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	asked = nil
	if got := run(t, build, "show", "-o", "xml", "c"); got.Code != 1 || asked != nil || !strings.Contains(got.ErrOut, "xml") {
		t.Errorf("a form that there is not: %+v, run with %v", got, asked)
	}
}
