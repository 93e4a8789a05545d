package cli

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// Once makes the named flags of fs refuse a second value, as a mistake on the command line: of several, all but the last
// would be lost without a word. The flags are there already, and take one value each. One that is not there is passed over.
func Once(fs *pflag.FlagSet, names ...string) {
	for _, name := range names {
		if flag := fs.Lookup(name); flag != nil {
			flag.Value = &once{Value: flag.Value}
		}
	}
}

// once is the value of a flag that is given once.
type once struct {
	pflag.Value
	given bool
}

// again lets the flags of cmd and what is below it be given once more: to complete a line, cobra parses it twice.
func again(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(flag *pflag.Flag) {
		if o, is := flag.Value.(*once); is {
			flag.Value = o.Value
		}
	})
	for _, sub := range cmd.Commands() {
		again(sub)
	}
}

// Set implements [pflag.Value].
func (o *once) Set(text string) error {
	if o.given {
		return errors.New("it takes one value, and has one already")
	}
	o.given = true
	return o.Value.Set(text)
}
