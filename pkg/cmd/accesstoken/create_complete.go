package accesstoken

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// completeName offers what can be rotated; a new token has a new name.
func (f *createFlags) completeName() cobra.CompletionFunc {
	return f.env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) > 0 || !f.rotate {
			return nil, nil
		}
		namespace, err := f.place(false)
		if err != nil {
			return nil, err
		}
		l, err := f.load(ctx, namespace, listedKinds(), false)
		if err != nil {
			return nil, err
		}
		wanted := token.Bound
		if f.isKalm() {
			wanted = token.Kalm
		}
		var names []string
		for _, t := range l.state.Tokens() {
			if t.Kind == wanted && token.CheckName(t.Name) == nil {
				names = append(names, t.Name)
			}
		}
		return names, nil
	})
}

// completeMay offers verbs, and behind a colon the kinds that have them, as --may takes them.
func (f *createFlags) completeMay() cobra.CompletionFunc {
	complete := f.env.Complete(func(ctx context.Context, _ []string, prefix string) ([]string, error) {
		verbs, typed, found := strings.Cut(prefix, ":")
		switch {
		case !found && f.isKalm():
			return []string{"view:", "edit:"}, nil
		case !found:
			return []string{"view:", "edit:", "manage:", "get,list:"}, nil
		}
		words := strings.Split(verbs, ",")
		var out []string
		for _, kind := range f.kindsFor(ctx, words) {
			// There are many subresources: they are offered to who wants one.
			if !strings.Contains(kind, "/") || strings.Contains(typed, "/") {
				out = append(out, verbs+":"+kind)
			}
		}
		return out, nil
	})
	return func(cmd *cobra.Command, args []string, prefix string) ([]cobra.Completion, cobra.ShellCompDirective) {
		offers, directive := complete(cmd, args, prefix)
		if !strings.Contains(prefix, ":") {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		return offers, directive
	}
}

// kindsFor are the kinds that a token of one namespace can be given verbs on.
func (f *createFlags) kindsFor(ctx context.Context, words []string) []string {
	var kinds []string
	if f.isKalm() {
		for _, kind := range kalm.Kinds() {
			if !slices.ContainsFunc(words, func(word string) bool {
				return kalm.Rule{Verb: word, Namespace: "default", Kind: kind, Name: kalm.All}.Unmet() != ""
			}) {
				kinds = append(kinds, kind)
			}
		}
		return kinds
	}
	catalog := f.catalog(ctx)
	grammar := token.Grammar{Catalog: catalog, Served: true, Namespace: "default"}
	for _, r := range catalog.Resources() {
		kind := r.Name
		if r.Group != "" {
			resource, sub, _ := strings.Cut(r.Name, "/")
			kind = strings.TrimSuffix(resource+"."+r.Group+"/"+sub, "/")
		}
		if _, _, err := grammar.Parse(strings.Join(words, ",") + ":" + kind); r.Namespaced && err == nil {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// catalog is what the cluster serves, or without one what Kubernetes itself has.
func (f *createFlags) catalog(ctx context.Context) *rbac.Catalog {
	none := rbac.NewCatalog(nil)
	if f.Offline() {
		return none
	}
	r, err := f.Read(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}, Namespace: "default"})
	if err != nil || r.Cluster == nil {
		return none
	}
	served, err := r.Cluster.Resources(ctx)
	if err != nil {
		return none
	}
	var all []rbac.Resource
	for _, s := range served.Resources {
		all = append(all, rbac.Resource{Group: s.Group, Version: s.Version, Name: s.Name, Singular: s.SingularName, Kind: s.Kind, Namespaced: s.Namespaced, Verbs: s.Verbs})
	}
	return rbac.NewCatalog(all)
}
