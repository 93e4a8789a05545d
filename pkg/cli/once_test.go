package cli_test

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// A flag that takes one value is no flag whose last value counts.
func TestOnce(t *testing.T) {
	t.Parallel()
	command := func(*cli.Env) *cobra.Command {
		var file, other string
		cmd := &cobra.Command{
			Use: "kubectl-x", RunE: func(cmd *cobra.Command, _ []string) error {
				if typed, err := cmd.Flags().GetString("filename"); err != nil || typed != file {
					t.Errorf("the flag says %q, %v, and the variable %q", typed, err, file)
				}
				_, err := cmd.OutOrStdout().Write([]byte(file + " " + other))
				return err
			},
		}
		cmd.Flags().StringVarP(&file, "filename", "f", "", "`FILE` to read.")
		cmd.Flags().StringVar(&other, "other", "", "Another.")
		cli.Once(cmd.Flags(), "filename", "none")
		cli.Predicate(cmd)
		return cmd
	}
	tests := map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"once":          {[]string{"-f", "a", "--other", "b"}, 0, "a b", ""},
		"not given":     {nil, 0, " ", ""},
		"twice":         {[]string{"-f", "a", "-f", "a"}, 2, "", `error: invalid argument "a" for "-f, --filename" flag: it takes one value, and has one already`},
		"in two forms":  {[]string{"-f", "a", "--filename=b"}, 2, "", `"b" for "-f, --filename" flag: it takes one value, and has one already`},
		"an empty one":  {[]string{"-f=", "--filename=b"}, 2, "", "has one already"},
		"another twice": {[]string{"--other", "a", "--other", "b"}, 0, " b", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, command, tt.args...)
			if got.Code != tt.code || got.Out != tt.stdout || !strings.Contains(got.ErrOut, tt.stderr) || tt.stderr == "" && got.ErrOut != "" {
				t.Errorf("got %+v, want exit %d, %q and %q", got, tt.code, tt.stdout, tt.stderr)
			}
		})
	}
	// A line that is completed is parsed twice.
	if got := run(t, command, "__complete", "-f", "a", "--oth"); !strings.Contains(got.Out, "--other") {
		t.Errorf("completion: %+v", got)
	}
	if got := run(t, command, "-h"); !strings.Contains(got.Out, "-f, --filename FILE   FILE to read.") {
		t.Errorf("help: %+v", got)
	}
}
