package tui_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// The examples of queues that are not well, of Kalm, and of tokens.
const (
	lab    = "examples/queues/lab"
	shop   = "examples/kalm"
	robots = "examples/tokens"
)

// systems are pages about systems that the example company has little of.
func systems() map[string]scene {
	from := func(path string, place screen.Place, act func(*tui.Stage)) scene {
		return scene{place: place, from: path, act: act, moment: func(t *testing.T) source.Moment { return read(t, "../"+path) }}
	}
	queue := func(tab string) screen.Place { return screen.Place{Kind: screen.Queue, Name: "team-a", Tab: tab} }
	return map[string]scene{
		"queues-lab":       from(lab, screen.Place{Kind: screen.Queues}, nil),
		"queue-namespaces": from(lab, queue(screen.TabQueueNamespaces), nil),
		"queue-who":        from(lab, queue(screen.TabQueueWho), nil),
		"queue-findings":   from(lab, queue(screen.TabQueueFindings), nil),
		"queue-quota":      from(lab, queue(screen.TabQueueQuota), nil),
		"grants-kalm":      from(shop, screen.Place{Kind: screen.Grants}, nil),
		"grants-tokens":    from(robots, screen.Place{Kind: screen.Grants}, nil),
		"token":            from(robots, screen.Place{Kind: screen.Token, Namespace: "shop", Name: "strong"}, nil),
		"token-kalm":       from(shop, screen.Place{Kind: screen.Grants}, keys("enter")),
		"grants-member":    from(shop, screen.Place{Kind: screen.Grants}, keys("down", "down", "down", "down", "down")),
	}
}

func TestSystems(t *testing.T) {
	t.Parallel()
	testScenes(t, systems())
}
