package kube

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Served is what a server serves.
type Served struct {
	// Resources holds every resource and subresource ("pods/exec") once, with Group and Version filled in: in the
	// version that the server prefers. Groups are in the server's order, which decides what a short word means; names
	// are sorted within a group.
	Resources []metav1.APIResource
	// Failed holds the groups whose own server didn't answer, such as a metrics adapter that is down, sorted.
	Failed []Failure
}

// Failure is a group that can't be known now.
type Failure struct {
	// GroupVersion has no version when the whole group is silent.
	GroupVersion schema.GroupVersion
	Err          error
}

// errSilent is what the server says of a group whose own server doesn't answer: it lists the group without versions.
var errSilent = errors.New("the server behind it doesn't answer")

// Resources asks what the server serves, through the cache on disk that kubectl fills and reads too (--cache-dir): two
// requests when it is cold, none when it is warm. [Cluster.Latest] asks in any case, and fills it. Groups that don't
// answer don't spoil the others.
func (c *Cluster) Resources(ctx context.Context) (*Served, error) {
	cache := c.cache
	if c.latest {
		cache = unread{cache}
	}
	discoverer, err := newDiscoverer(c.config, cache)
	if err != nil {
		return nil, fmt.Errorf("ask what the server serves: %w", err)
	}
	groups, lists, failed, err := discoverer.served(ctx)
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err != nil {
		return nil, fmt.Errorf("ask what the server serves: %w", err)
	}
	served := &Served{Resources: preferred(groups, lists), Failed: failed}
	for _, group := range groups {
		if len(group.Versions) == 0 {
			served.Failed = append(served.Failed, Failure{GroupVersion: schema.GroupVersion{Group: group.Name}, Err: errSilent})
		}
	}
	slices.SortFunc(served.Failed, func(a, b Failure) int {
		return strings.Compare(a.GroupVersion.String(), b.GroupVersion.String())
	})
	return served, nil
}

// unread is a cache that is written, but not believed.
type unread struct{ Cache }

// ReadCache implements [Cache].
func (unread) ReadCache(string, string) ([]byte, error) { return nil, fs.ErrNotExist }

// preferred takes every resource once: from the version that its group prefers, else from the first that has it.
func preferred(groups []metav1.APIGroup, lists []*metav1.APIResourceList) []metav1.APIResource {
	byVersion := make(map[string][]metav1.APIResource, len(lists))
	for _, list := range lists {
		if list != nil {
			byVersion[list.GroupVersion] = list.APIResources
		}
	}
	var resources []metav1.APIResource
	for _, group := range groups {
		start := len(resources)
		versions := make([]string, 0, len(group.Versions)+1)
		versions = append(versions, group.PreferredVersion.GroupVersion)
		for _, version := range group.Versions {
			versions = append(versions, version.GroupVersion)
		}
		seen := map[string]bool{}
		for _, version := range versions {
			gv, err := schema.ParseGroupVersion(version)
			if err != nil {
				continue
			}
			for _, resource := range byVersion[version] {
				if seen[resource.Name] {
					continue
				}
				seen[resource.Name] = true
				// The resource's own group and version are those of its kind, as autoscaling is for deployments/scale.
				resource.Group, resource.Version = gv.Group, gv.Version
				resources = append(resources, resource)
			}
		}
		slices.SortFunc(resources[start:], func(a, b metav1.APIResource) int { return strings.Compare(a.Name, b.Name) })
	}
	return resources
}
