package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// granting is what grant and revoke share.
type granting struct {
	env        *cli.Env
	reading    *reading.Flags
	change     *change.Flags
	queue      string
	namespaces []string
}

func newGranting(env *cli.Env) *granting {
	return &granting{env: env, reading: reading.NewFlags(env), change: change.NewFlags(env)}
}

func (w *granting) addFlags(cmd *cobra.Command, namespaces string) {
	cmd.Flags().StringSliceVar(&w.namespaces, "namespaces", nil, namespaces+" -n names a single one.")
	w.reading.AddFlags(cmd)
	w.change.AddFlags(cmd)
	completeQueueFlag(w.env, w.reading, cmd, "queue")
	w.completePlaces(cmd)
}

// options checks the shared flags before anything is read. A namespace that was named with -n is the only one.
func (w *granting) options() (*change.Options, error) {
	o, err := w.change.Options()
	if err != nil {
		return nil, err
	}
	if slices.Contains(w.namespaces, "") {
		return nil, cli.UsageError(fmt.Errorf("bad --namespaces %q: one of them has no name", strings.Join(w.namespaces, ",")))
	}
	if n := *w.env.Config.Namespace; n != "" {
		if len(w.namespaces) > 0 && !slices.Equal(w.namespaces, []string{n}) {
			return nil, cli.UsageError(errors.New("give -n or --namespaces: not both"))
		}
		w.namespaces = []string{n}
	}
	return o, o.CheckOffline(w.reading.Offline())
}

// load reads what plans about grants are made from. When a single namespace is concerned, it is what can be read at least:
// somebody with rights in that one alone may use the command, too. With narrow, what is in others is not asked for.
func (w *granting) load(ctx context.Context, narrow bool, more ...inventory.Kind) (*loaded, error) {
	want := inventory.Want{Kinds: append(queue.GrantKinds(), more...)}
	if len(w.namespaces) == 1 {
		*w.env.Config.Namespace = w.namespaces[0]
		if narrow {
			want.Namespace = w.namespaces[0]
		}
	}
	r, err := w.reading.Read(ctx, want)
	if err != nil {
		return nil, err
	}
	rights, err := r.Rights(ctx)
	if err != nil {
		return nil, err
	}
	l := &loaded{Reading: r, state: queue.NewState(r.Inventory, rights, w.env.Clock.Now())}
	if r.Cluster != nil {
		l.state.Serves = served(ctx, r)
	}
	return l, nil
}

// finish is [reading.Flags.Finish]. How Kueue runs is no part of a grant for most queues: where it is, a note says that it is
// not known; and so it is with service accounts.
func (w *granting) finish(l *loaded) error {
	return w.reading.Finish(l.Reading, inventory.QueueOperators, inventory.ServiceAccounts)
}

// parseSubject reads SUBJECT. A list is one by mistake, unless it is said that a user is called that.
func parseSubject(word string) (rbac.Subject, error) {
	subject, err := contrib.ParseSubject(word)
	if kind, _, _ := strings.Cut(word, ":"); err == nil && subject.Kind == rbacv1.UserKind && !strings.EqualFold(kind, "user") && strings.ContainsAny(word, ", \t\n") {
		err = cli.Hint(fmt.Errorf("parse subject %q: it has a comma or a space in it", word), "name one subject; user:NAME takes any name as it is")
	}
	return subject, err
}

// adviser says what to do about a right that is missing to carry a plan out.
func adviser(command string) func(rbacv1.PolicyRule, string) string {
	return func(rbacv1.PolicyRule, string) string { return "ask an administrator to run: " + command }
}

// commandLine writes a command anew, for somebody else to run: what it is about, without how it connects or asks.
func commandLine(cmd *cobra.Command, args []string) string {
	words := []string{cmd.CommandPath()}
	for _, arg := range args {
		words = append(words, shell.Word(arg))
	}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		value := f.Value.String()
		switch f.Name {
		case "queue", "expires":
		case "can", "namespaces":
			if all, ok := f.Value.(pflag.SliceValue); ok {
				value = strings.Join(all.GetSlice(), ",")
			}
		case "namespace":
			words = append(words, "-n", shell.Word(value))
			return
		case "all-queues", "expired":
			words = append(words, "--"+f.Name)
			return
		default:
			return
		}
		words = append(words, "--"+f.Name, shell.Word(value))
	})
	return strings.Join(words, " ")
}

// gains says, before a plan is carried out, what its subject gains and loses by it, and whether the caller may give that at
// all. What can't be read is left to the server.
type gains struct {
	loaded  *loaded
	plan    plan.Plan
	subject rbac.Subject
	// taking says that rights are taken: that there are none to gain is no news then.
	taking bool
}

func (g *gains) lines(ctx context.Context) []string {
	bindings, err := effect.Read(g.plan)
	if err != nil || bindings.Empty() {
		return nil // the plan says why
	}
	rights := bindings.On(g.loaded.state.Rights)
	lines := slices.Concat(g.everybody(), rights.Unknown(), g.compare(rights))
	if g.loaded.Cluster == nil {
		return lines // nobody is asking
	}
	if id, err := g.loaded.Self(ctx); err == nil {
		lines = append(lines, rights.MayGive(id)...)
	}
	return lines
}

// everybody warns of a subject that is none in particular.
func (g *gains) everybody() []string {
	if text := queue.Everybody(g.subject); text != "" {
		return []string{"warning: " + text}
	}
	return nil
}

// compare says what the subject gains and loses, namespaces with the same difference at once.
func (g *gains) compare(rights *effect.Rights) []string {
	var places []string
	for _, s := range g.plan.Changes().Steps {
		o := s.Object
		if o == nil {
			o = s.Old
		}
		if n := o.GetNamespace(); !slices.Contains(places, n) {
			places = append(places, n)
		}
	}
	slices.Sort(places)
	type difference struct {
		effect.Effect
		strong []string
		places []string
	}
	var all []*difference
	for _, place := range places {
		d := &difference{Effect: rights.Of(g.subject, place), strong: rights.Strong(g.subject, place), places: []string{place}}
		i := slices.IndexFunc(all, func(other *difference) bool { return same(other.Gained, d.Gained) && same(other.Lost, d.Lost) })
		if i < 0 {
			all = append(all, d)
			continue
		}
		all[i].places = append(all[i].places, place)
	}
	who := queue.Label(g.subject)
	var lines []string
	for _, d := range all {
		where := several(d.places)
		if len(d.Gained)+len(d.Lost) == 0 && !g.taking {
			lines = append(lines, fmt.Sprintf("%s gains no right in %s, and has all of them already", who, where))
		}
		if len(d.Gained) > 0 {
			lines = append(lines, fmt.Sprintf("%s gains %s in %s, such as %s (all: kubectl whocan rules %s -n %s)", who,
				plural(len(d.Gained), "right"), where, strings.Join(effect.Samples(d.Gained), ", "), shell.Word(who), d.places[0]))
		}
		if len(d.Lost) > 0 {
			lines = append(lines, fmt.Sprintf("%s loses %s in %s, such as %s", who, plural(len(d.Lost), "right"), where,
				strings.Join(effect.Samples(d.Lost), ", ")))
		}
		if len(d.strong) > 0 {
			lines = append(lines, fmt.Sprintf("warning: %s can then %s in %s", who, strings.Join(d.strong, ", "), where))
		}
	}
	return lines
}

// same reports whether two lists have the same actions, but for where.
func same(a, b []rbac.Action) bool {
	return slices.EqualFunc(a, b, func(x, y rbac.Action) bool {
		x.Namespace, y.Namespace = "", ""
		return x == y
	})
}
