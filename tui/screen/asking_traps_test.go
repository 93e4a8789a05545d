package screen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// role, clusterRole and roleBinding write manifests in a line each.
func role(namespace, name, rules string) string {
	return "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: " + name + ", namespace: " + namespace + "}, rules: [" + rules + "]}\n"
}

func clusterRole(name, rules string) string {
	return "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: " + name + "}, rules: [" + rules + "]}\n"
}

func roleBinding(namespace, kind, role, subject string) string {
	return "---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: " + role + ", namespace: " + namespace +
		"}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: " + kind + ", name: " + role + "}, subjects: [" + subject + "]}\n"
}

func userSubject(name string) string {
	return "{kind: User, apiGroup: rbac.authorization.k8s.io, name: " + name + "}"
}

// TestAskingTraps asks about objects that are easily misread. What is right was found out from an API server.
func TestAskingTraps(t *testing.T) {
	t.Parallel()
	var (
		oneSecret = role("dev", "one-secret", `{apiGroups: [""], resources: [secrets], resourceNames: [db], verbs: [get]}`) +
			roleBinding("dev", "Role", "one-secret", userSubject("alice"))
		nodes = clusterRole("node-reader", `{apiGroups: [""], resources: [nodes, namespaces], verbs: [get, list]}`) +
			roleBinding("dev", "ClusterRole", "node-reader", userSubject("bob"))
		bots = role("dev", "r", `{apiGroups: [""], resources: [secrets], verbs: [get]}`) + roleBinding("dev", "Role", "r", "{kind: ServiceAccount, name: bot}") +
			role("qa", "r", `{apiGroups: [""], resources: [pods], verbs: [get]}`) + roleBinding("qa", "Role", "r", "{kind: ServiceAccount, name: bot}")
		leader = role("dev", "leader", `{apiGroups: [""], resources: [configmaps], verbs: [get, list]}, `+
			`{apiGroups: [""], resources: [configmaps], resourceNames: [lock], verbs: [update]}`) +
			roleBinding("dev", "Role", "leader", "{kind: ServiceAccount, namespace: dev, name: bot}")
		reader = clusterRole("reader", `{apiGroups: [""], resources: [pods], resourceNames: [web-0], verbs: [get]}`) +
			roleBinding("dev", "ClusterRole", "reader", userSubject("gina")) + roleBinding("qa", "ClusterRole", "reader", userSubject("gina"))
	)
	tests := map[string]struct {
		manifest, query string
		// want are the rows besides that of superusers.
		want []string
	}{
		"named, without a name":         {oneSecret, "get secrets -n dev", nil},
		"named, shown":                  {oneSecret, "get secrets -n dev --names", []string{"user:alice | dev (only db)"}},
		"named, the name":               {oneSecret, "get secrets db -n dev", []string{"user:alice | dev"}},
		"named, another name":           {oneSecret, "get secrets other -n dev", nil},
		"nodes in a RoleBinding":        {nodes, "list nodes", nil},
		"all namespaces, in a binding":  {nodes, "list namespaces", nil},
		"one's own namespace":           {nodes, "get namespaces dev", []string{"user:bob | dev"}},
		"account of the binding":        {bots, "get secrets -n dev", []string{"sa:dev/bot | dev"}},
		"account of another namespace":  {bots, "get pods -A", []string{"sa:qa/bot | qa"}},
		"one of two rules":              {leader, "list configmaps -n dev", []string{"sa:dev/bot | dev"}},
		"the other rule, without name":  {leader, "update configmaps -n dev", nil},
		"the other rule":                {leader, "update configmaps lock -n dev", []string{"sa:dev/bot | dev"}},
		"two namespaces, without name":  {reader, "get pods -A", nil},
		"two namespaces, with the name": {reader, "get pods web-0 -A", []string{"user:gina | dev, qa"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := build(t, madeWorld(t, tt.manifest, nil), screen.Place{Kind: screen.WhoCan, Query: tt.query}).List
			var got []string
			for row := 1; row < list.Rows; row++ {
				got = append(got, strings.Join([]string{list.Cell(row, 0).Text, list.Cell(row, 1).Text}, " | "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
