package contrib

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// ParseSubject reads a subject as [rbac.ParseSubject] does, but for "me": whoever is given a role, or loses one, is named.
func ParseSubject(text string) (rbac.Subject, error) {
	if text == "me" {
		return rbac.Subject{}, workspace.Refuse("name the subject; user:me is a user of that name", `"me" is not taken here`)
	}
	return rbac.ParseSubject(text)
}

// farthest is how far away an expiry may be: more is a slip of the finger.
const farthest = 10 * 366 * 24 * time.Hour

// ParseExpiry reads when a grant is to end: a time from now (7d, 12h, 2w, 1d12h), a day (2026-12-31, 0:00 UTC), or a time
// in RFC 3339. The result is in UTC and whole seconds, as it is stored. The error is what is wrong with the text, without
// the text itself.
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	at, err := parseEnd(text, now)
	if err != nil {
		return time.Time{}, err
	}
	at = at.UTC().Truncate(time.Second)
	switch {
	case !at.After(now):
		return time.Time{}, fmt.Errorf("it is past (now is %s)", now.UTC().Format(time.RFC3339))
	case at.Sub(now) > farthest:
		return time.Time{}, errors.New("more than ten years away")
	}
	return at, nil
}

func parseEnd(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}
	span, err := parseSpan(text)
	if err != nil {
		return time.Time{}, errors.New("want a time from now such as 12h, 7d or 2w, a day such as 2026-12-31, or RFC 3339")
	}
	return now.Add(span), nil
}

// parseSpan reads a length of time with the units w, d, h and m: time.ParseDuration knows no days.
func parseSpan(text string) (time.Duration, error) {
	var span time.Duration
	for rest := text; rest != ""; {
		i := strings.IndexAny(rest, "wdhm")
		if i < 1 {
			return 0, errors.New("no unit")
		}
		n, err := strconv.ParseUint(rest[:i], 10, 20)
		if err != nil {
			return 0, err
		}
		unit := map[byte]time.Duration{'w': 7 * 24 * time.Hour, 'd': 24 * time.Hour, 'h': time.Hour, 'm': time.Minute}[rest[i]]
		// More than that is refused anyway, and must not overflow.
		span = min(span+min(time.Duration(n)*unit, 2*farthest), 2*farthest)
		rest = rest[i+1:]
	}
	return span, nil
}
