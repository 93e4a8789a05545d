package cli

import (
	"flag"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
)

// addVerbosity adds klog's -v and none of its other flags.
func addVerbosity(fs *pflag.FlagSet) {
	own := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(own)
	v := pflag.PFlagFromGoFlag(own.Lookup("v"))
	v.Usage = "Log at this `LEVEL` to the error stream: 6 shows requests, 8 also what they carry."
	v.Annotations = map[string][]string{connectionAnnotation: {"more"}}
	fs.AddFlag(v)
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
