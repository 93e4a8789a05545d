// Command bench loads big clusters into a real API server and times the plugin's queries on them as whole processes,
// against the floor: a program that fetches the same lists and throws the bytes away. The browser is timed on a terminal,
// against such a query. It prints one table a cluster, after one of how big the plugins are and how fast they start.
//
//	go run ./bench [--size mid,huge] [--runs 7]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/test/bench/cluster"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func main() {
	sizes := flag.String("size", "mid,huge", "which clusters to build; empty for none")
	runs := flag.Int("runs", 7, "counted runs of each command")
	flag.Parse()
	if err := run(context.Background(), strings.Split(*sizes, ","), *runs); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// bars are what the project promises for a size.
type bars struct {
	ratio float64
	mib   int
}

func run(ctx context.Context, sizes []string, runs int) error {
	dir, err := os.MkdirTemp("", "gatehouse-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	programs, err := build(ctx, dir)
	if err != nil {
		return err
	}
	if err := weigh(ctx, dir); err != nil {
		return fmt.Errorf("weigh plugins: %w", err)
	}
	for _, size := range sizes {
		if size == "" {
			continue
		}
		if err := measure(ctx, size, programs, dir, runs); err != nil {
			return fmt.Errorf("measure %s: %w", size, err)
		}
	}
	return nil
}

// programs are the binaries that are compared.
type programs struct{ whocan, floor, browser string }

func build(ctx context.Context, dir string) (programs, error) {
	p := programs{
		whocan: filepath.Join(dir, "kubectl-whocan"), floor: filepath.Join(dir, "floor"),
		browser: filepath.Join(dir, "kubectl-gatehouse"),
	}
	for _, target := range [][3]string{
		{p.whocan, "..", "./plugins/kubectl-whocan"}, {p.floor, ".", "./bench/floor"}, {p.browser, "..", "./plugins/kubectl-gatehouse"},
	} {
		if err := compile(ctx, target[1], target[2], target[0]); err != nil {
			return p, err
		}
	}
	return p, nil
}

// compile builds a program as it is released.
func compile(ctx context.Context, dir, program, out string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, program)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", program, err, text)
	}
	return nil
}

func measure(ctx context.Context, size string, p programs, dir string, runs int) error {
	dimensions, limit, err := sizeOf(size)
	if err != nil {
		return err
	}
	cp, err := controlplane.Start(ctx, controlplane.Options{WithoutControllers: true})
	if err != nil {
		return err
	}
	defer func() { _ = cp.Stop() }()
	began := time.Now()
	set := cluster.New(dimensions)
	count, err := load(ctx, cp.AdminConfig(), set)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s: %d RoleBindings, %d Roles, %d ClusterRoles, %d ClusterRoleBindings; %d objects loaded in %.0f s\n", size,
		len(set.RoleBindings), len(set.Roles), len(set.ClusterRoles), len(set.ClusterRoleBindings), count, time.Since(began).Seconds())
	env := append(os.Environ(), "KUBECONFIG="+cp.Admin(), "KUBECACHEDIR="+filepath.Join(dir, size), "HOME="+dir)
	ns, who := cluster.Namespace(7), "user:"+cluster.User(7)
	fmt.Printf("%-34s %9s %9s %7s %9s   %s\n", "command", "wall ms", "floor ms", "ratio", "peak MiB", "bar")
	for _, args := range [][]string{
		{"get", "secrets", "-n", ns}, {"get", "secrets", "-A"}, {"rules", who},
	} {
		ours, floor, err := compare(ctx, env, append([]string{p.whocan}, args...), []string{p.floor}, runs)
		if err != nil {
			return err
		}
		ratio := ours.wall / floor.wall
		verdict := "met"
		if ratio > limit.ratio || ours.mib > float64(limit.mib) {
			verdict = "MISSED"
		}
		fmt.Printf("%-34s %9.0f %9.0f %6.2fx %9.0f   %.1fx, %d MiB: %s\n", "whocan "+strings.Join(args, " "),
			ours.wall, floor.wall, ratio, ours.mib, limit.ratio, limit.mib, verdict)
	}
	return browse(ctx, cp.AdminConfig(), set, env, p, runs)
}

func sizeOf(name string) (cluster.Size, bars, error) {
	switch name {
	case "mid":
		return cluster.Mid(), bars{ratio: 2.0, mib: 60}, nil
	case "huge":
		return cluster.Huge(), bars{ratio: 2.5, mib: 250}, nil
	}
	return cluster.Size{}, bars{}, errors.New("want mid or huge")
}
