package login

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"k8s.io/utils/clock"
)

// leeway is by how much a token may be of the future.
const leeway = time.Minute

// time looks at whether the token is valid now. The authenticator has a clock of its own, which nobody can set: where the
// clock of the tester says something else, the authenticator is shown times on which it says the same.
func (tr *trace) time(fixed registered, claims map[string]json.RawMessage) {
	expires := time.Time(fixed.Expires)
	step := Step{Name: "expiry", State: OK}
	if at := shown(expires); !at.IsZero() {
		step.Value = at.Format(time.RFC3339)
	}
	expired := expires.Before
	early := func(now time.Time) bool {
		return fixed.NotBefore != nil && now.Add(leeway).Before(time.Time(*fixed.NotBefore))
	}
	switch {
	case expired(tr.now) && expires.IsZero():
		tr.refuse(step, Expired, "the token does not say when it expires (claim exp), which kube-apiserver takes for expired")
	case expired(tr.now):
		tr.refuse(step, Expired, fmt.Sprintf("the token expired %s ago, at %s", span(tr.now.Sub(expires)), stamp(expires)))
	case early(tr.now):
		at := time.Time(*fixed.NotBefore)
		step.Value = stamp(at)
		tr.refuse(step, NotYetValid, fmt.Sprintf("the token is valid in %s only, from %s (claim nbf; kube-apiserver allows for %s)",
			span(at.Sub(tr.now)), stamp(at), span(leeway)))
	default:
		tr.add(step)
	}
	if tr.tester.realTime {
		return
	}
	realNow := clock.RealClock{}.Now()
	tr.verdict.Notes = append(tr.verdict.Notes, fmt.Sprintf("expiry is judged at %s: the time was given", stamp(tr.now)))
	changed := map[string]any{}
	if expired(tr.now) != expired(realNow) {
		changed["exp"] = choose(expired(tr.now), 0, realNow.Add(time.Hour).Unix())
	}
	if early(tr.now) != early(realNow) {
		changed["nbf"] = choose(early(tr.now), realNow.Add(time.Hour).Unix(), 0)
	}
	tr.attempt.pretend(claims, changed)
}

func choose(first bool, a, b int64) int64 {
	if first {
		return a
	}
	return b
}

// pretend makes the authenticator see other values of some claims.
func (a *attempt) pretend(claims map[string]json.RawMessage, changed map[string]any) {
	if len(changed) == 0 {
		return
	}
	all := make(map[string]any, len(claims))
	for name, value := range claims {
		all[name] = value
	}
	for name, value := range changed {
		for other := range claims {
			// A claim is found in other cases too, where it has a fixed meaning.
			if other != name && strings.EqualFold(other, name) {
				delete(all, other)
			}
		}
		all[name] = value
	}
	if data, err := json.Marshal(all); err == nil {
		a.payload = data
	}
}

// stamp writes a time, to the second.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// span writes how long something is, in its two largest units: "3d4h", "1h5m", "12s".
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day:
		return trimZero(fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour))
	case d >= time.Hour:
		return trimZero(fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute))
	case d >= time.Minute:
		return trimZero(fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second))
	case d < time.Second:
		return "less than a second"
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// trimZero takes away a second unit of which there is none.
func trimZero(text string) string {
	for _, unit := range []string{"h", "m", "s"} {
		if before, ok := strings.CutSuffix(text, "0"+unit); ok && strings.IndexAny(before, "dhm") == len(before)-1 {
			return before
		}
	}
	return text
}
