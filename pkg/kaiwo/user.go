package kaiwo

import "strings"

// UserValue returns what Kaiwo writes into [UserLabel] for spec.user: lower case, with a dash for all that a name may not
// hold, 63 bytes at most. Different users may come to the same value. Source: MakeRFC1123Compliant in pkg/utils/utils.go.
func UserValue(user string) string {
	var out strings.Builder
	dashed := false // one dash stands for a run of characters that may not be
	for _, r := range strings.ToLower(user) {
		fits := r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-'
		switch {
		case fits:
			out.WriteRune(r)
		case !dashed:
			out.WriteByte('-')
		}
		dashed = !fits
	}
	value := squeeze(strings.Trim(out.String(), "-."))
	if len(value) > 63 {
		value = value[:63]
	}
	return strings.TrimRight(value, "-")
}

// squeeze puts one dash for every two and more of dashes and dots.
func squeeze(text string) string {
	var out strings.Builder
	for i := 0; i < len(text); {
		end := i
		for end < len(text) && (text[end] == '-' || text[end] == '.') {
			end++
		}
		switch {
		case end-i > 1:
			out.WriteByte('-')
		case end-i == 1:
			out.WriteByte(text[i])
		default:
			end = i + 1
			out.WriteByte(text[i])
		}
		i = end
	}
	return out.String()
}

// CLIUser returns the user that Kaiwo's command line makes of an e-mail address in KAIWO_USER_EMAIL: what is before the first
// dash of the local part, and the domain with dashes for dots. It is not what [UserValue] makes of the same address. ok is
// false for what the command line refuses as no address. Source: GetCurrentUser in pkg/utils/user.go.
func CLIUser(email string) (user string, ok bool) {
	if !isAddress(email) {
		return "", false
	}
	local, domain, _ := strings.Cut(email, "@")
	local, _, _ = strings.Cut(local, "-")
	return UserValue(local + "-" + strings.ReplaceAll(domain, ".", "-")), true
}

// isAddress reports whether the command line takes a text for an address, which it does by a regular expression:
// ^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$
func isAddress(text string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	const names = letters + "0123456789.-"
	local, domain, _ := strings.Cut(text, "@")
	dot := strings.LastIndexByte(domain, '.')
	consists := func(part, of string) bool { return part != "" && strings.Trim(part, of) == "" }
	return dot > 0 && consists(local, names+"_%+") && consists(domain[:dot], names) && consists(domain[dot+1:], letters) && len(domain)-dot > 2
}

// Spelling says how spec.user writes a user name of the API server.
type Spelling string

// The spellings.
const (
	SpeltExactly   Spelling = "exactly"          // as the API server has it
	SpeltShort     Spelling = "without prefix"   // without what the API server puts before names of its issuer, as "oidc:"
	SpeltAsCLI     Spelling = "KAIWO_USER_EMAIL" // as the command line makes it of an address
	SpeltAsLabel   Spelling = "label"            // as the label of what Kaiwo makes of it
	SpeltOtherwise Spelling = ""                 // not at all: somebody else
)

// Spelt returns how what is written in spec.user, or in [UserLabel], stands for a user name of the API server: the nearest
// spelling there is. All but the first may stand for others too. An empty user stands for nobody.
func Spelt(written, username string) Spelling {
	if written == "" || username == "" {
		return SpeltOtherwise
	}
	if written == username {
		return SpeltExactly
	}
	// A prefix ends in a colon, an issuer's URL and "#", or is a word that the API server was told to take.
	short := username[strings.LastIndexAny(username, ":#")+1:]
	if written == short {
		return SpeltShort
	}
	for _, name := range []string{username, short} {
		if cli, ok := CLIUser(name); ok && written == cli {
			return SpeltAsCLI
		}
	}
	if written == UserValue(username) || written == UserValue(short) {
		return SpeltAsLabel
	}
	return SpeltOtherwise
}
