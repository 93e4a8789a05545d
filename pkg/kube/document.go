package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	apidiscoveryv2 "k8s.io/api/apidiscovery/v2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// acceptDiscovery asks for all resources in one document, as servers since 1.26 have it (v2beta1, since 1.30 v2), else for
// the names of groups.
const acceptDiscovery = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
	"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList," + contentJSON

// document is what a server says of all its groups.
type document struct {
	groups []metav1.APIGroup
	// lists are by group version; a version without one has its reason in failed.
	lists  map[string]*metav1.APIResourceList
	failed map[string]error
}

// ask reads everything from the server: in two requests, or with one more for each version if the server is old.
func (d *discoverer) ask(ctx context.Context) (*document, error) {
	core, err := d.root(ctx, "/api")
	switch {
	case apierrors.IsNotFound(err): // a server of extensions only
		core = &document{lists: map[string]*metav1.APIResourceList{}}
	case err != nil:
		return nil, err
	}
	whole, err := d.root(ctx, "/apis")
	if err != nil {
		return nil, err
	}
	whole.groups = slices.Concat(core.groups, whole.groups)
	if core.lists == nil || whole.lists == nil {
		return whole, d.each(ctx, whole)
	}
	maps.Copy(whole.lists, core.lists)
	return whole, nil
}

// root reads what is served below /api or /apis. Without lists, the server named groups only.
func (d *discoverer) root(ctx context.Context, path string) (*document, error) {
	var contentType string
	body, err := d.client.Get().AbsPath(path).SetHeader("Accept", acceptDiscovery).Do(ctx).ContentType(&contentType).Raw()
	if err != nil {
		return nil, err
	}
	if isAggregated(contentType) {
		var list apidiscoveryv2.APIGroupDiscoveryList // v2beta1 is the same
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		return aggregated(list.Items), nil
	}
	out := &document{}
	if path == "/apis" {
		var list metav1.APIGroupList
		if err := json.Unmarshal(body, &list); err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		out.groups = list.Groups
		return out, nil
	}
	var core metav1.APIVersions
	if err := json.Unmarshal(body, &core); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	group := metav1.APIGroup{}
	for _, version := range core.Versions {
		group.Versions = append(group.Versions, metav1.GroupVersionForDiscovery{GroupVersion: version, Version: version})
	}
	if len(group.Versions) > 0 {
		group.PreferredVersion = group.Versions[0]
	}
	out.groups = []metav1.APIGroup{group}
	return out, nil
}

// isAggregated reports whether the answer holds resources too. Proxies may have added parameters, or changed their order.
func isAggregated(contentType string) bool {
	base, parameters, err := mime.ParseMediaType(contentType)
	return err == nil && base == contentJSON && parameters["g"] == apidiscoveryv2.GroupName &&
		slices.Contains([]string{"v2", "v2beta1"}, parameters["v"]) && parameters["as"] == "APIGroupDiscoveryList"
}

// each reads the resources of every version.
func (d *discoverer) each(ctx context.Context, doc *document) error {
	doc.lists, doc.failed = map[string]*metav1.APIResourceList{}, map[string]error{}
	var (
		all  errgroup.Group
		lock sync.Mutex
	)
	all.SetLimit(discoveryLimit)
	for _, group := range doc.groups {
		for _, version := range group.Versions {
			all.Go(func() error {
				list, err := d.list(ctx, version.GroupVersion)
				lock.Lock()
				defer lock.Unlock()
				doc.lists[version.GroupVersion], doc.failed[version.GroupVersion] = list, err
				return nil
			})
		}
	}
	_ = all.Wait() // each keeps its own error
	return context.Cause(ctx)
}

// list reads the resources of one version.
func (d *discoverer) list(ctx context.Context, version string) (*metav1.APIResourceList, error) {
	path := "/apis/" + version
	if version == "v1" {
		path = "/api/v1"
	}
	body, err := d.client.Get().AbsPath(path).SetHeader("Accept", contentJSON).Do(ctx).Raw()
	if err != nil {
		return nil, err
	}
	list := &metav1.APIResourceList{}
	if err := json.Unmarshal(body, list); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if len(list.APIResources) == 0 {
		return nil, errNoResources
	}
	list.GroupVersion = version
	return list, nil
}

// aggregated takes a document apart into groups and the resources of each version. Versions whose own server doesn't
// answer are left out.
func aggregated(items []apidiscoveryv2.APIGroupDiscovery) *document {
	out := &document{lists: map[string]*metav1.APIResourceList{}}
	for i := range items {
		group := metav1.APIGroup{Name: items[i].Name}
		for _, version := range items[i].Versions {
			if version.Freshness == apidiscoveryv2.DiscoveryFreshnessStale {
				continue
			}
			name := schema.GroupVersion{Group: group.Name, Version: version.Version}.String()
			group.Versions = append(group.Versions, metav1.GroupVersionForDiscovery{GroupVersion: name, Version: version.Version})
			out.lists[name] = &metav1.APIResourceList{GroupVersion: name, APIResources: resourcesOf(version.Resources)}
		}
		if len(group.Versions) > 0 {
			group.PreferredVersion = group.Versions[0]
		}
		out.groups = append(out.groups, group)
	}
	return out
}

// resourcesOf lists resources and, as resources of their own, their subresources. Those without a kind are not served
// themselves, but have subresources that are.
func resourcesOf(resources []apidiscoveryv2.APIResourceDiscovery) []metav1.APIResource {
	var out []metav1.APIResource
	add := func(r metav1.APIResource, kind *metav1.GroupVersionKind) {
		if kind != nil && *kind != (metav1.GroupVersionKind{}) {
			r.Group, r.Version, r.Kind = kind.Group, kind.Version, kind.Kind
			out = append(out, r)
		}
	}
	for _, r := range resources {
		namespaced := r.Scope == apidiscoveryv2.ScopeNamespace
		add(metav1.APIResource{
			Name: r.Resource, SingularName: r.SingularResource, Namespaced: namespaced,
			Verbs: r.Verbs, ShortNames: r.ShortNames, Categories: r.Categories,
		}, r.ResponseKind)
		for _, sub := range r.Subresources {
			add(metav1.APIResource{
				Name: r.Resource + "/" + sub.Subresource, SingularName: r.SingularResource, Namespaced: namespaced, Verbs: sub.Verbs,
			}, sub.ResponseKind)
		}
	}
	return out
}
