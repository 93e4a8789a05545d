// Command bulk gives a thousand people access to a hundred Kubeflow profiles, on a real API server, once with "kubectl
// contrib apply" and once with "kubectl apply" of the same manifests, and prints how long each took.
//
//	go run ./bench/bulk [--profiles 100] [--members 1000]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// bar is how many times faster than kubectl apply the project promises to be.
const bar = 5.0

func main() {
	profiles := flag.Int("profiles", 100, "how many profiles there are")
	members := flag.Int("members", 1000, "how many members they get, all together")
	flag.Parse()
	if err := run(context.Background(), *profiles, *members); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// bench is one API server and the programs that ask it.
type bench struct {
	cp       *controlplane.ControlPlane
	dir      string
	profiles int
	members  int
}

func run(ctx context.Context, profiles, members int) error {
	dir, err := os.MkdirTemp("", "gatehouse-bulk-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", dir, "./plugins/kubectl-contrib")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, out)
	}
	cp, err := controlplane.Start(ctx, controlplane.Options{WithoutControllers: true})
	if err != nil {
		return err
	}
	defer func() { _ = cp.Stop() }()
	acme := filepath.Join("..", "examples", "acme")
	if err := cp.Apply(ctx, filepath.Join(acme, "crds"), filepath.Join(acme, "kubeflow", "cluster-roles.yaml")); err != nil {
		return err
	}
	// The API server holds back creates of a kind that is younger than two seconds, once (apiextensions-apiserver,
	// customresource_handler.go); whoever came first would pay for it.
	time.Sleep(3 * time.Second)
	b := bench{cp: cp, dir: dir, profiles: profiles, members: members}
	return b.measure(ctx)
}

func (b *bench) measure(ctx context.Context) error {
	var names []string
	for _, set := range []string{"ours", "theirs"} {
		for i := range b.profiles {
			names = append(names, fmt.Sprintf("%s-%03d", set, i))
		}
	}
	made, err := objects.Profiles(names...)
	if err != nil {
		return err
	}
	if err := b.cp.ApplyObjects(ctx, made...); err != nil {
		return err
	}
	plugin, kubectl := filepath.Join(b.dir, "kubectl-contrib"), b.cp.Kubectl()
	theirs, err := b.file("theirs")
	if err != nil {
		return err
	}
	manifests := filepath.Join(b.dir, "theirs.yaml")
	out, _, err := b.do(ctx, plugin, "apply", "-f", theirs, "--dry-run=client", "-o", "yaml")
	if err != nil {
		return err
	}
	if err := os.WriteFile(manifests, out, 0o600); err != nil {
		return err
	}
	ours, err := b.file("ours")
	if err != nil {
		return err
	}
	var took [4]cost
	for i, command := range [][]string{
		{plugin, "apply", "-f", ours, "--yes"},
		{plugin, "apply", "-f", ours, "--yes"},
		{kubectl, "apply", "-f", manifests},
		{kubectl, "apply", "-f", manifests},
	} {
		if _, took[i], err = b.do(ctx, command[0], command[1:]...); err != nil {
			return err
		}
	}
	fmt.Printf("\n%d members over %d profiles (%d objects)\n", b.members, b.profiles, strings.Count(string(out), "\nkind: "))
	fmt.Printf("%-12s %10s %7s %10s %7s %8s   %s\n", "", "contrib s", "cpu s", "kubectl s", "cpu s", "faster", "bar")
	for i, name := range []string{"first time", "second time"} {
		ours, theirs := took[i], took[i+2]
		ratio := theirs.wall / ours.wall
		verdict := "met"
		if ratio < bar {
			verdict = "MISSED"
		}
		fmt.Printf("%-12s %10.2f %7.2f %10.2f %7.2f %7.1fx   %.0fx: %s\n", name, ours.wall, ours.cpu, theirs.wall, theirs.cpu,
			ratio, bar, verdict)
	}
	return nil
}

// file writes the members of one set of profiles, in turn editors and viewers.
func (b *bench) file(set string) (string, error) {
	var text strings.Builder
	text.WriteString("workspace,subject,role\n")
	for i := range b.members {
		role := []string{"editor", "viewer"}[i%2]
		fmt.Fprintf(&text, "%s-%03d,member-%04d@example.com,%s\n", set, i%b.profiles, i, role)
	}
	path := filepath.Join(b.dir, set+".csv")
	return path, os.WriteFile(path, []byte(text.String()), 0o600)
}

// cost is what a program took, in seconds: from start to end, and of the processor's time.
type cost struct{ wall, cpu float64 }

// do runs a program to its end.
func (b *bench) do(ctx context.Context, program string, args ...string) ([]byte, cost, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+b.cp.Admin(), "HOME="+b.dir, "KUBECACHEDIR="+filepath.Join(b.dir, "cache"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	begin := time.Now()
	out, err := cmd.Output()
	wall := time.Since(begin)
	if err != nil {
		return nil, cost{}, fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, stderr.String())
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return out, cost{wall.Seconds(), cpu.Seconds()}, nil
}
