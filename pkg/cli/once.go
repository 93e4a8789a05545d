package cli

import (
	"errors"

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

// Set implements [pflag.Value].
func (o *once) Set(text string) error {
	if o.given {
		return errors.New("it takes one value, and has one already")
	}
	o.given = true
	return o.Value.Set(text)
}
