package accesstoken

import (
	"errors"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// outlet is where what is written is told: the error stream, or the output when there is no token to be printed.
type outlet struct {
	to io.Writer
	// aside says that the error stream is meant: what is told there is no reason to fail.
	aside bool
}

// Write implements [io.Writer].
func (o *outlet) Write(p []byte) (int, error) {
	n, err := o.to.Write(p)
	if o.aside {
		return len(p), nil
	}
	return n, err
}

// heedPipes makes writing to a pipe that nobody reads an error, which would end the process otherwise: it has to take back
// then what it has made. The answer ends that.
func heedPipes() (stop func()) {
	broken := make(chan os.Signal, 1)
	signal.Notify(broken, syscall.SIGPIPE)
	return func() { signal.Stop(broken) }
}

// checkSeen is an error when nobody can see what is printed: a token is shown once. An output that is closed when a program
// of Go begins is the null device to it.
func checkSeen(out io.Writer) error {
	file, ok := out.(*os.File)
	if !ok {
		return nil
	}
	now, err := file.Stat()
	if err == nil {
		null, missing := os.Stat(os.DevNull)
		if missing != nil || !os.SameFile(now, null) {
			return nil
		}
	}
	return cli.UsageError(cli.Hint(errors.New("the output is closed, or thrown away: nobody would see the token, which is shown once"),
		"> FILE keeps it; nothing was made"))
}
