package gatehouse

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// pretended is a terminal that is none.
type pretended struct {
	streams   []any
	variables []string
}

func (p pretended) isTerminal(stream any) bool { return slices.Contains(p.streams, stream) }

func (p pretended) environ() []string { return p.variables }

func (p pretended) divert(io.Writer) (func(), error) { return func() {}, nil }

// streams are those of a process that a test made.
func streams() genericiooptions.IOStreams {
	return genericiooptions.IOStreams{In: strings.NewReader(""), Out: &strings.Builder{}, ErrOut: &strings.Builder{}}
}

// on is a terminal with the variables, whose streams are all of it.
func on(s genericiooptions.IOStreams, variables ...string) pretended {
	return pretended{streams: []any{s.In, s.Out, s.ErrOut}, variables: variables}
}

func TestTraits(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		variables []string
		want      traits
		err       string
	}{
		"usual":              {variables: []string{"TERM=xterm-256color", "LANG=en_US.UTF-8"}},
		"no locale":          {variables: []string{"TERM=xterm"}},
		"c locale":           {variables: []string{"TERM=xterm", "LANG=C"}, want: traits{ascii: true}},
		"c.utf8":             {variables: []string{"TERM=xterm", "LC_ALL=C.utf8", "LANG=C"}},
		"LC_ALL wins":        {variables: []string{"TERM=xterm", "LC_ALL=POSIX", "LC_CTYPE=de_DE.UTF-8"}, want: traits{ascii: true}},
		"LC_CTYPE wins":      {variables: []string{"TERM=xterm", "LC_CTYPE=de_DE.ISO-8859-1", "LANG=de_DE.UTF-8"}, want: traits{ascii: true}},
		"console":            {variables: []string{"TERM=linux", "LANG=en_US.UTF-8"}, want: traits{ascii: true}},
		"no colours":         {variables: []string{"TERM=xterm", "NO_COLOR=1"}, want: traits{colourless: true}},
		"empty NO_COLOR":     {variables: []string{"TERM=xterm", "NO_COLOR="}},
		"light background":   {variables: []string{"TERM=xterm", "COLORFGBG=0;15"}, want: traits{light: true}},
		"light with default": {variables: []string{"TERM=xterm", "COLORFGBG=0;default;7"}, want: traits{light: true}},
		"dark background":    {variables: []string{"TERM=xterm", "COLORFGBG=15;0"}},
		"dumb":               {variables: []string{"TERM=dumb"}, err: `open browser: the terminal can't move its cursor (TERM is "dumb")`},
		"empty":              {variables: []string{"TERM="}, err: `open browser: the terminal can't move its cursor (TERM is "")`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := streams()
			got, err := traitsOf(on(s, tt.variables...), cli.NewEnv(s, clocktesting.NewFakePassiveClock(now()), "kubectl gatehouse"))
			if got != tt.want || errorText(err) != tt.err {
				t.Errorf("got %+v, %v; want %+v, %q", got, err, tt.want, tt.err)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestRefusals are the reasons not to open the browser. Nobody is asked anything before.
func TestRefusals(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		// lacks is the stream that is no terminal, "all" for all of them.
		lacks string
		term  string
		args  []string
	}{
		"refused/stdin":    {lacks: "stdin"},
		"refused/stdout":   {lacks: "stdout"},
		"refused/dumb":     {term: "dumb"},
		"refused/offline":  {lacks: "all", args: []string{"--from", acme}},
		"refused/dash":     {args: []string{"--from", "-"}},
		"refused/empty":    {args: []string{"--from", ""}},
		"refused/missing":  {args: []string{"--from", "testdata/nowhere"}},
		"refused/page":     {args: []string{"--open", "grnts"}},
		"refused/words":    {args: []string{"--open", "roles admin"}},
		"refused/twice":    {args: []string{"--open", "roles", "--open", "grants"}},
		"refused/verbose":  {args: []string{"-v", "0"}},
		"refused/word":     {args: []string{"whocn"}},
		"refused/other":    {args: []string{"secrets"}},
		"refused/contexts": {args: []string{"--context", "a", "--context", "b"}},
		"refused/context":  {args: []string{"--context", "nowhere"}},
		"refused/config":   {args: []string{"--kubeconfig", "testdata/none"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errOut strings.Builder
			s := genericiooptions.IOStreams{In: strings.NewReader(""), Out: &out, ErrOut: &errOut}
			terminal := on(s, "TERM="+cmp.Or(tt.term, "xterm"))
			switch tt.lacks {
			case "all":
				terminal.streams = nil
			case "stdin":
				terminal.streams = []any{s.Out, s.ErrOut}
			case "stdout":
				terminal.streams = []any{s.In, s.ErrOut}
			}
			env := cli.NewEnv(s, clocktesting.NewFakePassiveClock(now()), "kubectl gatehouse")
			*env.Config.KubeConfig = "testdata/kubeconfig"
			code := cli.Run(t.Context(), env, func(env *cli.Env) *cobra.Command {
				cmd := newBrowseCommand(env, terminal)
				cmd.AddCommand(&cobra.Command{Use: "whocan", RunE: func(*cobra.Command, []string) error { return nil }})
				return cmd
			}, tt.args)
			golden.Equal(t, outcome{Stdout: out.String(), Stderr: errOut.String(), Code: code}.String(), name)
		})
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		open, namespace string
		want            screen.Place
	}{
		"nothing":     {},
		"workspace":   {namespace: "team-a", want: screen.Place{Kind: screen.Workspace, Name: "team-a"}},
		"page":        {open: "grants", namespace: "team-a", want: screen.Place{Kind: screen.Grants}},
		"question":    {open: "whocan  get secrets -n x ", want: screen.Place{Kind: screen.WhoCan, Query: "get secrets -n x"}},
		"no question": {open: "whocan", want: screen.Place{Kind: screen.WhoCan}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := cli.NewEnv(streams(), clocktesting.NewFakePassiveClock(now()), "kubectl gatehouse")
			*env.Config.Namespace = tt.namespace
			got, err := (&browseFlags{env: env, open: tt.open}).place()
			if got != tt.want || err != nil {
				t.Errorf("got %+v, %v; want %+v", got, err, tt.want)
			}
		})
	}
}

// TestStill reads the example company as the browser does.
func TestStill(t *testing.T) {
	t.Parallel()
	aside := &aside{}
	s := &still{from: []string{acme}, aside: aside}
	var moments []source.Moment
	if err := s.Run(t.Context(), func(m source.Moment) { moments = append(moments, m) }); err != nil {
		t.Fatal(err)
	}
	if len(moments) != 1 || !moments[0].Complete || moments[0].Link.State != source.Still {
		t.Fatalf("moments %+v", moments)
	}
	m := moments[0]
	if len(m.Snapshot.Bindings) < 20 || len(m.Inventory.Profiles) == 0 || len(m.Inventory.Objects(inventory.ClusterAuthentications)) == 0 {
		t.Errorf("%d bindings, %d profiles", len(m.Snapshot.Bindings), len(m.Inventory.Profiles))
	}
	if id, err := s.Self(t.Context()); id.User != "" || err != nil {
		t.Errorf("self %v, %v", id, err)
	}
	if err := (&still{from: []string{"testdata/none"}, aside: aside}).Run(t.Context(), func(source.Moment) {}); err == nil {
		t.Error("a file that is not there is no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Run(ctx, func(source.Moment) { t.Error("published after the end") }); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}

// TestSave writes snapshots, but over nothing.
func TestSave(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.ghs")
	snapshot := &rbac.Snapshot{Cluster: "x", Bindings: []rbac.Binding{{Name: "b"}}}
	if err := save(path, snapshot); err != nil {
		t.Fatal(err)
	}
	if err := save(path, snapshot); errorText(err) != "write snapshot: "+path+" exists" {
		t.Errorf("again: %v", err)
	}
	files, err := source.Files([]string{path}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	read, err := files.Load(t.Context(), source.Want{})
	if err != nil || read.Cluster != "x" || len(read.Bindings) != 1 {
		t.Errorf("read back %+v, %v", read, err)
	}
}

// TestAside keeps remarks for later, each once.
func TestAside(t *testing.T) {
	t.Parallel()
	var errOut strings.Builder
	s := streams()
	s.ErrOut = &errOut
	a := &aside{}
	if _, err := io.WriteString(a, "Warning: old version\nWarning: old version\n\n"); err != nil {
		t.Fatal(err)
	}
	a.warnf("odd \x1b[31m %s", "name")
	for i := range mostRemarks {
		a.warnf("remark %d", i)
	}
	if errOut.Len() > 0 {
		t.Errorf("told too early: %s", errOut.String())
	}
	a.tell(cli.NewEnv(s, clocktesting.NewFakePassiveClock(now()), "kubectl gatehouse"))
	got := errOut.String()
	if !strings.HasPrefix(got, "warning: old version\nwarning: odd ^[[31m name\n") || !strings.HasSuffix(got, "... and 2 more\n") || strings.Count(got, "\n") != mostRemarks+1 {
		t.Errorf("told:\n%s", got)
	}
}

// TestLeaveTerminal keeps a program that gets credentials from the keyboard.
func TestLeaveTerminal(t *testing.T) {
	t.Parallel()
	config := leaveTerminal(&rest.Config{ExecProvider: &api.ExecConfig{Command: "login"}})
	if !config.ExecProvider.StdinUnavailable || config.ExecProvider.StdinUnavailableMessage == "" {
		t.Errorf("config %+v", config.ExecProvider)
	}
	if other := leaveTerminal(&rest.Config{Host: "x"}); other.Host != "x" || other.ExecProvider != nil {
		t.Errorf("another connection became %v", other)
	}
}

// TestProcess asks for the streams of this test, which are no terminal.
func TestProcess(t *testing.T) {
	t.Setenv("GATEHOUSE_TEST", "1")
	file, err := os.Create(filepath.Join(t.TempDir(), "x"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // nothing is in it
	if (process{}).isTerminal(file) || (process{}).isTerminal(&strings.Builder{}) {
		t.Error("a file is taken for a terminal")
	}
	if !strings.Contains(strings.Join(process{}.environ(), "\n"), "GATEHOUSE_TEST=1") {
		t.Error("the environment is not the process's")
	}
}

// TestWhere repeats what was said about the cluster and the user, but for secrets.
func TestWhere(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"":                             nil,
		"--context prod --as bob":      {"--context", "prod", "--as", "bob"},
		"--as-group=a --as-group=b":    {"--as-group", "a", "--as-group", "b"},
		"--token x --namespace y":      nil,
		"--kubeconfig k --user u":      {"--kubeconfig", "k", "--user", "u"},
		"-s https://a:6443":            {"--server", "https://a:6443"},
		"--cluster c --as b --as-uid=": {"--cluster", "c", "--as", "b"},
	}
	for line, want := range tests {
		s := streams()
		f := &browseFlags{env: cli.NewEnv(s, clocktesting.NewFakePassiveClock(now()), "kubectl gatehouse")}
		flags := pflag.NewFlagSet("", pflag.ContinueOnError)
		f.env.Config.AddFlags(flags)
		if err := flags.Parse(strings.Fields(line)); err != nil {
			t.Fatal(err)
		}
		if got := f.where(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", line, got, want)
		}
	}
}

// noted keeps what is written to it.
type noted struct{ lines chan string }

func (n noted) Write(p []byte) (int, error) {
	n.lines <- string(p)
	return len(p), nil
}

// TestDivert runs a program as client-go runs those that get credentials.
func TestDivert(t *testing.T) { //nolint:paralleltest // it changes os.Stderr
	before, to := os.Stderr, noted{make(chan string, 1)}
	restore, err := process{}.divert(to)
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), "sh", "-c", "echo log in >&2")
	child.Stderr = os.Stderr
	if err := child.Run(); err != nil {
		t.Error(err)
	}
	if got := <-to.lines; got != "log in\n" {
		t.Errorf("diverted %q", got)
	}
	if restore(); os.Stderr != before {
		t.Error("stderr is not what it was")
	}
}
