package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"
)

// completePrefix starts the name of the program that kubectl asks for a plugin's completions.
const completePrefix = "kubectl_complete-"

func (e *Env) newCompletionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "completion",
		Short: "Complete commands, flags and names in a shell",
		Long: "Complete commands, flags and names in a shell.\n\n" +
			"kubectl completes a plugin by running the program kubectl_complete-NAME. \"install-kubectl\" makes it. " +
			"The other\ncommands print a script for a shell, for " + e.binary() + " called without kubectl.",
		Annotations: map[string]string{localAnnotation: "true"},
		Example:     e.Examples("{cmd} completion install-kubectl"),
	}
	for _, shell := range []struct {
		name  string
		print func(root *cobra.Command) error
	}{
		{"bash", func(root *cobra.Command) error { return root.GenBashCompletionV2(e.Out, true) }},
		{"fish", func(root *cobra.Command) error { return root.GenFishCompletion(e.Out, true) }},
		{"powershell", func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(e.Out) }},
		{"zsh", func(root *cobra.Command) error { return root.GenZshCompletion(e.Out) }},
	} {
		cmd.AddCommand(&cobra.Command{
			Use:         shell.name,
			Short:       "Print the completion script for " + shell.name,
			Args:        cobra.NoArgs,
			Annotations: map[string]string{localAnnotation: "true"},
			RunE:        func(cmd *cobra.Command, _ []string) error { return shell.print(cmd.Root()) },
		})
	}
	cmd.AddCommand(e.newInstallCommand())
	return cmd
}

func (e *Env) newInstallCommand() *cobra.Command {
	var dir string
	cmd := &cobra.Command{
		Use:         "install-kubectl",
		Short:       "Make kubectl complete the plugin, by a link next to it",
		Args:        cobra.NoArgs,
		Annotations: map[string]string{localAnnotation: "true"},
		RunE: func(*cobra.Command, []string) error {
			link, err := e.installCompletion(dir)
			if err != nil {
				return err
			}
			e.Notef("kubectl completes %q by %s", e.Name, link)
			return nil
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "`DIRECTORY` on PATH to put the link in, instead of the plugin's.")
	return cmd
}

// installCompletion links kubectl_complete-NAME to the plugin and returns the link's path. The link names the plugin as
// it is found on PATH, not the file behind it, so that it survives an upgrade by krew.
func (e *Env) installCompletion(dir string) (string, error) {
	plugin, ok := strings.CutPrefix(e.binary(), "kubectl-")
	if !ok {
		return "", fmt.Errorf("install completion: %q is not called as a plugin of kubectl", e.Name)
	}
	target, err := exec.LookPath(e.binary())
	if err != nil {
		return "", Hint(fmt.Errorf("install completion: %w", err), "put "+e.binary()+" into a directory on PATH first")
	}
	if target, err = filepath.Abs(target); err != nil {
		return "", fmt.Errorf("install completion: %w", err)
	}
	name := completePrefix + plugin
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if dir == "" || filepath.Clean(dir) == filepath.Dir(target) {
		dir, target = filepath.Dir(target), filepath.Base(target)
	}
	link := filepath.Join(dir, name)
	switch old, err := os.Readlink(link); {
	case err == nil && old == target:
		return link, nil
	case err == nil:
		return "", fmt.Errorf("install completion: %s links to %s already", link, old)
	case !errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("install completion: %s is there already", link)
	}
	if err := os.Symlink(target, link); err != nil {
		return "", fmt.Errorf("install completion: %w", err)
	}
	return link, nil
}
