package gatehouse

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"k8s.io/cli-runtime/pkg/printers"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// terminal is what the process knows of the terminal that it runs on. Tests have one of their own.
type terminal interface {
	// isTerminal takes a stream of the environment.
	isTerminal(stream any) bool
	// environ is the environment, as KEY=VALUE.
	environ() []string
	// divert has what the process and its children write to stderr go elsewhere, until restore is called.
	divert(to io.Writer) (restore func(), err error)
}

// process is the terminal of the process.
type process struct{}

func (process) isTerminal(stream any) bool { return printers.IsTerminal(stream) }

func (process) environ() []string { return os.Environ() }

// divert keeps programs that get credentials from writing over the screen: client-go gives them os.Stderr, and can be
// given nothing else. Panics of the process still reach the terminal.
func (process) divert(to io.Writer) (restore func(), err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open browser: %w", err)
	}
	before := os.Stderr
	os.Stderr = write
	go func() { _, _ = io.Copy(to, read) }()
	return func() {
		os.Stderr = before
		_, _ = write.Close(), read.Close()
	}, nil
}

// traits are what a terminal can show.
type traits struct{ colourless, ascii, light bool }

// traitsOf finds out what the terminal can show. It is an error when there is none, or one that can't move its cursor.
func traitsOf(on terminal, env *cli.Env) (traits, error) {
	variables := map[string]string{}
	for _, pair := range on.environ() {
		name, value, _ := strings.Cut(pair, "=")
		variables[name] = value
	}
	kind := variables["TERM"]
	switch {
	case !on.isTerminal(env.In):
		return traits{}, errors.New("open browser: stdin is no terminal")
	case !on.isTerminal(env.Out):
		return traits{}, errors.New("open browser: stdout is no terminal")
	case kind == "dumb", kind == "" && runtime.GOOS != "windows":
		return traits{}, errors.New("open browser: the terminal can't move its cursor (TERM is \"" + kind + "\")")
	}
	return traits{
		colourless: variables["NO_COLOR"] != "",
		// The console of Linux has neither the blocks of bars nor most signs.
		ascii: kind == "linux" || !isUTF8(variables),
		light: isLight(variables["COLORFGBG"]),
	}, nil
}

// isUTF8 reports whether the locale, if there is one, writes UTF-8. The first variable that is set counts, as in POSIX.
// Where none is, nothing is known, and terminals of today do.
func isUTF8(variables map[string]string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := variables[name]; locale != "" {
			locale = strings.ToLower(locale)
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return true
}

// isLight reports whether a terminal says that its background is light: the last number of COLORFGBG is its colour.
func isLight(colours string) bool {
	background := colours[strings.LastIndex(colours, ";")+1:]
	return background == "7" || background == "15"
}
