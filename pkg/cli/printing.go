package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// Printing returns the RunE of a command whose answer is printed in the form that flags say. A form that there is not is a
// usage error, told before run is called.
func Printing(flags *printer.Flags, run func(ctx context.Context, p printer.Printer, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		p, err := flags.ToPrinter()
		if err != nil {
			return UsageError(err)
		}
		return run(cmd.Context(), p, args)
	}
}
