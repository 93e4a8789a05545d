// Command gen writes what docs/ can have from the programs themselves: reference/ out of the help of all plugins, a file a
// command, as Markdown; and images/, pictures of what they show on the example company, as SVG.
//
//	go run ./docs/gen docs              writes both
//	go run ./docs/gen --pictures docs   writes the pictures
//	go run ./docs/gen --check docs      compares, and fails when it is not in step
//
// It is run in the root of the repository, where the examples are.
package main

import (
	"bytes"
	"context"
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
	"github.com/kubegatehouse/gatehouse/pkg/cmd/accesstoken"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/gatehouse"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/queueaccess"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/whocan"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	only := flag.Bool("pictures", false, "look at the pictures only")
	flag.Parse()
	if err := run(flag.Arg(0), *check, *only); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(dir string, check, onlyPictures bool) error {
	if dir == "" {
		return errors.New("want a directory")
	}
	pictures, err := pictures()
	if err != nil {
		return err
	}
	folders := []folder{{path: filepath.Join(dir, "images"), ext: ".svg", pages: pictures}}
	if !onlyPictures {
		folders = append(folders, folder{path: filepath.Join(dir, "reference"), ext: ".md", pages: reference()})
	}
	if !check {
		for _, f := range folders {
			if err := f.write(); err != nil {
				return err
			}
		}
		return nil
	}
	var stale []string
	for _, f := range folders {
		more, err := f.stale()
		if err != nil {
			return err
		}
		stale = append(stale, more...)
	}
	if len(stale) > 0 {
		return fmt.Errorf("docs are not in step with the programs: run 'make docs' (%s)", strings.Join(stale, ", "))
	}
	return nil
}

// reference returns the help of all commands, by the names of their files.
func reference() map[string][]byte {
	pages := map[string][]byte{}
	plugins := map[string]func(*cli.Env) *cobra.Command{
		"kubectl accesstoken": accesstoken.NewCommand,
		"kubectl clusterauth": clusterauth.NewCommand,
		"kubectl contrib":     contrib.NewCommand,
		"kubectl gatehouse":   gatehouse.NewCommand,
		"kubectl profile":     profile.NewCommand,
		"kubectl queueaccess": queueaccess.NewCommand,
		"kubectl whocan":      whocan.NewCommand,
	}
	for name, newCommand := range plugins {
		g := generator{plugin: plugin{name, newCommand}, pages: pages, others: plugins}
		g.add(newCommand(g.env(io.Discard, io.Discard)), nil)
		for _, shared := range []string{"completion", "options", "version"} {
			g.page([]string{shared})
		}
	}
	return pages
}

// plugin is run as a user would, in this process.
type plugin struct {
	name       string
	newCommand func(*cli.Env) *cobra.Command
}

func (p plugin) env(out, errOut io.Writer) *cli.Env {
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: out, ErrOut: errOut}
	return cli.NewEnv(streams, clocktesting.NewFakePassiveClock(time.Unix(0, 0)), p.name)
}

// output returns what the plugin prints.
func (p plugin) output(args []string) string {
	var out bytes.Buffer
	cli.Run(context.Background(), p.env(&out, io.Discard), p.newCommand, args)
	return out.String()
}

// generator asks one plugin for its help.
type generator struct {
	plugin
	pages map[string][]byte
	// others are all plugins: who has one of them under its roof needs no second page about it.
	others map[string]func(*cli.Env) *cobra.Command
}

// add adds a page for the command and each one below it that people see; path are the words that lead to it.
func (g *generator) add(cmd *cobra.Command, path []string) {
	g.page(path)
	for _, sub := range cmd.Commands() {
		if !sub.Hidden && sub.Name() != "help" && g.others["kubectl "+sub.Name()] == nil {
			g.add(sub, append(slices.Clone(path), sub.Name()))
		}
	}
}

func (g *generator) page(path []string) {
	words := append(strings.Fields(g.name), path...)
	help := g.output(append(slices.Clone(path), "--help"))
	g.pages[strings.Join(words, "-")+".md"] = fmt.Appendf(nil, "# %s\n\n```text\n%s```\n", strings.Join(words, " "), help)
}
