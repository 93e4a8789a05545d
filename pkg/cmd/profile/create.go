package profile

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const createLong = `
Make a workspace: a namespace with an owner, and a quota if you like.

With Kubeflow this is a Profile, of which Kubeflow's controller makes the namespace and all that belongs to it; --wait
waits for that, and says what is missing. Without Kubeflow the namespace, the owner's binding and the quota are made
here, and on request a LimitRange, a NetworkPolicy that lets in no traffic of other namespaces, and the service accounts
default-editor and default-viewer.

The owner is a user, unless written group:NAME or sa:NAMESPACE/NAME; "me" is whoever asks. User names are
case-sensitive: write it as the cluster knows it.

--dry-run=client needs no cluster, and with -o yaml prints the manifests. Exit codes: 0 done, 1 error.`

const createExample = `
# A workspace with a quota, and be told when it is there
{cmd} create team-audio --owner nina@acme.example --quota cpu=8,memory=32Gi,requests.nvidia.com/gpu=1 --wait

# What would be written, for Git; no cluster is asked
{cmd} create team-audio --owner nina@acme.example --dry-run=client -o yaml

# Against the example company
{cmd} create team-audio --owner nina@acme.example --from examples/acme --dry-run=client

# Without Kubeflow, with all that keeps tenants apart
{cmd} create shop --owner group:shop-leads --flavor native --limit-range --default-deny --service-accounts`

// createFlags is what was typed.
type createFlags struct {
	writing
	owner                                    string
	quota                                    []string
	labels, annotations, plugins             []string
	limitRange, defaultDeny, serviceAccounts bool
}

func newCreateCommand(env *cli.Env) *cobra.Command {
	f := &createFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "create NAME --owner SUBJECT",
		Short:             "Make a workspace",
		Long:              createLong,
		Example:           env.Examples(createExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "the workspace is ready")
	fs := cmd.Flags()
	fs.StringVar(&f.owner, "owner", "", "`SUBJECT` who owns it. Required.")
	fs.StringArrayVar(&f.quota, "quota", nil, "Limit resources: `RESOURCE=AMOUNT`, several with commas. Repeatable.")
	fs.StringArrayVar(&f.labels, "label", nil, "Put a label on the namespace: `KEY=VALUE`. Repeatable.")
	fs.StringArrayVar(&f.annotations, "annotation", nil, "Put an annotation on the namespace: `KEY=VALUE`. Repeatable.")
	fs.StringArrayVar(&f.plugins, "plugin", nil, "Kubeflow only: a plugin as `KIND:KEY=VALUE,...`, such as AwsIamForServiceAccount:awsIamRole=ARN. Repeatable.")
	fs.BoolVar(&f.limitRange, "limit-range", false, "Give containers default requests and limits, which a quota needs.")
	fs.BoolVar(&f.defaultDeny, "default-deny", false, "Native only: let in no traffic of other namespaces.")
	fs.BoolVar(&f.serviceAccounts, "service-accounts", false, "Native only: make the service accounts default-editor and default-viewer.")
	return cmd
}

// createOptions is what run needs; only options makes one.
type createOptions struct {
	*createFlags
	spec profile.Spec
	how  *change.Options
}

