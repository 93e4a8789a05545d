package kube

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
)

const (
	// discoveryTimeout ends a request when no --request-timeout is given, as in kubectl.
	discoveryTimeout = 32 * time.Second
	// discoveryLimit is how many groups are asked at once: old servers answer for one only.
	discoveryLimit = 50
)

var (
	errNoResources = errors.New("the server names no resources of it")
	errNotServed   = errors.New("the server doesn't know it any more")
)

// discoverer reads what one server serves: from the cache, or else from the server. It serves one call of
// [Cluster.Resources].
type discoverer struct {
	client rest.Interface
	cache  Cache
	host   string

	lock  sync.Mutex // guards asked, and lets one goroutine ask for all
	asked *document
}

func newDiscoverer(config *rest.Config, cache Cache) (*discoverer, error) {
	config = rest.CopyConfig(config)
	if config.Timeout == 0 {
		config.Timeout = discoveryTimeout
	}
	config.WarningHandler, config.WarningHandlerWithContext = nil, nil // nobody can heed one here: to the log with them
	client, err := restClient(config)
	if err != nil {
		return nil, err
	}
	return &discoverer{client: client, cache: cache, host: config.Host}, nil
}

// served returns all groups in the server's order, and the resources of every version, in that order too.
func (d *discoverer) served(ctx context.Context) ([]metav1.APIGroup, []*metav1.APIResourceList, []Failure, error) {
	groups, err := d.groups(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	var versions []schema.GroupVersion
	for _, group := range groups {
		for _, version := range group.Versions {
			versions = append(versions, schema.GroupVersion{Group: group.Name, Version: version.Version})
		}
	}
	lists, errs := make([]*metav1.APIResourceList, len(versions)), make([]error, len(versions))
	var all errgroup.Group
	all.SetLimit(discoveryLimit)
	for i, version := range versions {
		all.Go(func() error {
			lists[i], errs[i] = d.resources(ctx, version.String())
			return nil
		})
	}
	_ = all.Wait() // each keeps its own error
	var failed []Failure
	for i, err := range errs {
		if err != nil {
			failed = append(failed, Failure{GroupVersion: versions[i], Err: err})
		}
	}
	return groups, lists, failed, nil
}

func (d *discoverer) groups(ctx context.Context) ([]metav1.APIGroup, error) {
	const name = "servergroups.json"
	cached := &metav1.APIGroupList{}
	if d.cached(name, cached) && cached.Kind == "APIGroupList" {
		return cached.Groups, nil
	}
	document, err := d.document(ctx)
	if err != nil {
		return nil, err
	}
	if len(document.groups) > 0 {
		d.keep(name, &metav1.APIGroupList{
			TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}, Groups: document.groups,
		})
	}
	return document.groups, nil
}

func (d *discoverer) resources(ctx context.Context, version string) (*metav1.APIResourceList, error) {
	name := version + "/serverresources.json"
	cached := &metav1.APIResourceList{}
	if d.cached(name, cached) && cached.Kind == "APIResourceList" {
		return cached, nil
	}
	document, err := d.document(ctx)
	if err != nil {
		return nil, err
	}
	list, err := document.lists[version], document.failed[version]
	switch {
	case err != nil && transient(err):
		if list, err = d.list(ctx, version); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	case list == nil:
		return nil, errNotServed
	}
	if len(list.APIResources) > 0 {
		kept := *list
		kept.TypeMeta = metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}
		d.keep(name, &kept)
	}
	return list, nil
}

// document asks the server for everything, once.
func (d *discoverer) document(ctx context.Context) (*document, error) {
	d.lock.Lock()
	defer d.lock.Unlock()
	if d.asked != nil {
		return d.asked, nil
	}
	asked, err := d.ask(ctx)
	if err == nil {
		d.asked = asked
	}
	return asked, err
}

// cached reads a file of the cache; one that can't be read is none.
func (d *discoverer) cached(name string, into any) bool {
	data, err := d.cache.ReadCache(d.host, name)
	return err == nil && json.Unmarshal(data, into) == nil
}

// keep writes a file of the cache. Without one, the next run asks again.
func (d *discoverer) keep(name string, value any) {
	data, err := json.Marshal(value)
	if err == nil {
		_ = d.cache.WriteCache(d.host, name, append(data, '\n'))
	}
}

// transient reports whether an error may be gone at the next try.
func transient(err error) bool {
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) || apierrors.IsTooManyRequests(err) {
		return true
	}
	var status apierrors.APIStatus
	return errors.As(err, &status) && status.Status().Code >= 500
}
