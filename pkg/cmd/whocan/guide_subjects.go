package whocan

import (
	"context"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// subjects lists who may be asked about. On a cluster that is whom RoleBindings name, or for "sa:NAMESPACE/" the
// service accounts of that namespace.
func (g *guide) subjects(ctx context.Context, prefix string) ([]string, error) {
	if rest, ok := strings.CutPrefix(prefix, "sa:"); ok && !g.in.offline() {
		if ns, _, ok := strings.Cut(rest, "/"); ok {
			names, err := g.list(ctx, schema.GroupVersionResource{Version: "v1", Resource: "serviceaccounts"}, ns)
			for i := range names {
				names[i] = "sa:" + ns + "/" + names[i]
			}
			return names, err
		}
	}
	found, err := g.bound(ctx)
	if err != nil {
		return nil, err
	}
	var words []string
	if !g.in.offline() {
		words = append(words, "me")
	}
	for _, s := range found {
		words = append(words, s.String())
		// Most people leave the kind of a user out.
		if bare, err := rbac.ParseSubject(s.Name); err == nil && bare == s && prefix != "" && !strings.HasPrefix(prefix, "user:") {
			words = append(words, s.Name)
		}
	}
	return words, nil
}

// groups lists the names of groups.
func (g *guide) groups(ctx context.Context) ([]string, error) {
	found, err := g.bound(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range found {
		if s.Kind == rbacv1.GroupKind {
			names = append(names, s.Name)
		}
	}
	return names, nil
}

// bound lists the subjects of bindings: of all in the --from sources, or of RoleBindings of the cluster.
func (g *guide) bound(ctx context.Context) ([]rbac.Subject, error) {
	ix, err := g.index(ctx)
	if err != nil {
		return nil, err
	}
	if ix != nil {
		return ix.Subjects(), nil
	}
	c, err := g.cluster()
	if err != nil {
		return nil, err
	}
	bindings, err := listBindings(ctx, c.Config(), g.at.narrowed())
	if err != nil {
		return nil, err
	}
	var found []rbac.Subject
	for i := range bindings.Items {
		for _, s := range bindings.Items[i].Subjects {
			if subject, ok := rbac.NewSubject(s, bindings.Items[i].Namespace); ok {
				found = append(found, subject)
			}
		}
	}
	return found, nil
}

// listBindings lists the first ones. A client of client-go for them would know all types of the API, which makes a
// program much bigger (docs/decisions/0004).
func listBindings(ctx context.Context, config *rest.Config, namespace string) (*rbacv1.RoleBindingList, error) {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	if err := rbacv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	config.APIPath, config.GroupVersion = "/apis", &rbacv1.SchemeGroupVersion
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	client, err := rest.RESTClientFor(config)
	if err != nil {
		return nil, err
	}
	list := &rbacv1.RoleBindingList{}
	err = client.Get().Namespace(namespace).Resource("rolebindings").Param("limit", strconv.Itoa(mostNames)).Do(ctx).Into(list)
	return list, err
}