func (f *createFlags) options(args []string) (*createOptions, error) {
	spec := profile.Spec{
		Name: args[0], LimitRange: f.limitRange, DefaultDeny: f.defaultDeny, ServiceAccounts: f.serviceAccounts,
	}
	var err error
	switch {
	case f.owner == "":
		return nil, cli.UsageError(errors.New("a workspace needs an owner: want --owner SUBJECT"))
	case f.owner != me:
		if spec.Owner, err = rbac.ParseSubject(f.owner); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	if spec.Quota.Hard, err = parseQuota(f.quota); err != nil {
		return nil, err
	}
	if spec.Labels, err = parseLabels(f.labels); err != nil {
		return nil, err
	}
	if spec.Annotations, err = parsePairs("annotation", f.annotations); err != nil {
		return nil, err
	}
	if spec.Plugins, err = parsePlugins(f.plugins); err != nil {
		return nil, err
	}
	o, err := f.changeOptions()
	if err != nil {
		return nil, err
	}
	if f.owner == me && (f.sources.Offline() || o.ClientOnly()) {
		return nil, cli.UsageError(errors.New("\"me\" is whoever asks a cluster, and none is asked: name the owner"))
	}
	return &createOptions{createFlags: f, spec: spec, how: o}, nil
}

func (o *createOptions) run(ctx context.Context) error {
	loaded, err := o.loadNew(ctx, o.how, o.spec.Name)
	if err != nil {
		return err
	}
	if o.owner == me {
		if o.spec.Owner, err = loaded.Subject(ctx, me); err != nil {
			return err
		}
	}
	return o.make(ctx, loaded, o.spec, o.how)
}

// make creates a workspace, and sees to what can only be done when its namespace is there.
func (w *writing) make(ctx context.Context, loaded *workspaces.Loaded, spec profile.Spec, o *change.Options) error {
	p, notes, err := profile.Create(loaded.State, spec)
	if err != nil {
		return w.explain(loaded, err)
	}
	if err := w.carry(ctx, o, loaded, p, notes); err != nil {
		return err
	}
	if o.DryRun() {
		return nil
	}
	if later := laterSpecs(loaded.State, []profile.Spec{spec}); len(later) > 0 {
		if err := w.second(ctx, later, false); err != nil {
			return err
		}
	}
	if !w.wait {
		return nil
	}
	return w.ready(ctx, spec.Name)
}

// ready waits until the workspaces are ready, and says so.
func (w *writing) ready(ctx context.Context, names ...string) error {
	if err := newWaiter(w.env, w.sources, w.timeout).until(ctx, untilReady, names...); err != nil {
		return err
	}
	for _, name := range names {
		w.env.Notef("profile %s is ready", name)
	}
	return nil
}

// parseQuota reads the values of --quota; nil means that nothing was said about it.
func parseQuota(texts []string) (corev1.ResourceList, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	list, err := profile.ParseQuota(strings.Join(texts, ","))
	return list, cli.UsageError(err)
}

// parsePairs reads KEY=VALUE, each key once.
func parsePairs(what string, texts []string) (map[string]string, error) {
	var out map[string]string
	for _, text := range texts {
		key, value, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, cli.UsageError(fmt.Errorf("bad --%s %q: want KEY=VALUE", what, text))
		}
		if reasons := validation.IsQualifiedName(key); len(reasons) > 0 {
			return nil, cli.UsageError(fmt.Errorf("bad --%s %q: key: %s", what, text, strings.Join(reasons, ", ")))
		}
		if old, twice := out[key]; twice && old != value {
			return nil, cli.UsageError(fmt.Errorf("bad --%s %q: the key has the value %q already", what, text, old))
		}
		if out == nil {
			out = map[string]string{}
		}
		out[key] = value
	}
	return out, nil
}

func parseLabels(texts []string) (map[string]string, error) {
	out, err := parsePairs("label", texts)
	if err != nil {
		return nil, err
	}
	for _, text := range texts {
		_, value, _ := strings.Cut(text, "=")
		if reasons := validation.IsValidLabelValue(value); len(reasons) > 0 {
			return nil, cli.UsageError(fmt.Errorf("bad --label %q: value: %s", text, strings.Join(reasons, ", ")))
		}
	}
	return out, nil
}

// parsePlugins reads KIND:KEY=VALUE,...; true and false are no texts.
func parsePlugins(texts []string) ([]kubeflow.Plugin, error) {
	var out []kubeflow.Plugin
	for _, text := range texts {
		kind, rest, _ := strings.Cut(text, ":")
		plugin := kubeflow.Plugin{Kind: kind, Spec: map[string]any{}}
		for part := range strings.SplitSeq(rest, ",") {
			if part == "" {
				continue
			}
			key, value, ok := strings.Cut(part, "=")
			if !ok || key == "" {
				return nil, cli.UsageError(fmt.Errorf("bad --plugin %q: want KIND:KEY=VALUE, several with commas", text))
			}
			plugin.Spec[key] = value
			if value == "true" || value == "false" {
				flag, err := strconv.ParseBool(value)
				if err != nil {
					return nil, err
				}
				plugin.Spec[key] = flag
			}
		}
		if err := kubeflow.CheckPlugin(plugin); err != nil {
			return nil, cli.UsageError(fmt.Errorf("bad --plugin %q: %w", text, err))
		}
		out = append(out, plugin)
	}
	return out, nil
}
