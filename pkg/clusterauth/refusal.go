package clusterauth

import "fmt"

// Refusal is why something is not done: a mistake of the user, with what he can do next.
type Refusal struct {
	Err error
	// Next is a line for the user, such as the command that helps; it may be empty.
	Next string
}

// Refuse returns a [Refusal] with a formatted error, in which %w wraps.
func Refuse(next, format string, args ...any) error {
	return &Refusal{Err: fmt.Errorf(format, args...), Next: next}
}

// Error implements error.
func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns the error without its hint.
func (r *Refusal) Unwrap() error { return r.Err }

// Hint returns what the user can do next.
func (r *Refusal) Hint() string { return r.Next }
