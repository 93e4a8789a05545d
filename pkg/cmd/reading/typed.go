package reading

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Typed returns the values of --from of whichever command below root is being typed: flags are parsed for one command
// only. It is for completions of flags that all commands share.
func Typed(root *cobra.Command) []string {
	if flag := root.Flags().Lookup("from"); flag != nil && flag.Changed {
		if values, ok := flag.Value.(pflag.SliceValue); ok {
			return values.GetSlice()
		}
	}
	for _, sub := range root.Commands() {
		if from := Typed(sub); len(from) > 0 {
			return from
		}
	}
	return nil
}

// Take makes the flags stand for what [Typed] returns.
func (f *Flags) Take(root *cobra.Command) { f.from = Typed(root) }
