package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// place says which namespace a command looks at; empty stands for all.
func (s *sources) place(all bool) (string, error) {
	flag := *s.env.Config.Namespace
	switch {
	case all && flag != "":
		return "", cli.UsageError(errors.New("give -n or -A: not both"))
	case all:
		return "", nil
	case flag != "", s.Offline():
		return flag, nil
	}
	return s.env.Namespace()
}

// named reads the name of an object as it was typed: NAME in the namespace of the flags, or NAMESPACE/NAME as it is
// printed. Of manifests, a bare name is looked for in all namespaces by [find].
func (s *sources) named(text string) (types.NamespacedName, error) {
	namespace, name, found := strings.Cut(text, "/")
	switch {
	case found && (namespace == "" || name == "" || strings.Contains(name, "/")):
		return types.NamespacedName{}, cli.UsageError(fmt.Errorf("bad name %q: want NAME or NAMESPACE/NAME", text))
	case found && *s.env.Config.Namespace != "" && *s.env.Config.Namespace != namespace:
		return types.NamespacedName{}, cli.UsageError(fmt.Errorf("%q is not in the namespace of -n %s", text, *s.env.Config.Namespace))
	case found:
		return types.NamespacedName{Namespace: namespace, Name: name}, nil
	case text == "":
		return types.NamespacedName{}, cli.UsageError(errors.New("a name is empty: want NAME or NAMESPACE/NAME"))
	}
	namespace, err := s.place(false)
	return types.NamespacedName{Namespace: namespace, Name: text}, err
}

// find completes a name without a namespace: it is that of the only object of the kind with that name. A name that is
// there several times is an error that lists where, and one that is nowhere is an error too.
func find(l *loaded, kind inventory.Kind, name types.NamespacedName) (types.NamespacedName, error) {
	if name.Namespace != "" {
		return name, nil
	}
	var places []string
	for _, o := range l.Inventory.Objects(kind) {
		if o.GetName() == name.Name {
			places = append(places, o.GetNamespace())
		}
	}
	if len(places) > 1 {
		slices.Sort(places)
		return name, cli.UsageError(cli.Hint(
			fmt.Errorf("%q is in several namespaces: %s", name.Name, strings.Join(places, ", ")), "write NAMESPACE/NAME, or give -n"))
	}
	if len(places) == 1 {
		name.Namespace = places[0]
		return name, nil
	}
	var known []string
	for _, o := range l.Inventory.Objects(kind) {
		known = append(known, o.GetName())
	}
	slices.Sort(known)
	err := fmt.Errorf("find %s %s: no namespace has one of that name", strings.TrimSuffix(string(kind), "s"), name.Name)
	if near := cli.Similar(name.Name, slices.Compact(known)); len(near) > 0 {
		err = cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
	}
	return name, err
}

// completeNames completes names of objects of the kinds, each for the argument at its place, with one request.
func completeNames(env *cli.Env, s *sources, kinds ...inventory.Kind) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) >= len(kinds) {
			return nil, nil
		}
		namespace, err := s.place(false)
		if err != nil {
			return nil, err
		}
		kind := kinds[len(args)]
		r, err := s.Read(ctx, inventory.Want{Kinds: []inventory.Kind{kind}, Namespace: namespace})
		if err != nil {
			return nil, err
		}
		var names []string
		for _, o := range r.Inventory.Objects(kind) {
			if namespace == "" || o.GetNamespace() == namespace {
				names = append(names, o.GetName())
			}
		}
		slices.Sort(names)
		return slices.Compact(names), nil
	})
}
