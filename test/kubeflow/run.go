package kubeflow

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"

	facts "github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// pause is how long the controller rests between two looks at the cluster.
const pause = 200 * time.Millisecond

// watched are the kinds a change of which makes the controller look again at the profile that an object refers to.
// Quotas are not among them.
var watched = []schema.GroupVersionResource{
	{Version: "v1", Resource: "namespaces"},
	{Version: "v1", Resource: "serviceaccounts"},
	{Group: "rbac.authorization.k8s.io", Version: "v1", Resource: "rolebindings"},
	policies,
}

// Run is a controller of the newest release, as shipped, that works until ctx ends. See [Controller.Run].
func Run(ctx context.Context, config *rest.Config) error {
	c, err := NewController(config, Current(), facts.Config{})
	if err != nil {
		return err
	}
	return c.Run(ctx, config)
}

// Run works until ctx ends, and returns nil then: it reconciles each profile when the profile, or an object that refers to
// it as its controller, has changed, and after an error. Errors of single profiles are tried again, as upstream does; what
// can't be listed ends it.
func (c *Controller) Run(ctx context.Context, config *rest.Config) error {
	config = rest.CopyConfig(config)
	config.QPS = -1
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return fmt.Errorf("run controller: %w", err)
	}
	seen := map[string]string{}
	for {
		now, err := marks(ctx, client)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			return fmt.Errorf("run controller: %w", err)
		}
		for name, mark := range now {
			if seen[name] != mark && c.Reconcile(ctx, name) == nil {
				seen[name] = mark
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// marks returns, for each profile, a text that changes when the profile or one of its objects does.
func marks(ctx context.Context, client metadata.Interface) (map[string]string, error) {
	lists := make([]*metav1.PartialObjectMetadataList, 1+len(watched))
	group, ctx := errgroup.WithContext(ctx)
	for i, kind := range append([]schema.GroupVersionResource{profiles}, watched...) {
		group.Go(func() (err error) {
			lists[i], err = client.Resource(kind).List(ctx, metav1.ListOptions{})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	texts := map[string]*strings.Builder{}
	for i := range lists[0].Items {
		profile := &lists[0].Items[i]
		texts[profile.Name] = &strings.Builder{}
		fmt.Fprintf(texts[profile.Name], "%s", profile.ResourceVersion)
	}
	for _, list := range lists[1:] {
		for i := range list.Items {
			object := &list.Items[i]
			owner := metav1.GetControllerOfNoCopy(object)
			if owner == nil || owner.Kind != "Profile" || texts[owner.Name] == nil {
				continue
			}
			fmt.Fprintf(texts[owner.Name], " %s/%s", object.UID, object.ResourceVersion)
		}
	}
	out := make(map[string]string, len(texts))
	for name, text := range texts {
		out[name] = text.String()
	}
	return out, nil
}
