package screen_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// TestAsking compares answers about the example company with what is in testdata/asking.
func TestAsking(t *testing.T) {
	t.Parallel()
	ask := func(query string) screen.Place { return screen.Place{Kind: screen.WhoCan, Query: query} }
	tests := map[string]screen.Place{
		"secrets":      ask("get secrets -n team-vision"),
		"secrets-here": {Kind: screen.WhoCan, Query: "get secrets", Namespace: "team-vision"},
		"anywhere":     ask("create pods/exec -A"),
		"url":          ask("get /metrics"),
		"named":        ask("get leases -A --names --system"),
		"system":       ask("list nodes --system"),
		"why":          ask("why dana@acme.example get secrets -n team-vision"),
		"why-not":      ask("why not bob@acme.example delete pods -n team-nlp"),
		"why-group":    ask("can bob@acme.example list pods -n team-nlp --group ml-readers"),
		"why-nobody":   ask("why not bop@acme.example get pods -n team-vision"),
		"slips":        ask("gett secretz -n team-visoin"),
		"queues":       {Kind: screen.Queues},
		"queue":        {Kind: screen.Queue, Name: "science"},
		"queue-open":   {Kind: screen.Queue, Name: "open"},
		"auths":        {Kind: screen.ClusterAuths},
		"auth":         {Kind: screen.ClusterAuth, Namespace: "kcm-system", Name: "acme-sso"},
		"clusters":     {Kind: screen.Clusters},
		"cluster":      {Kind: screen.Cluster, Namespace: "kcm-system", Name: "edge-berlin"},
	}
	for name, place := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, dump(build(t, acmeWorld(t), place)), "asking/"+name)
		})
	}
}
