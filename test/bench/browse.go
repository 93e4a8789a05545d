package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/test/bench/cluster"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// What the project promises of the browser on a terminal.
const (
	paintMS     = 300 // until there is something on the screen
	loadedRatio = 1.3 // until all is read and shown, of what one query over all namespaces takes
	browserMiB  = 400
	calmMS      = 50 // from a key to what it does, at the 99th percentile, on a terminal
)

// browse prints how the browser does on a terminal: its start, against a query over all namespaces on the same server,
// and then a long day of it: many changes come while keys are pressed, and all lists are looked at.
func browse(ctx context.Context, config *rest.Config, set *objects.Set, env []string, p programs, runs int) error {
	var paints, loads, queries []float64
	for i := range runs + 1 {
		query, _, err := once(ctx, env, []string{p.whocan, "get", "secrets", "-A"})
		if err != nil {
			return err
		}
		s, painted, loaded, err := open(ctx, env, p.browser)
		if err != nil {
			return err
		}
		if i > 0 { // the first run warms caches
			paints, loads, queries = append(paints, painted), append(loads, loaded), append(queries, query)
		}
		if i < runs {
			if err := s.leave(); err != nil {
				return err
			}
			continue
		}
		report("browser, first paint (ms)", median(paints), paintMS)
		fmt.Printf("browser, all shown: %.0f ms, whocan get secrets -A: %.0f ms\n", median(loads), median(queries))
		report("browser, all shown / whocan -A", median(loads)/median(queries), loadedRatio)
		first, err := s.memory()
		if err != nil {
			return err
		}
		fmt.Printf("browser, memory until then (MiB): %.0f\n", first)
		if err := day(ctx, config, set, s); err != nil {
			return err
		}
		return s.leave()
	}
	return nil
}

// open starts the browser, and says after how many milliseconds something and everything was on the screen.
func open(ctx context.Context, env []string, program string) (s *seat, painted, loaded float64, err error) {
	if s, err = sit(ctx, env, program); err != nil {
		return nil, 0, 0, err
	}
	first, err := s.until(s.began, "Gatehouse")
	if err != nil {
		return nil, 0, 0, err
	}
	all, err := s.until(s.began, "live", cluster.Namespace(1))
	return s, milliseconds(first), milliseconds(all), err
}

// day presses keys while everything changes, looks at all lists, and prints how long keys took and how much memory all
// that needed.
func day(ctx context.Context, config *rest.Config, set *objects.Set, s *seat) error {
	if err := s.look("bindings"); err != nil {
		return err
	}
	calm, err := s.rummage(func() bool { return true })
	if err != nil {
		return err
	}
	report("browser, key to frame (ms, p99)", at(calm, 99), calmMS)
	changed := make(chan error, 1)
	go func() { changed <- touch(ctx, config, set) }()
	done := false
	busy, err := s.rummage(func() bool {
		select {
		case err = <-changed:
			done = true
		default:
		}
		return done
	})
	if err != nil {
		return err
	}
	// The bar of a burst is in bench/frames: here the server that makes the changes has the same processors.
	fmt.Printf("browser, during %d changes (ms): median %.0f, p90 %.0f, p99 %.0f, on the processors of the server\n", burst,
		at(busy, 50), at(busy, 90), at(busy, 99))
	for _, list := range []string{"namespaces", "grants", "roles", "bindings", "subjects", "namespaces"} {
		if err := s.look(list); err != nil {
			return err
		}
	}
	peak, err := s.memory()
	if err != nil {
		return err
	}
	report("browser, peak memory (MiB)", peak, browserMiB)
	return nil
}

// report prints a figure and what was promised.
func report(what string, figure, bar float64) {
	verdict := "met"
	if figure > bar {
		verdict = "MISSED"
	}
	fmt.Printf("%-44s %9.2f   %.4g: %s\n", what, figure, bar, verdict)
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// at returns a percentile, and leaves the list sorted.
func at(list []float64, percentile int) float64 {
	median(list)
	return list[(len(list)*percentile-1)/100]
}
