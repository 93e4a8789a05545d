package login

import "strings"

// Undecided is why nobody can say what an API server makes of a login: what is missing, with what to do about it.
type Undecided struct {
	Err error
	// Next is a line for the user; it may be empty. It names no flags, which are those of whoever has the tester.
	Next string
	// NeedsKeys and NeedsDiscovery report what would decide it: keys of the issuer in Options.Keys, or Options.Discover.
	// Either is enough when both are set, and nothing of the sort helps when none is.
	NeedsKeys, NeedsDiscovery bool
}

// Error implements error.
func (u *Undecided) Error() string { return u.Err.Error() }

// Unwrap returns the error without its hint.
func (u *Undecided) Unwrap() error { return u.Err }

// Hint returns what the user can do next.
func (u *Undecided) Hint() string { return u.Next }

const (
	// longestText is how many bytes of a foreign error are shown.
	longestText = 600
	// shortestSecret is the length from which a part of a token is looked for in texts: shorter ones are in any text.
	shortestSecret = 8
)

// clean takes a token and its parts out of a text that somebody else wrote, and shortens it.
func clean(text, token string) string {
	for _, secret := range append([]string{token}, strings.Split(token, ".")...) {
		if len(secret) >= shortestSecret {
			text = strings.ReplaceAll(text, secret, "(not shown)")
		}
	}
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "") + "..."
	}
	return text
}
