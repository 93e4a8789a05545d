// Command gen writes the reference pages of all plugins from their own help, a file a command, as Markdown.
//
//	go run ./docs/gen docs/reference           writes them
//	go run ./docs/gen --check docs/reference   compares, and fails when they are not in step
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/whocan"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if err := run(flag.Arg(0), *check); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(dir string, check bool) error {
	if dir == "" {
		return errors.New("want a directory")
	}
	pages := map[string][]byte{}
	for name, newCommand := range map[string]func(*cli.Env) *cobra.Command{
		"kubectl clusterauth": clusterauth.NewCommand,
		"kubectl contrib":     contrib.NewCommand,
		"kubectl profile":     profile.NewCommand,
		"kubectl whocan":      whocan.NewCommand,
	} {
		g := generator{name: name, newCommand: newCommand, pages: pages}
		g.add(newCommand(g.env(io.Discard, io.Discard)), nil)
		if name == "kubectl whocan" {
			pages["../whocan.svg"] = g.picture([]string{"get", "secrets", "-n", "team-vision"},
				[]string{"why", "bob@acme.example", "delete", "pods", "-n", "team-nlp", "--group", "ml-readers"})
		}
		for _, shared := range []string{"completion", "options", "version"} {
			g.page([]string{shared})
		}
	}
	if check {
		return compare(dir, pages)
	}
	return write(dir, pages)
}

// generator asks one plugin for its help, as a user would.
type generator struct {
	name       string
	newCommand func(*cli.Env) *cobra.Command
	pages      map[string][]byte
}

func (g *generator) env(out, errOut io.Writer) *cli.Env {
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: out, ErrOut: errOut}
	return cli.NewEnv(streams, clocktesting.NewFakePassiveClock(time.Unix(0, 0)), g.name)
}

// add adds a page for the command and each one below it that people see; path are the words that lead to it.
func (g *generator) add(cmd *cobra.Command, path []string) {
	g.page(path)
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" {
			g.add(sub, append(slices.Clone(path), sub.Name()))
		}
	}
}

func (g *generator) page(path []string) {
	var help bytes.Buffer
	g.run(&help, io.Discard, append(slices.Clone(path), "--help"))
	words := append(strings.Fields(g.name), path...)
	title := strings.Join(words, " ")
	g.pages[strings.Join(words, "-")+".md"] = fmt.Appendf(nil, "# %s\n\n```text\n%s```\n", title, help.String())
}

func write(dir string, pages map[string][]byte) error {
	old, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, path := range old {
		if _, keep := pages[filepath.Base(path)]; !keep {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	for name, page := range pages {
		if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func compare(dir string, pages map[string][]byte) error {
	var stale []string
	for name, page := range pages {
		if have, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(have, page) {
			stale = append(stale, name)
		}
	}
	present, err := filepath.Glob(filepath.Join(dir, "*.md"))
	if err != nil {
		return err
	}
	for _, path := range present {
		if _, known := pages[filepath.Base(path)]; !known {
			stale = append(stale, filepath.Base(path))
		}
	}
	if len(stale) > 0 {
		slices.Sort(stale)
		return fmt.Errorf("docs are not in step with the commands: run 'make docs' (%s)", strings.Join(stale, ", "))
	}
	return nil
}
