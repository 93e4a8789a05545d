package kalm

import "strconv"

// plain returns text as it is, or quoted where it is empty or holds what is not to be printed.
func plain(text string) string {
	if q := strconv.Quote(text); text == "" || q != `"`+text+`"` {
		return q
	}
	return text
}
