package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// sources are the flags that say where objects come from.
type sources struct {
	*reading.Flags
	env *cli.Env
	// asked says that the user asked about tokens, and not about everything.
	asked bool
}

func newSources(env *cli.Env) *sources { return &sources{Flags: reading.NewFlags(env), env: env} }

// loaded is what was read, and the tokens that it shows.
type loaded struct {
	*reading.Reading
	state *token.State
}

// load reads the objects of a namespace, or of all, and with rights what tokens may do.
func (s *sources) load(ctx context.Context, namespace string, kinds []inventory.Kind, rights bool) (*loaded, error) {
	if slices.Contains(s.Sources(), "") {
		return nil, cli.UsageError(errors.New("--from is empty: want FILE, DIR or -"))
	}
	r, err := s.Read(ctx, inventory.Want{Kinds: kinds, Namespace: namespace})
	if err != nil {
		return nil, err
	}
	l := &loaded{Reading: r}
	var index *rbac.Index
	if rights {
		if index, err = r.Rights(ctx); err != nil {
			return nil, err
		}
		l.add(index.Snapshot().Gaps)
	}
	l.state = token.NewState(l.Inventory, index, s.env.Clock.Now())
	return l, nil
}

// add has gaps count as ones of what was read, each once.
func (l *loaded) add(gaps []rbac.Gap) {
	inv := *l.Inventory
	for _, gap := range gaps {
		if !slices.ContainsFunc(inv.Gaps, func(g rbac.Gap) bool { return g.What == gap.What && g.Namespace == gap.Namespace }) {
			inv.Gaps = append(slices.Clip(inv.Gaps), gap)
		}
	}
	l.Inventory = &inv
}

// unread are the kinds that tell of tokens and could not all be read.
func (l *loaded) unread() []inventory.Kind {
	return slices.DeleteFunc(listedKinds(), func(k inventory.Kind) bool { return len(l.Inventory.Missing(k)) == 0 })
}

// reads reports whether one of the kinds that tell of tokens is there, and could be read.
func (l *loaded) reads() bool {
	unread := l.unread()
	return slices.ContainsFunc(listedKinds(), func(k inventory.Kind) bool { return l.Inventory.Served[k] && !slices.Contains(unread, k) })
}

// place says which namespace a command looks at; empty stands for all.
func (s *sources) place(all bool) (string, error) {
	flag := *s.env.Config.Namespace
	switch {
	case all && flag != "":
		return "", cli.UsageError(errors.New("give -n or -A: not both"))
	case all:
		return "", nil
	case flag != "", s.Offline():
		return flag, checkNamespace(flag)
	}
	return s.env.Namespace()
}

func checkNamespace(name string) error {
	if reasons := validation.IsDNS1123Label(name); name != "" && len(reasons) > 0 {
		return cli.UsageError(fmt.Errorf("bad namespace %q: %s", name, strings.Join(reasons, ", ")))
	}
	return nil
}

// looksSecret reports whether a word is more likely a token than the name of one. Names of AccessTokens are in hex.
func looksSecret(word string) bool {
	const longest = 64 // of the name of an AccessToken
	if strings.Count(word, ".") == 2 && strings.HasPrefix(word, "eyJ") {
		return true
	}
	_, name, found := strings.Cut(word, "/")
	if !found {
		name = word
	}
	hex := strings.Trim(name, "0123456789abcdef") == ""
	return len(name) > longest || len(name) == longest && !hex && !strings.Contains(name, "-")
}

// refuseSecret is an error for what looks like a token in the arguments; it does not repeat it.
func refuseSecret(args []string) error {
	if !slices.ContainsFunc(args, looksSecret) {
		return nil
	}
	return cli.UsageError(cli.Hint(errors.New("what looks like a token must not be typed: other programs see it (ps), and the shell keeps it"),
		"describe - reads it from stdin; and revoke this one"))
}

// completeTokens offers the names of the tokens of the namespace: for as many arguments as a command takes, 0 for any
// number, and none twice.
func (s *sources) completeTokens(most int) cobra.CompletionFunc {
	return s.env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if most > 0 && len(args) >= most {
			return nil, nil
		}
		namespace, err := s.place(false)
		if err != nil {
			return nil, err
		}
		l, err := s.load(ctx, namespace, listedKinds(), false)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, t := range l.state.Tokens() {
			if name := l.shortest(namespace, t); !slices.Contains(args, name) && !slices.Contains(args, t.ID()) {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		return slices.Compact(names), nil
	})
}

// shortest is a short text that names a token: its ID, or of an AccessToken its name, or the beginning of the sum that it is
// named by, unless others are meant by these too.
func (l *loaded) shortest(namespace string, t token.Token) string {
	if t.Kind != token.Kalm {
		return t.ID()
	}
	text := shortName(t)
	if text != t.Name {
		text = "accesstoken/" + text
	}
	if found, err := l.state.Find(namespace, text); err != nil || found[0].Object() != t.Object() {
		return t.ID()
	}
	return text
}

// listedKinds are what tells which tokens there are.
func listedKinds() []inventory.Kind {
	return []inventory.Kind{inventory.ServiceAccounts, inventory.TokenSecrets, inventory.AccessTokens}
}
