// Package cli is the edge between a process and the commands of a plugin: streams, clock, connection flags, help,
// errors, exit codes, completion and version. It is the one place that reads the process's arguments and the time.
//
// A plugin's main is os.Exit(cli.Main(x.NewCommand)). Everything that Main does can be tested by calling [Run].
package cli

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// Env is what a command gets from the outside world. Make one with [NewEnv]; commands share it and must not copy it.
type Env struct {
	// IOStreams are the streams of the process: data goes to Out, everything else to ErrOut.
	genericiooptions.IOStreams
	// Clock tells the time.
	Clock clock.PassiveClock
	// Config holds kubectl's connection flags. Nothing is read from a kubeconfig until one of its methods is called. It
	// stands for one context: with several, use [Env.Contexts] and [Env.ConnectionFor].
	Config *Connection
	// Name is how the user calls the program: "kubectl whocan".
	Name string
	// Namespaces lists the namespaces of the cluster, for the completion of --namespace; nil means that there is none.
	// A command that knows how to ask a cluster sets it. See [Env.Complete] for what it may cost.
	Namespaces Lister
	// Patience is how long a completion may take, after which nothing is offered: two seconds, unless it is set.
	Patience time.Duration

	*invoked
	// parts are the environments of what is under the program's roof, by their commands: see [Env.Under].
	parts map[*cobra.Command]*Env
}

// invoked is what there is once in a process, under however many names its commands are called.
type invoked struct {
	contexts    []string
	allContexts bool
	completing  bool
	args        []string   // what was typed, for mistakes that flags are not parsed after
	lock        sync.Mutex // guards warned, and keeps lines of several clusters apart
	warned      map[string]bool
	onStart     func(*cobra.Command)
}

// NewEnv returns the environment of a program that is called by name.
func NewEnv(streams genericiooptions.IOStreams, now clock.PassiveClock, name string) *Env {
	return &Env{
		IOStreams: streams,
		Clock:     now,
		Config:    NewConnection(),
		Name:      name,
		Patience:  2 * time.Second,
		invoked:   &invoked{warned: map[string]bool{}},
	}
}

// Warnf tells the user what does not stop the command, as a line "warning: ..." on the error stream; a text is told
// once. Names in it need no escaping. Nothing is told during completion.
func (e *Env) Warnf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	e.lock.Lock()
	told := e.warned[text]
	e.warned[text] = true
	e.lock.Unlock()
	if !told {
		e.Notef("warning: %s", text)
	}
}

// Notef writes a line for the reader, such as a count of what was left out, to the error stream. Names in it need no
// escaping: not even a line break in one makes another line. Nothing is written during completion.
func (e *Env) Notef(format string, args ...any) {
	e.say(printer.Escape(strings.TrimRight(fmt.Sprintf(format, args...), "\n")))
}

// say writes escaped text to the error stream.
func (e *Env) say(text string) {
	if e.completing {
		return
	}
	e.lock.Lock()
	defer e.lock.Unlock()
	// There is nowhere left to report that the error stream is closed.
	_, _ = fmt.Fprintln(e.ErrOut, text)
}

// Examples returns the text of a command's examples: without the indentation that all its lines share, indented by two
// blanks, and with {cmd} replaced by the name of the program, as in "{cmd} why bob list pods".
func (e *Env) Examples(text string) string {
	return indent(strings.ReplaceAll(dedent(text), "{cmd}", e.Name), "  ")
}

// UserAgent returns how the program introduces itself to an API server: "kubectl-whocan/v1.2.3 (linux/amd64)".
func (e *Env) UserAgent() string {
	b := build()
	return fmt.Sprintf("%s/%s (%s)", e.binary(), b.Version, b.Platform)
}

// binary returns the file name of the plugin: kubectl finds "kubectl a-b c" as kubectl-a_b-c.
func (e *Env) binary() string {
	return strings.ReplaceAll(strings.ReplaceAll(e.Name, "-", "_"), " ", "-")
}
