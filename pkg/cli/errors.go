package cli

import "errors"

// Exit codes. Commands that answer a question use ExitOK and ExitNo, and are marked with [Predicate], so that errors
// are told apart from a no. Nothing else is ever returned.
const (
	// ExitOK is: done, yes, the same, no findings at or above the threshold.
	ExitOK = 0
	// ExitNo is: no, differs, findings.
	ExitNo = 1
	// ExitError is an error of a command that does not answer a question, as in kubectl.
	ExitError = 1
	// ExitPredicateError is an error of a command that answers a question, and a partial answer under --strict.
	ExitPredicateError = 2
	// ExitInterrupted is an end by Ctrl-C or SIGTERM.
	ExitInterrupted = 130
)

type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// UsageError marks err as a mistake in the command line: the message points to the command's help. A nil err stays nil.
// Errors of flags and of the number of arguments are marked by [Run].
func UsageError(err error) error {
	if err == nil {
		return nil
	}
	return usageError{err}
}

type hintError struct {
	error
	hint string
}

func (e hintError) Unwrap() error { return e.error }

// Hint adds to err what the user can do next; it is printed as a line "hint: ..." of its own. A nil err stays nil.
func Hint(err error, next string) error {
	if err == nil || next == "" {
		return err
	}
	return hintError{err, next}
}

type exitError struct {
	error
	code int
}

func (e exitError) Error() string {
	if e.error == nil {
		return "silent"
	}
	return e.error.Error()
}

func (e exitError) Unwrap() error { return e.error }

// ExitWith makes the program end with code after err was printed; with a nil err it is [Silent].
func ExitWith(code int, err error) error { return exitError{err, code} }

// Silent makes the program end with code and prints nothing; Silent(ExitOK) is nil.
func Silent(code int) error {
	if code == ExitOK {
		return nil
	}
	return exitError{nil, code}
}

// exitCode returns the code that err asks for, and whether it asks for one.
func exitCode(err error) (int, bool) {
	e, ok := errors.AsType[exitError](err)
	return e.code, ok
}

// isSilent reports whether nothing is to be printed about err.
func isSilent(err error) bool {
	e, ok := errors.AsType[exitError](err)
	return ok && e.error == nil
}

// hintsOf returns the hints of err and of everything that it wraps or joins, outermost first.
func hintsOf(err error) []string {
	if err == nil {
		return nil
	}
	var hints []string
	if h, ok := err.(hintError); ok { //nolint:errorlint // every layer is visited, one at a time
		hints = append(hints, h.hint)
	}
	if h, ok := err.(interface{ Hint() string }); ok && h.Hint() != "" {
		hints = append(hints, h.Hint())
	}
	switch e := err.(type) { //nolint:errorlint // as above
	case interface{ Unwrap() error }:
		hints = append(hints, hintsOf(e.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			hints = append(hints, hintsOf(inner)...)
		}
	}
	return hints
}
