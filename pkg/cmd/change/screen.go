package change

import (
	"io"

	"k8s.io/cli-runtime/pkg/printers"
)

// screen knows which streams are terminals. Tests have one of their own.
type screen interface {
	// isTerminal takes a stream of the environment.
	isTerminal(stream any) bool
	// colours reports whether the stream is a terminal on which colours are wanted: see no-color.org.
	colours(stream io.Writer) bool
}

// process is the screen of the process.
type process struct{}

func (process) isTerminal(stream any) bool { return printers.IsTerminal(stream) }

func (process) colours(stream io.Writer) bool { return printers.AllowsColorOutput(stream) }
