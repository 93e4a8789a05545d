package change

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// ask returns nil for a yes. A no is an end with code 1, in silence but for a line that says so. It is called only
// where somebody can be asked, or --yes answers.
func (o *Options) ask(ctx context.Context, task Task) error {
	if o.yes {
		return nil
	}
	question := "Carry this out? [y/N] "
	if task.Type != "" {
		question = fmt.Sprintf("This can't be taken back. Type %s to carry it out: ", printer.Escape(task.Type))
	}
	if _, err := fmt.Fprint(o.env.ErrOut, question); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	answer, err := o.readLine(ctx)
	if err != nil {
		// The cursor still stands behind the question.
		_, _ = fmt.Fprintln(o.env.ErrOut)
		o.env.Notef("nothing was changed")
		return err
	}
	agreed := task.Type != "" && answer == task.Type
	if task.Type == "" {
		switch strings.ToLower(answer) {
		case "y", "yes":
			agreed = true
		}
	}
	if !agreed {
		o.env.Notef("nothing was changed")
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// readLine reads a line of stdin, without white space around it; the end of the input is a line, too. A read can't be
// interrupted, so that it is left behind when ctx ends: the process does, too.
func (o *Options) readLine(ctx context.Context) (string, error) {
	lines := make(chan string, 1)
	go func() {
		// What was read before an error is the answer, as far as there is one.
		line, _ := bufio.NewReader(o.env.In).ReadString('\n')
		lines <- strings.TrimSpace(line)
	}()
	select {
	case line := <-lines:
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
