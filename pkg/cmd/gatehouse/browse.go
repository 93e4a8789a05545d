package gatehouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// browseFlags is what was typed.
type browseFlags struct {
	env      *cli.Env
	terminal terminal
	from     []string
	open     string
	readOnly bool
	ascii    bool
	noMouse  bool
}

// browseOptions is what run needs; only options makes one.
type browseOptions struct {
	*browseFlags
	start  screen.Place
	traits traits
}

func newBrowseCommand(env *cli.Env, on terminal) *cobra.Command {
	f := &browseFlags{env: env, terminal: on}
	cmd := &cobra.Command{
		Use:     "kubectl-gatehouse",
		Short:   "Browse access, and everything under one roof",
		Long:    gatehouseLong,
		Example: env.Examples(gatehouseExample),
		Args: cli.NoCommand(func(cmd *cobra.Command, _ string) string {
			return cmd.CommandPath() + " whocan VERB RESOURCE asks who can do something"
		}),
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd.Flags().Changed("v"))
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringArrayVar(&f.from, "from", nil, "Browse `FILE|DIR` (manifests, dumps, snapshots) instead of a cluster. Repeatable.")
	fs.StringVar(&f.open, "open", "", "Begin at this `PAGE`: "+strings.Join(pageWords(), ", ")+"; or at a question: \"whocan get secrets\".")
	fs.BoolVar(&f.readOnly, "read-only", false, "Change nothing, and offer no changes.")
	fs.BoolVar(&f.ascii, "ascii", false, "Draw with ASCII only: lines, bars, signs, and ? for every other letter of names.")
	fs.BoolVar(&f.noMouse, "no-mouse", false, "Leave the mouse to the terminal.")
	cli.Once(fs, "open")
	// It fails for a flag that is not there, or that has a completion.
	_ = cmd.RegisterFlagCompletionFunc("open", cobra.FixedCompletions(pageWords(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// pages are the pages that the browser can begin at.
func pages() []screen.Kind {
	return []screen.Kind{
		screen.Namespaces, screen.Grants, screen.Roles, screen.Bindings, screen.Subjects, screen.WhoCan, screen.Findings,
		screen.Queues, screen.ClusterAuths, screen.Clusters,
	}
}

func pageWords() []string {
	var words []string
	for _, kind := range pages() {
		words = append(words, string(kind))
	}
	return words
}

// options checks what was typed, and whether there is a terminal. logging says that requests are logged (-v).
func (f *browseFlags) options(logging bool) (*browseOptions, error) {
	o := &browseOptions{browseFlags: f}
	var err error
	switch {
	case slices.Contains(f.from, ""):
		return nil, cli.UsageError(errors.New("--from is empty: want FILE or DIR"))
	case slices.Contains(f.from, "-"):
		return nil, cli.UsageError(errors.New("--from - reads stdin, which the browser needs for keys: give a file"))
	}
	if o.start, err = f.place(); err != nil {
		return nil, cli.UsageError(err)
	}
	if o.traits, err = traitsOf(f.terminal, f.env); err != nil {
		return nil, cli.ExitWith(cli.ExitPredicateError, cli.Hint(err, f.withoutScreen()))
	}
	if err := o.find(); err != nil {
		return nil, err
	}
	if logging && f.terminal.isTerminal(f.env.ErrOut) {
		return nil, cli.UsageError(errors.New("-v would write over the screen: send it to a file, as with 2> gatehouse.log"))
	}
	return o, nil
}

// find is an error when a source of --from is not there: that is told without a screen.
func (f *browseFlags) find() error {
	if len(f.from) == 0 {
		return nil
	}
	_, err := source.FilesWith(f.from, source.FilesOptions{})
	return err
}

// place is where the browser begins: at --open, at the workspace of --namespace, or, when it is zero, where it likes.
func (f *browseFlags) place() (screen.Place, error) {
	kind, query, _ := strings.Cut(strings.TrimSpace(f.open), " ")
	switch {
	case f.open == "" && *f.env.Config.Namespace != "":
		return screen.Place{Kind: screen.Workspace, Name: *f.env.Config.Namespace}, nil
	case f.open == "":
		return screen.Place{}, nil
	case !slices.Contains(pages(), screen.Kind(kind)):
		err := fmt.Errorf("bad --open %q: want one of %s", f.open, strings.Join(pageWords(), ", "))
		if near := cli.Similar(kind, pageWords()); len(near) > 0 {
			err = cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
		}
		return screen.Place{}, err
	case query != "" && screen.Kind(kind) != screen.WhoCan:
		return screen.Place{}, fmt.Errorf("bad --open %q: only %s is followed by words", f.open, screen.WhoCan)
	}
	return screen.Place{Kind: screen.Kind(kind), Query: strings.TrimSpace(query)}, nil
}

// withoutScreen says which commands do without a terminal.
func (f *browseFlags) withoutScreen() string {
	return fmt.Sprintf("commands need none: %[1]s doctor, %[1]s whocan get secrets, %[1]s profile list", f.env.Name)
}

// run opens the browser, and tells afterwards what was remarked in the meantime.
func (o *browseOptions) run(ctx context.Context) error {
	aside := &aside{}
	defer aside.tell(o.env)
	if o.terminal.isTerminal(o.env.ErrOut) {
		restore, err := o.terminal.divert(aside)
		if err != nil {
			return err
		}
		defer restore()
	}
	namespace, err := o.env.Namespace()
	if err != nil && len(o.from) == 0 {
		return err
	}
	options := tui.Options{
		Clock: ticking{now: o.env.Clock}, Start: o.start, NoMouse: o.noMouse, Tell: func(line string) { o.env.Notef("%s", line) },
		Colourless: o.traits.colourless, ASCII: o.ascii || o.traits.ascii, Light: o.traits.light,
		Frame: world.Frame{Namespace: namespace, ReadOnly: o.readOnly, From: o.from},
	}
	if len(o.from) > 0 {
		options.Source = &still{from: o.from, aside: aside}
		options.Frame.Context, options.Frame.Offline, options.Frame.Namespace = strings.Join(o.from, ", "), true, *o.env.Config.Namespace
	} else {
		on, err := o.connect(aside)
		if err != nil {
			return err
		}
		options.Source, options.Frame.Context, options.Frame.Where = on, on.cluster.Name(), o.where()
		if !o.readOnly {
			options.Changes = change.New(on, o.env.Clock.Now, strings.ReplaceAll(o.env.Name, " ", "-"), options.Frame.Where...)
		}
	}
	return tui.Run(ctx, options, o.env.In, o.env.Out, o.terminal.environ())
}

// where are the flags that say which cluster is meant, and who asks, with their values: what a command in a shell needs to
// do the same. Those that hold secrets are left out.
func (f *browseFlags) where() []string {
	c := f.env.Config
	var words []string
	for _, flag := range []struct{ name, value string }{
		{"kubeconfig", *c.KubeConfig},
		{"context", c.ContextName()},
		{"cluster", *c.ClusterName},
		{"user", *c.AuthInfoName},
		{"server", *c.APIServer},
		{"as", *c.Impersonate},
		{"as-uid", *c.ImpersonateUID},
	} {
		if flag.value != "" {
			words = append(words, "--"+flag.name, flag.value)
		}
	}
	for _, group := range *c.ImpersonateGroup {
		words = append(words, "--as-group", group)
	}
	return words
}
