package queueaccess

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// grantView is the JSON of what somebody has by grants of ours: one for all namespaces in which it is the same.
type grantView struct {
	Subject    string          `json:"subject"`
	Can        []kaiwo.Ability `json:"can"`
	Kinds      []string        `json:"kinds,omitempty"`
	Namespaces []string        `json:"namespaces"`
	// Expires is when they end, as the bindings have it; empty for never.
	Expires string `json:"expires,omitempty"`
	// Ended says that this is over, and Undated that it is no date.
	Ended   bool `json:"ended,omitempty"`
	Undated bool `json:"undated,omitempty"`
}

// grantsOf returns the grants for a queue, in the order of their first namespace.
func grantsOf(s *queue.State, q *queue.Queue) []grantView {
	out := []grantView{}
	for _, g := range queue.Grants(s) {
		if g.Queue != q.Name {
			continue
		}
		v := grantView{
			Subject: g.Subject.String(), Can: g.Can, Kinds: g.Kinds, Namespaces: []string{g.Namespace}, Expires: g.Undated,
			Ended: g.Expired(s.Now), Undated: g.Undated != "",
		}
		if !g.Expires.IsZero() {
			v.Expires = g.Expires.UTC().Format(time.RFC3339)
		}
		i := slices.IndexFunc(out, func(have grantView) bool {
			return have.Subject == v.Subject && slices.Equal(have.Can, v.Can) && slices.Equal(have.Kinds, v.Kinds) && have.Expires == v.Expires
		})
		if i < 0 {
			out = append(out, v)
			continue
		}
		out[i].Namespaces = append(out[i].Namespaces, g.Namespace)
	}
	return out
}

// mostGrants are as many grants as a text shows.
const mostGrants = 30

// grantsText says who has grants of ours.
func (d *description) grantsText() []string {
	out := []string{"grants"}
	for _, g := range d.grants[:min(len(d.grants), mostGrants)] {
		can := make([]string, 0, len(g.Can))
		for _, a := range g.Can {
			can = append(can, string(a))
		}
		text := "  " + g.Subject + ": " + strings.Join(can, ", ") + " in " + several(g.Namespaces)
		switch {
		case g.Undated:
			text += "; ends at " + strconv.Quote(g.Expires) + ", which is no date"
		case g.Ended:
			text += "; has ended (" + g.Expires + "), and still gives its rights"
		case g.Expires != "":
			text += "; ends at " + g.Expires
		}
		out = append(out, text)
	}
	if more := len(d.grants) - mostGrants; more > 0 {
		out = append(out, fmt.Sprintf("  and %d more (-o json has all)", more))
	}
	if len(d.l.Inventory.Missing(inventory.RoleBindings)) > 0 {
		return append(out, "  (not all role bindings can be read: there may be more)")
	}
	if len(d.grants) == 0 {
		out = append(out, `  none by "kubectl queueaccess grant"`)
	}
	return out
}
