package whocan

import (
	"context"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// kalmWordsFor completes the word after args, which are the beginning of VERB KIND [NAME]. Kalm keeps no list of names.
func kalmWordsFor(args []string) []string {
	switch len(args) {
	case 0:
		return []string{string(kalm.View), string(kalm.Edit), string(kalm.Manage)}
	case 1:
		return kalm.Kinds()
	}
	return nil
}

// kalmSubjects lists who may be asked about: whom role bindings of Kalm's name, or for "token:" the tokens by their names.
func (g *guide) kalmSubjects(ctx context.Context, prefix string) ([]string, error) {
	if strings.HasPrefix(prefix, "token:") {
		return g.kalmTokens(ctx)
	}
	bindings, err := g.kalmBindings(ctx)
	if err != nil {
		return nil, err
	}
	var words []string
	for _, b := range bindings {
		words = append(words, kalmSubject(kalm.Subject{Name: b.Subject, Group: b.Group}))
		if !b.Group && prefix != "" && !strings.Contains(b.Subject, ":") { // most people leave the kind of a user out
			words = append(words, b.Subject)
		}
	}
	slices.Sort(words)
	return slices.Compact(words), nil
}

// kalmGroups lists the groups that role bindings of Kalm's name.
func (g *guide) kalmGroups(ctx context.Context) ([]string, error) {
	bindings, err := g.kalmBindings(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, b := range bindings {
		if b.Group {
			names = append(names, b.Subject)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (g *guide) kalmTokens(ctx context.Context) ([]string, error) {
	var names []string
	if g.in.offline() {
		inv, err := g.kalmFiles(ctx, inventory.AccessTokens)
		if err != nil {
			return nil, err
		}
		for _, u := range inv.Objects(inventory.AccessTokens) {
			names = append(names, u.GetName())
		}
	} else {
		var err error
		resource := schema.GroupVersionResource{Group: kalm.Group, Version: kalm.Version, Resource: string(inventory.AccessTokens)}
		if names, err = g.list(ctx, resource, ""); err != nil { // their metadata alone: the tokens are in the objects
			return nil, err
		}
	}
	for i := range names {
		names[i] = "token:" + names[i]
	}
	return names, nil
}

func (g *guide) kalmBindings(ctx context.Context) ([]kalm.Binding, error) {
	var inv *inventory.Inventory
	if g.in.offline() {
		var err error
		if inv, err = g.kalmFiles(ctx, inventory.KalmBindings); err != nil {
			return nil, err
		}
	} else {
		c, err := g.cluster()
		if err != nil {
			return nil, err
		}
		want := inventory.Want{Kinds: []inventory.Kind{inventory.KalmBindings}}
		if inv, err = source.LiveInventory(ctx, c, g.in.env.Clock, nil, want); err != nil {
			return nil, err
		}
	}
	var bindings []kalm.Binding
	for _, u := range inv.Objects(inventory.KalmBindings) {
		bindings = append(bindings, kalm.ReadBinding(u))
	}
	return bindings, nil
}

// kalmFiles reads a kind of the --from sources. Stdin belongs to the command, not to a Tab.
func (g *guide) kalmFiles(ctx context.Context, kind inventory.Kind) (*inventory.Inventory, error) {
	from := slices.DeleteFunc(slices.Clone(g.in.from), func(path string) bool { return path == "-" })
	if len(from) == 0 {
		return &inventory.Inventory{}, nil
	}
	options := source.FilesOptions{Stdin: strings.NewReader("")}
	return source.FileInventory(ctx, from, options, inventory.Want{Kinds: []inventory.Kind{kind}})
}
