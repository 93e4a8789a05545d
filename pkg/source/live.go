package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// LiveCluster is the source that asks an API server, as one user. All that a query needs is asked for at once.
type LiveCluster struct {
	cluster *kube.Cluster
	clock   clock.PassiveClock
	warn    Warn
}

// Live returns the source of a live cluster. The clock says when a snapshot was taken; warn, which may be nil, hears of
// what doesn't make an answer incomplete, such as an API group whose own server is down.
func Live(cluster *kube.Cluster, clk clock.PassiveClock, warn func(format string, args ...any)) *LiveCluster {
	if warn == nil {
		warn = func(string, ...any) {}
	}
	return &LiveCluster{cluster: cluster, clock: clk, warn: warn}
}

// Name implements [Source]: the name of the context.
func (l *LiveCluster) Name() string { return l.cluster.Name() }

// Self returns who is asking, as the server sees it after authentication and impersonation.
func (l *LiveCluster) Self(ctx context.Context) (user string, groups []string, err error) {
	info, err := l.cluster.Self(ctx)
	return info.Username, info.Groups, err
}

// Load implements [Source] with the four RBAC lists and what else is wanted, all at the same time.
//
// A list that is refused (403) everywhere is asked for in the namespace that the query concerns, or in the context's.
// When that is refused too, or when the objects have no namespace, the caller's own rules are asked for
// (SelfSubjectRulesReview), and come as a role and a binding of that name. Each refusal is a gap. Other errors of lists
// end the load: then the error is returned, with what the server said. What the server serves is not worth that: it is
// a gap whatever the error, as is an API group whose own server doesn't answer.
func (l *LiveCluster) Load(ctx context.Context, want Want) (*rbac.Snapshot, error) {
	load := &loading{cluster: l.cluster, namespace: want.Namespace}
	if load.namespace == "" {
		load.namespace = l.cluster.Namespace()
	}
	var (
		snapshot            = &rbac.Snapshot{Cluster: l.Name(), Taken: l.clock.Now().UTC(), Marked: want.Marks}
		roles, clusterRoles = collectRoles(), collectClusterRoles()
		bindings            = collectBindings(want.Marks)
		clusterBindings     = collectBindings(want.Marks)
		namespaces          = collectNamespaces(want.Marks)
		serviceAccounts     = collectServiceAccounts()
		group, groupCtx     = errgroup.WithContext(ctx)
		list                = func(resource schema.GroupVersionResource, namespaced bool, sink kube.Sink) {
			group.Go(func() error { return load.list(groupCtx, resource, namespaced, sink) })
		}
	)
	list(rbacv1.SchemeGroupVersion.WithResource("rolebindings"), true, bindings)
	list(rbacv1.SchemeGroupVersion.WithResource("roles"), true, roles)
	list(rbacv1.SchemeGroupVersion.WithResource("clusterroles"), false, clusterRoles)
	list(rbacv1.SchemeGroupVersion.WithResource("clusterrolebindings"), false, clusterBindings)
	if want.Namespaces {
		list(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, false, namespaces)
	}
	if want.ServiceAccounts {
		list(schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}, true, serviceAccounts)
	}
	if want.Resources {
		group.Go(func() error {
			snapshot.Resources = load.resources(groupCtx, l.warn)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	snapshot.Roles, snapshot.Bindings = all(roles, clusterRoles), all(bindings, clusterBindings)
	snapshot.Namespaces, snapshot.ServiceAccounts = all(namespaces), all(serviceAccounts)
	if load.refused {
		if err := load.ownRules(ctx, snapshot); err != nil {
			return nil, err
		}
	}
	snapshot.Gaps = load.sortedGaps()
	return snapshot, nil
}

// loading is one load in progress.
type loading struct {
	cluster *kube.Cluster
	// namespace is where a caller is asked back who may not list everywhere.
	namespace string

	mu   sync.Mutex
	gaps []rbac.Gap
	// refused says that an RBAC list could not be read at all, not even in the namespace.
	refused bool
	// servedIn tells what the server has in a version of a group; only inventories ask. See [askOnce].
	servedIn func(version schema.GroupVersion) (map[string]bool, error)
}

// askOnce asks a cluster what it has in a version of a group, once for all kinds of it. The context is that of the whole
// reading: one kind that fails must not call off what the others wait for.
func askOnce(ctx context.Context, cluster *kube.Cluster) func(schema.GroupVersion) (map[string]bool, error) {
	var (
		mu    sync.Mutex
		asked = map[schema.GroupVersion]func() (map[string]bool, error){}
	)
	return func(version schema.GroupVersion) (map[string]bool, error) {
		mu.Lock()
		if asked[version] == nil {
			asked[version] = sync.OnceValues(func() (map[string]bool, error) { return cluster.ServedIn(ctx, version) })
		}
		ask := asked[version]
		mu.Unlock()
		return ask()
	}
}

// list reads all objects of a resource, or those of the namespace when that is all the caller may have.
func (l *loading) list(ctx context.Context, resource schema.GroupVersionResource, namespaced bool, sink kube.Sink) error {
	err := l.cluster.List(ctx, resource, "", sink)
	if !refused(err) {
		return err
	}
	sink.Restart()
	missing := &rbacv1.PolicyRule{
		Verbs: []string{"list"}, APIGroups: []string{resource.Group}, Resources: []string{resource.Resource},
	}
	if !namespaced {
		l.add(rbac.Gap{What: resource.Resource, Cause: cause(err), Missing: missing})
		l.refuse(resource)
		return nil
	}
	local := l.cluster.List(ctx, resource, l.namespace, sink)
	switch {
	case local == nil:
		l.add(rbac.Gap{
			What: fmt.Sprintf("%s outside of namespace %s", resource.Resource, l.namespace), Cause: cause(err), Missing: missing,
		})
		return nil
	case !refused(local):
		return local
	}
	sink.Restart()
	l.add(
		rbac.Gap{What: resource.Resource + " in all namespaces", Cause: cause(err), Missing: missing},
		rbac.Gap{
			What: resource.Resource + " in namespace " + l.namespace, Namespace: l.namespace, Cause: cause(local), Missing: missing,
		},
	)
	l.refuse(resource)
	return nil
}

// resources asks what the server serves. Without an answer, queries fall back to what every Kubernetes serves.
func (l *loading) resources(ctx context.Context, warn Warn) []rbac.Resource {
	served, err := l.cluster.Resources(ctx)
	if err != nil {
		gap := rbac.Gap{What: "resources that the server serves", Cause: cause(err)}
		if refused(err) {
			gap.Missing = &rbacv1.PolicyRule{
				Verbs: []string{"get"}, NonResourceURLs: []string{"/api", "/api/*", "/apis", "/apis/*"},
			}
		}
		l.add(gap)
		return nil
	}
	for _, failure := range served.Failed {
		group := strings.TrimSuffix(failure.GroupVersion.String(), "/")
		warn("resources of %s are not known: %s", group, cause(failure.Err))
		l.add(rbac.Gap{What: "resources of " + group, Cause: cause(failure.Err)})
	}
	resources := make([]rbac.Resource, 0, len(served.Resources))
	for _, r := range served.Resources {
		resources = append(resources, rbac.Resource{
			Group: r.Group, Version: r.Version, Name: r.Name, Singular: r.SingularName, Kind: r.Kind,
			ShortNames: r.ShortNames, Categories: r.Categories, Namespaced: r.Namespaced, Verbs: r.Verbs,
		})
	}
	return resources
}

func (l *loading) add(gaps ...rbac.Gap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gaps = append(l.gaps, gaps...)
}

// refuse notes that an RBAC list is missing; other lists say nothing about rights.
func (l *loading) refuse(resource schema.GroupVersionResource) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refused = l.refused || resource.Group == rbacv1.GroupName
}

func (l *loading) sortedGaps() []rbac.Gap {
	slices.SortFunc(l.gaps, compareGaps)
	return l.gaps
}

// refused reports whether the server says that the caller may not do this. Who may not be whom he wants to be (--as) is
// not refused something: he has not asked anything yet, and no right to list would help him.
func refused(err error) bool {
	return apierrors.IsForbidden(err) && !strings.Contains(cause(err), " cannot impersonate")
}

// cause is an error as the server gave it, without what we put around it.
func cause(err error) string {
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return err.Error()
	}
	message := status.Status().Message
	if message == "unknown" { // discovery's client doesn't read what a refusal says
		message = string(status.Status().Reason)
	}
	return cmp.Or(message, err.Error())
}
