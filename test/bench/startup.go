package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Starting is compared with the plugin that answers most questions. The bar is on the ratio: a fresh process of any of
// them is there in a blink.
const (
	startBase  = "kubectl-whocan"
	startRatio = 1.5
	startRuns  = 41
)

// mostMB is what a stripped plugin may weigh: 30 MB, with the API server's authenticator in it 45, and all of them and the
// browser in one 50.
func mostMB(plugin string) float64 {
	switch plugin {
	case "kubectl-clusterauth":
		return 45
	case "kubectl-gatehouse":
		return 50
	}
	return 30
}

// weigh prints how big every plugin is, and how long it takes to say its version.
func weigh(ctx context.Context, dir string) error {
	sources, err := filepath.Glob(filepath.Join("..", "plugins", "kubectl-*"))
	if err != nil {
		return err
	}
	env := append(os.Environ(), "HOME="+dir, "KUBECONFIG="+os.DevNull)
	base := filepath.Join(dir, startBase)
	fmt.Printf("%-22s %9s %12s %9s %7s   %s\n", "plugin", "size MB", "--version ms", "whocan ms", "ratio", "bar")
	for _, source := range sources {
		name := filepath.Base(source)
		program := filepath.Join(dir, name)
		if err := compile(ctx, "..", "./plugins/"+name, program); err != nil {
			return err
		}
		info, err := os.Stat(program)
		if err != nil {
			return err
		}
		ours, theirs, err := compare(ctx, env, []string{program, "--version"}, []string{base, "--version"}, startRuns)
		if err != nil {
			return err
		}
		size, ratio := float64(info.Size())/1e6, ours.wall/theirs.wall
		verdict := "met"
		if size >= mostMB(name) || ratio > startRatio {
			verdict = "MISSED"
		}
		fmt.Printf("%-22s %9.1f %12.1f %9.1f %6.2fx   %.0f MB, %.1fx: %s\n", name,
			size, ours.wall, theirs.wall, ratio, mostMB(name), startRatio, verdict)
	}
	return nil
}
