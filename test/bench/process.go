package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"syscall"
	"time"
)

// figures are the medians of one command's runs.
type figures struct{ wall, mib float64 }

// compare runs the two commands in turn, A B A B, so that a slow moment of the machine hits both, and returns the
// medians. The first pair warms caches and is not counted.
func compare(ctx context.Context, env, a, b []string, runs int) (figures, figures, error) {
	var walls, peaks [2][]float64
	for i := range runs + 1 {
		for j, command := range [][]string{a, b} {
			wall, peak, err := once(ctx, env, command)
			if err != nil {
				return figures{}, figures{}, err
			}
			if i > 0 {
				walls[j], peaks[j] = append(walls[j], wall), append(peaks[j], peak)
			}
		}
	}
	return figures{median(walls[0]), median(peaks[0])}, figures{median(walls[1]), median(peaks[1])}, nil
}

// once runs a command to its end: milliseconds on the clock, and the peak of its resident memory in MiB.
func once(ctx context.Context, env, command []string) (wall, peak float64, err error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, 0, fmt.Errorf("run %v: %w\n%s", command, err, stderr.String())
	}
	wall = float64(time.Since(began).Microseconds()) / 1000
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		peak = float64(usage.Maxrss) / 1024 // Linux counts in KiB
	}
	return wall, peak, nil
}

func median(list []float64) float64 {
	slices.Sort(list)
	return list[len(list)/2]
}
