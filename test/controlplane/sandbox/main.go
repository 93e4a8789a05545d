// Command sandbox gives a person a real Kubernetes control plane to try things on. It starts one in the background, loads manifests, and
// prints the line to paste into a shell; it ends it again.
//
//	sandbox [start] [--manifests PATH]... [--user NAME[:GROUP,...]]... [--kubeflow]
//	sandbox status
//	sandbox stop
//
// Standard output gets the export line (start) or the facts (status) and nothing else. Exit codes: 0 done or running; 1 error, or not running
// (status); 2 wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	cancel()
	os.Exit(code)
}

// request is what the command line asks for.
type request struct {
	home      home
	manifests []string
	users     []controlplane.User
	// kubeflow runs a stand-in for Kubeflow's profile controller, so that profiles get their namespaces.
	kubeflow bool
}

// run does the command and returns the exit code.
func run(ctx context.Context, args []string) int {
	command := "start"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command, args = args[0], args[1:]
	}
	commands := map[string]func(context.Context, request) error{
		"start":     startSandbox,
		"stop":      stopSandbox,
		"status":    showStatus,
		"supervise": supervise, // what start runs in the background
	}
	do, known := commands[command]
	if !known {
		fmt.Fprintf(os.Stderr, "sandbox: unknown command %q: use start, status or stop\n", command)
		return 2
	}
	asked, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		return 2
	}
	if err := do(ctx, asked); err != nil {
		fmt.Fprintf(os.Stderr, "sandbox: %v\n", err)
		return 1
	}
	return 0
}

// parse reads the flags. Users are always admin and then those asked for.
func parse(args []string) (request, error) {
	asked := request{users: []controlplane.User{{Name: "admin", Groups: []string{"system:masters"}}}}
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // errors are printed once, by run
	flags.Usage = func() {}     // an error is one line; the flags are shown to who asks
	dir := flags.String("dir", "", "directory for its files (default: gatehouse/sandbox in the user's cache directory)")
	flags.Func("manifests", "`path` of a file or directory to load; may be repeated", func(path string) error {
		if _, err := os.Stat(path); err != nil {
			return err
		}
		path, err := filepath.Abs(path)
		asked.manifests = append(asked.manifests, path)
		return err
	})
	flags.Func("user", "`name[:group,...]` of a user to make a context for; may be repeated", func(text string) error {
		user, err := parseUser(text)
		asked.users = append(asked.users, user)
		return err
	})
	flags.BoolVar(&asked.kubeflow, "kubeflow", false, "run a stand-in for Kubeflow's profile controller; the manifests must define its kinds")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "usage: sandbox [start|status|stop] [flags]")
			flags.SetOutput(os.Stderr)
			flags.PrintDefaults()
		}
		return request{}, err
	}
	if flags.NArg() > 0 {
		return request{}, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return request{}, fmt.Errorf("find cache directory: %w", err)
		}
		*dir = filepath.Join(cache, "gatehouse", "sandbox")
	}
	path, err := filepath.Abs(*dir)
	asked.home = home(path)
	return asked, err
}

// parseUser reads name[:group,...]. Everything after the first colon is groups, which may have colons themselves.
func parseUser(text string) (controlplane.User, error) {
	name, groups, _ := strings.Cut(text, ":")
	if strings.HasPrefix(text, "system:") {
		return controlplane.User{}, fmt.Errorf("user %q: names of the system are not for people", text)
	}
	if name == "" {
		return controlplane.User{}, errors.New("user has no name: write name or name:group,group")
	}
	user := controlplane.User{Name: name}
	if groups != "" {
		user.Groups = strings.Split(groups, ",")
	}
	return user, nil
}
