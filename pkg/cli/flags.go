package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/client-go/tools/clientcmd"
)

// Annotations on flags and commands by which [Run] knows what to do with them.
const (
	// connectionAnnotation is on the connection flags; "main" shows one in every help, "more" in "options" only.
	connectionAnnotation = "gatehouse.dev/connection"
	contextsAnnotation   = "gatehouse.dev/several-contexts"
	predicateAnnotation  = "gatehouse.dev/predicate"
	// localAnnotation is on commands that never ask a cluster: their help leaves out the connection flags.
	localAnnotation = "gatehouse.dev/local"
)

// AddConnectionFlags adds kubectl's connection flags to cmd and the commands below it. [Run] does so for the root;
// calling it again changes nothing.
func (e *Env) AddConnectionFlags(cmd *cobra.Command) {
	fs := cmd.PersistentFlags()
	if fs.Lookup("kubeconfig") != nil {
		return
	}
	own := pflag.NewFlagSet("connection", pflag.ContinueOnError)
	e.Config.AddFlags(own)
	own.VisitAll(func(f *pflag.Flag) {
		shown := "more"
		if usage := mainUsage(f.Name); usage != "" {
			f.Usage, shown = usage, "main"
		}
		switch f.Name {
		case "context":
			f.Value = &contextValue{env: e}
		case "cache-dir":
			// Help says the same on every machine.
			f.DefValue = "$HOME/.kube/cache"
		}
		f.Annotations = map[string][]string{connectionAnnotation: {shown}}
		fs.AddFlag(f)
	})
	addVerbosity(fs)
}

// mainUsage returns the help of the connection flags that people use, empty for all others.
func mainUsage(flag string) string {
	switch flag {
	case "kubeconfig":
		return "`FILE` to read clusters, users and contexts from, instead of $KUBECONFIG or ~/.kube/config."
	case "context":
		return "`CONTEXT` of the kubeconfig to use. Some commands take several: repeat the flag."
	case "namespace":
		return "`NAMESPACE` to look at, instead of the context's."
	case "as":
		return "Ask the cluster as this `USER`: who is asking, not who is asked about."
	case "as-group":
		return "Ask as a member of this `GROUP` too; needs --as. Repeatable."
	case "as-uid":
		return "Ask as the user with this `UID`; needs --as."
	case "as-user-extra":
		return "Ask with this extra attribute of the user, as `KEY=VALUE`; needs --as. Repeatable."
	case "request-timeout":
		return "Give up on a request after this `TIME`, such as 5s or 2m. 0 waits forever."
	}
	return ""
}

// SupportContexts says that cmd can ask several clusters at once: it may be given --context more than once, and gets
// --all-contexts. Every other command refuses several contexts before it runs.
func (e *Env) SupportContexts(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&e.allContexts, "all-contexts", false, "Ask the clusters of all contexts of the kubeconfig.")
	annotate(cmd, contextsAnnotation)
}

// AddAllNamespaces adds -A/--all-namespaces to fs, which sets value.
func (e *Env) AddAllNamespaces(fs *pflag.FlagSet, value *bool) {
	fs.BoolVarP(value, "all-namespaces", "A", *value, "Look at all namespaces; --namespace is ignored.")
}

func annotate(cmd *cobra.Command, annotation string) {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[annotation] = "true"
}

// checkConnection refuses flags that client-go would ignore, or would only stumble over when it connects.
func (e *Env) checkConnection(cmd *cobra.Command) error {
	if err := e.checkContexts(cmd); err != nil {
		return err
	}
	if ns := *e.Config.Namespace; ns != "" {
		if reasons := validation.IsDNS1123Label(ns); len(reasons) > 0 {
			return fmt.Errorf("bad --namespace %q: %s", ns, strings.Join(reasons, ", "))
		}
	}
	for _, extra := range *e.Config.ImpersonateUserExtra {
		if key, _, ok := strings.Cut(extra, "="); !ok || key == "" {
			return fmt.Errorf("bad --as-user-extra %q: want KEY=VALUE", extra)
		}
	}
	if *e.Config.Impersonate == "" {
		for _, flag := range []string{"as-group", "as-uid", "as-user-extra"} {
			if cmd.Flags().Changed(flag) {
				return fmt.Errorf("--%s needs --as", flag)
			}
		}
	}
	if _, err := clientcmd.ParseTimeout(*e.Config.Timeout); err != nil {
		return fmt.Errorf("bad --request-timeout %q: want a time such as 5s or 2m", *e.Config.Timeout)
	}
	return nil
}

func (e *Env) checkContexts(cmd *cobra.Command) error {
	asked := len(e.contexts)
	if e.allContexts && asked > 0 {
		return errors.New("--context and --all-contexts exclude each other")
	}
	if !e.allContexts && asked <= 1 {
		return nil
	}
	if cmd.Annotations[contextsAnnotation] == "" {
		return fmt.Errorf("%q asks one cluster: give --context only once", cmd.CommandPath())
	}
	// These would send one cluster's address or credentials to all of them.
	for _, flag := range []string{
		"certificate-authority", "client-certificate", "client-key", "cluster", "server", "tls-server-name", "token", "user",
	} {
		if cmd.Flags().Changed(flag) {
			return fmt.Errorf("--%s is for one cluster: it cannot be used with several contexts", flag)
		}
	}
	return nil
}

// contextValue is the value of --context. As long as it was given once, it is kubectl's.
type contextValue struct{ env *Env }

func (v *contextValue) Set(name string) error {
	if !slices.Contains(v.env.contexts, name) {
		v.env.contexts = append(v.env.contexts, name)
	}
	*v.env.Config.Context = ""
	if len(v.env.contexts) == 1 {
		*v.env.Config.Context = name
	}
	return nil
}

func (v *contextValue) String() string {
	if v.env == nil {
		return ""
	}
	return strings.Join(v.env.contexts, ",")
}

func (v *contextValue) Type() string { return "string" }
