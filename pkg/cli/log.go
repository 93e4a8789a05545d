package cli

import (
	"flag"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
)

// verbosity is the value of klog's -v. It remembers what it was set to: klog's own reads the level of the process to say so,
// while another command in it may be setting that.
type verbosity struct{ level string }

// String implements [pflag.Value].
func (v *verbosity) String() string { return v.level }

// Set implements [pflag.Value]. It sets the level of the process.
func (v *verbosity) Set(level string) error {
	var process klog.Level
	if err := process.Set(level); err != nil {
		return err
	}
	v.level = level
	return nil
}

// Type implements [pflag.Value].
func (*verbosity) Type() string { return "Level" }

// addVerbosity adds klog's -v and none of its other flags.
func addVerbosity(fs *pflag.FlagSet) {
	v := fs.VarPF(&verbosity{level: "0"}, "v", "v", "Log at this `LEVEL` to the error stream: 6 shows requests, 8 also what they carry.")
	v.Annotations = map[string][]string{connectionAnnotation: {"more"}}
}

// silenceLogs keeps what client-go logs off the error stream unless -v asks for it: the same errors come back to the
// command, which reports them once. It changes the process, so only [Main] uses it.
func silenceLogs(cmd *cobra.Command) {
	if cmd.Flags().Changed("v") {
		return
	}
	own := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(own)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := own.Set(name, value); err != nil {
			return
		}
	}
	klog.SetOutput(io.Discard)
}
