// Package served reads what an API server serves, in the form of the engine, independently of the product's own
// discovery code: the built-in table is made with it, and tests compare with it.
package served

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Resources lists the preferred version of every resource and its subresources: groups in the server's order, resources
// by name within a group.
func Resources(client discovery.DiscoveryInterface) ([]rbac.Resource, error) {
	lists, err := client.ServerPreferredResources()
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	preferred := map[schema.GroupResource]string{}
	for _, list := range lists {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		for i := range list.APIResources {
			preferred[schema.GroupResource{Group: gv.Group, Resource: list.APIResources[i].Name}] = gv.Version
		}
	}
	groups, all, err := client.ServerGroupsAndResources()
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	slices.SortStableFunc(all, func(a, b *metav1.APIResourceList) int { return place(groups, a) - place(groups, b) })
	var out []rbac.Resource
	for _, list := range all {
		gv, err := schema.ParseGroupVersion(list.GroupVersion)
		if err != nil {
			return nil, err
		}
		start := len(out)
		for i := range list.APIResources {
			r := &list.APIResources[i]
			main, _, _ := strings.Cut(r.Name, "/")
			if preferred[schema.GroupResource{Group: gv.Group, Resource: main}] != gv.Version {
				continue
			}
			out = append(out, rbac.Resource{
				Group: gv.Group, Version: gv.Version, Name: r.Name, Singular: r.SingularName, Kind: r.Kind,
				ShortNames: r.ShortNames, Categories: r.Categories, Namespaced: r.Namespaced, Verbs: r.Verbs,
			})
		}
		slices.SortFunc(out[start:], func(a, b rbac.Resource) int { return strings.Compare(a.Name, b.Name) })
	}
	return out, nil
}

// place is the position of the list's group among the groups that the server names.
func place(groups []*metav1.APIGroup, list *metav1.APIResourceList) int {
	return slices.IndexFunc(groups, func(g *metav1.APIGroup) bool {
		return slices.ContainsFunc(g.Versions, func(v metav1.GroupVersionForDiscovery) bool {
			return v.GroupVersion == list.GroupVersion
		})
	})
}
