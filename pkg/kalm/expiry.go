package kalm

import (
	"fmt"
	"time"
)

// Expiry is until when something counts. The zero value is for ever.
type Expiry struct {
	At time.Time
}

// ParseExpiry reads expiredAt: blank is never, everything else is RFC 3339. Text that is neither cannot be decoded by Kalm: its
// informer stops at such an object.
func ParseExpiry(text string) (Expiry, error) {
	if text == "" {
		return Expiry{}, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return Expiry{}, fmt.Errorf("parse expiredAt %q: want a time in RFC 3339, or none", text)
	}
	return Expiry{At: at.UTC()}, nil
}

// FormatExpiry writes a time as expiredAt holds it; the zero time is blank.
func FormatExpiry(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Truncate(time.Second).Format(time.RFC3339)
}

// Never reports whether there is no end.
func (e Expiry) Never() bool { return e.At.IsZero() }

// Over reports whether the end has come. At the very moment it has not: Kalm asks whether the end is before now. It looks once a
// minute, so that what is over may count a minute longer.
func (e Expiry) Over(now time.Time) bool { return !e.Never() && e.At.Before(now) }

// Expired reports whether the binding has run out. Text that is no time has not.
func (b Binding) Expired(now time.Time) bool { return over(b.Expires, now) }

// Expired reports whether the token has run out. Text that is no time has not.
func (t Token) Expired(now time.Time) bool { return over(t.Expires, now) }

func over(text string, now time.Time) bool {
	e, err := ParseExpiry(text)
	return err == nil && e.Over(now)
}
