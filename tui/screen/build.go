package screen

import (
	"fmt"

	"github.com/kubegatehouse/gatehouse/tui/world"
)

// Build makes the page of a place. An error says that there is no such page: an object that is not there (any more).
func Build(w *world.World, p Place) (*Page, error) {
	build := builders()[p.Kind]
	if build == nil {
		return nil, fmt.Errorf("open %s: there is no such page", p.Kind)
	}
	page, err := build(w, p)
	if err != nil {
		return nil, err
	}
	page.Place = p
	return page, nil
}

// builder makes the page of a place of its kind.
type builder func(w *world.World, p Place) (*Page, error)

func builders() map[Kind]builder {
	return map[Kind]builder{
		Namespaces: namespacesPage, Workspace: workspacePage, Grants: grantsPage,
		Roles: rolesPage, Role: rolePage, Bindings: bindingsPage, Binding: bindingPage,
		Subjects: subjectsPage, Subject: subjectPage,
		Token:    tokenPage,
		WhoCan:   whoCanPage,
		Findings: findingsPage, Finding: findingPage,
		Queues: queuesPage, Queue: queuePage,
		ClusterAuths: clusterAuthsPage, ClusterAuth: clusterAuthPage, Clusters: clustersPage, Cluster: clusterPage,
	}
}
