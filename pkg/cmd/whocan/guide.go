package whocan

import (
	"context"
	"io"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// mostNames is how many objects a list for completion may have: more than a shell shows, few enough to be quick.
const mostNames = 1000

// guide tells what a word on the command line may become: from the --from sources, or else from the discovery cache and
// at most one list. It says nothing to the user, and asks for metadata only, so that no content of an object comes along.
type guide struct {
	in *inputs
	at *place
}

// index compiles the --from sources; it is nil when a cluster is asked. Stdin belongs to the command, not to a Tab.
func (g *guide) index(ctx context.Context) (*rbac.Index, error) {
	from := slices.DeleteFunc(slices.Clone(g.in.from), func(path string) bool { return path == "-" })
	if !g.in.offline() {
		return nil, nil
	}
	if len(from) == 0 {
		return rbac.Compile(&rbac.Snapshot{}), nil
	}
	files, err := source.Files(from, strings.NewReader(""), nil)
	if err != nil {
		return nil, err
	}
	snap, err := files.Load(ctx, source.Want{})
	if err != nil {
		return nil, err
	}
	return rbac.Compile(snap), nil
}

// cluster returns the one to ask: with several contexts the first.
func (g *guide) cluster() (*kube.Cluster, error) {
	contexts, err := g.in.env.Contexts()
	if err != nil {
		return nil, err
	}
	flags := g.in.env.ConnectionFor(contexts[0])
	kube.LimitPlugins(flags, io.Discard)
	return kube.New(flags, g.in.env.UserAgent(), io.Discard)
}

func (g *guide) catalog(ctx context.Context) (*rbac.Catalog, error) {
	ix, err := g.index(ctx)
	if err != nil {
		return nil, err
	}
	if ix != nil {
		return ix.Catalog(), nil
	}
	c, err := g.cluster()
	if err != nil {
		return nil, err
	}
	served, err := c.Resources(ctx)
	if err != nil {
		return nil, err
	}
	var resources []rbac.Resource
	for _, r := range served.Resources {
		resources = append(resources, rbac.Resource{
			Group: r.Group, Version: r.Version, Name: r.Name, Singular: r.SingularName, Kind: r.Kind,
			ShortNames: r.ShortNames, Namespaced: r.Namespaced, Verbs: r.Verbs,
		})
	}
	return rbac.NewCatalog(resources), nil
}

// action completes the word after args, which are the beginning of VERB RESOURCE [NAME]. The verb may be empty.
func (g *guide) action(ctx context.Context, args []string, prefix string) ([]string, error) {
	switch len(args) {
	case 0:
		return rbac.AllVerbs(), nil
	case 1:
		c, err := g.catalog(ctx)
		if err != nil {
			return nil, err
		}
		if word, _, slash := strings.Cut(prefix, "/"); slash && word != "" {
			return g.below(ctx, c, args[0], word)
		}
		return question.Resources(c, args[0]), nil
	case 2:
		c, err := g.catalog(ctx)
		if err != nil {
			return nil, err
		}
		r, err := c.Resolve(args[1], args[0], true)
		if err != nil || !r.Known {
			return nil, err
		}
		return g.names(ctx, c, r)
	}
	return nil, nil
}

// below completes "pods/": the subresources of that word, and the objects.
func (g *guide) below(ctx context.Context, c *rbac.Catalog, verb, word string) ([]string, error) {
	r, err := c.Resolve(word, verb, false)
	if err != nil || !r.Known {
		return nil, err
	}
	words := c.Subresources(r.Group, r.Resource)
	// Who may not list the objects still gets the subresources.
	if names, err := g.names(ctx, c, r); err == nil {
		words = append(words, names...)
	}
	for i := range words {
		words[i] = word + "/" + words[i]
	}
	return words, nil
}

// verbList completes a list of verbs that are separated by commas. Without a resource all verbs are offered.
func (g *guide) verbList(ctx context.Context, resource, prefix string) ([]string, error) {
	verbs := rbac.AllVerbs()
	if resource != "" {
		c, err := g.catalog(ctx)
		if err != nil {
			return nil, err
		}
		if r, err := c.Resolve(resource, "", false); err == nil && r.Known {
			full := rbac.Action{Resource: r.Resource, Subresource: r.Subresource}
			verbs = c.Verbs(r.Group, full.ResourceName())
		}
	}
	done := prefix[:strings.LastIndex(prefix, ",")+1]
	words := make([]string, 0, len(verbs))
	for _, v := range verbs {
		if !slices.Contains(strings.Split(done, ","), v) {
			words = append(words, done+v)
		}
	}
	return words, nil
}

// names lists the objects of a resource, in the namespace of the command where they live in one.
func (g *guide) names(ctx context.Context, c *rbac.Catalog, r rbac.Resolution) ([]string, error) {
	served, known := c.Lookup(r.Group, r.Resource)
	if !known || !slices.Contains(served.Verbs, "list") {
		return nil, nil
	}
	namespace, err := g.at.namespace(g.in.offline(), "")
	if err != nil {
		return nil, err
	}
	if !served.Namespaced {
		namespace = ""
	}
	ix, err := g.index(ctx)
	if err != nil {
		return nil, err
	}
	if ix != nil {
		return slices.Collect(question.ObjectNames(ix, served, namespace)), nil
	}
	return g.list(ctx, schema.GroupVersionResource{Group: served.Group, Version: served.Version, Resource: served.Name}, namespace)
}

// list asks the cluster for the metadata of objects: the one list that a completion may cost.
func (g *guide) list(ctx context.Context, resource schema.GroupVersionResource, namespace string) ([]string, error) {
	c, err := g.cluster()
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(c.Config())
	if err != nil {
		return nil, err
	}
	objects, err := client.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{Limit: mostNames})
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(objects.Items))
	for i := range objects.Items {
		names = append(names, objects.Items[i].Name)
	}
	return names, nil
}

func (g *guide) namespaces(ctx context.Context) ([]string, error) {
	ix, err := g.index(ctx)
	if err != nil {
		return nil, err
	}
	if ix != nil {
		return ix.Namespaces(), nil
	}
	return g.list(ctx, schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}, "")
}
