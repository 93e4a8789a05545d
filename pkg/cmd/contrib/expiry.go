package contrib

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// farthest is how far away an expiry may be: more is a slip of the finger.
const farthest = 10 * 366 * 24 * time.Hour

// parseExpiry reads --expires: a time from now (7d, 12h, 2w, 1d12h), a day (2026-12-31, 0:00 UTC), or a time in RFC 3339.
// Empty means never: the zero time. The result is in UTC and whole seconds, as it is stored.
func parseExpiry(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	at, err := expiry(text, now)
	if err != nil {
		return time.Time{}, err
	}
	at = at.UTC().Truncate(time.Second)
	switch {
	case !at.After(now):
		return time.Time{}, fmt.Errorf("bad --expires %q: it is past (now is %s)", text, now.UTC().Format(time.RFC3339))
	case at.Sub(now) > farthest:
		return time.Time{}, fmt.Errorf("bad --expires %q: more than ten years away; without --expires it has no end", text)
	}
	return at, nil
}

func expiry(text string, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	if at, err := time.Parse(time.DateOnly, text); err == nil {
		return at, nil
	}
	span, err := parseSpan(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("bad --expires %q: want a time from now such as 12h, 7d or 2w, a day such as 2026-12-31, or RFC 3339", text)
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
