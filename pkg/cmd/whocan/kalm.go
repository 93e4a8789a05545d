package whocan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const kalmUsage = "Ask the policy of Kalm's API instead of RBAC: VERB is view, edit or manage, RESOURCE a kind of Kalm's (components)."

// kalmWords is what was typed after --kalm, and what is noteworthy about it.
type kalmWords struct {
	// verb is as it was typed: one of Kalm's actions, or a verb of Kubernetes.
	verb    string
	request kalm.Request
	notes   []string
}

// parseKalm reads VERB KIND[/NAME] [NAME] in Kalm's words. Errors are those of usage.
func parseKalm(args []string) (kalmWords, error) {
	var w kalmWords
	if len(args) < 2 || len(args) > 3 {
		return w, cli.UsageError(errors.New("want --kalm VERB KIND[/NAME], such as: --kalm edit components/web"))
	}
	w.verb = args[0]
	switch args[0] {
	case "view", "edit", "manage":
		w.request.Action = kalm.Action(args[0])
	case "get", "list", "watch":
		w.request.Action = kalm.View
	case "create", "update", "patch", "delete":
		w.request.Action = kalm.Edit
	default:
		return w, cli.UsageError(fmt.Errorf("bad verb %q: Kalm has view, edit and manage", args[0]))
	}
	if string(w.request.Action) != args[0] {
		w.notes = append(w.notes, fmt.Sprintf("Kalm has no %s: it is taken for %s", args[0], w.request.Action))
	}
	kind, name, slash := strings.Cut(args[1], "/")
	if len(args) == 3 {
		if slash {
			return w, cli.UsageError(errors.New("one name at a time: it stands after the slash, or after the kind"))
		}
		name = args[2]
	}
	kind, _, _ = strings.Cut(kind, ".") // components.core.kalm.dev
	if kind == "" {
		return w, cli.UsageError(fmt.Errorf("no kind in %q: want a kind of Kalm's, or * for all of them", args[1]))
	}
	w.request.Kind, w.request.Name = kind, name
	return w, nil
}

// ask returns what Kalm's API asks its policy in a namespace; empty asks in the whole cluster.
func (w *kalmWords) ask(namespace string) kalm.Asked {
	r := w.request
	r.Namespace = namespace
	return kalm.AskTo(w.verb, r)
}

// kalmWorld is Kalm's policy as it was read, and what could not be read.
type kalmWorld struct {
	policy     *kalm.Policy
	world      kalm.World
	namespaces []string
	gaps       []rbac.Gap
	source     string
}

// complete reports whether everything that makes the policy was read.
func (k *kalmWorld) complete() bool { return len(k.gaps) == 0 }

// loadKalm reads what Kalm's API makes its policy of. It is read whole: bindings in one namespace count in others.
func (in *inputs) loadKalm(ctx context.Context) (*kalmWorld, error) {
	want := inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces, inventory.KalmBindings, inventory.AccessTokens}}
	inv, err := in.readKalm(ctx, want)
	if err != nil {
		return nil, err
	}
	k := &kalmWorld{gaps: inv.Gaps, source: inv.Source}
	if !inv.Served[inventory.KalmBindings] && len(inv.Missing(inventory.KalmBindings)) == 0 {
		in.env.Warnf("there are no RoleBindings of Kalm (%s) here: Kalm is not installed, or these are not its manifests", kalm.Group)
	}
	k.world = kalm.NewWorld(inv.Namespaces, inv.Objects(inventory.KalmBindings), inv.Objects(inventory.AccessTokens), in.env.Clock.Now())
	assumed := k.world.Assume()
	k.policy = kalm.NewPolicy(k.world)
	for _, ns := range k.world.Namespaces {
		k.namespaces = append(k.namespaces, ns.Name)
	}
	slices.Sort(k.namespaces)
	in.tellKalm(k, assumed)
	return k, nil
}

func (in *inputs) readKalm(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	if in.offline() {
		return source.FileInventory(ctx, in.from, source.FilesOptions{
			Stdin: in.env.In, Warn: in.env.Warnf,
			Note: func(format string, args ...any) {
				if !in.silent {
					in.env.Notef("note: "+format, args...)
				}
			},
		}, want)
	}
	contexts, err := in.env.Contexts()
	if err != nil {
		return nil, err
	}
	if len(contexts) != 1 {
		return nil, cli.UsageError(errors.New("--kalm asks one cluster at a time"))
	}
	cluster, err := in.connect(contexts[0])
	if err != nil {
		return nil, err
	}
	return source.LiveInventory(ctx, cluster, in.env.Clock, in.env.Warnf, want)
}

// tellKalm says what could not be read, and what spoils every answer.
func (in *inputs) tellKalm(k *kalmWorld, assumed []string) {
	if len(k.gaps) > 0 {
		in.env.Warnf("cannot read %s: the answer is partial", strings.Join(question.GapTexts(k.gaps), ", "))
		for _, rule := range rbac.MissingRules(k.gaps) {
			in.env.Notef("hint: it takes the rule %s", rbac.RuleText(&rule))
		}
	}
	if len(assumed) > 0 {
		in.env.Warnf("not known whether Kalm takes these namespaces for applications, and taken as if: %s", strings.Join(assumed, ", "))
	}
	switch {
	case k.policy.Stopped():
		in.env.Warnf("Kalm's API does not run: it ends when it reads its policy")
	case k.policy.Broken():
		in.env.Warnf("Kalm's API says no to everybody, whatever they ask")
	default:
		return
	}
	for _, f := range k.spoilers() {
		in.env.Warnf("%s: %s", f.Object(), f.Why())
	}
}

// spoilers returns what spoils every answer.
func (k *kalmWorld) spoilers() []kalm.Flag {
	return slices.DeleteFunc(k.policy.Flags(), func(f kalm.Flag) bool { return f.Mark != kalm.Stops && f.Mark != kalm.Denies })
}

// finishKalm turns an incomplete answer into the exit code that --strict asks for.
func (in *inputs) finishKalm(k *kalmWorld) error {
	if in.strict && !k.complete() {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("the answer is partial, and --strict is set"))
	}
	return nil
}
