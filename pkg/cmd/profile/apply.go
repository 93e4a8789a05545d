package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const applyLong = `
Make workspaces, and change those that are there, until they are as a file says.

A file holds one or many documents: Profiles of Kubeflow (kubeflow.org/v1 or v1beta1), our short form, or the
"profiles:" list that GitHub Profiles Automator reads. What "export" writes can be applied too: the manifests of native
workspaces, and of members, whose role bindings and policies say that they are a member's. The short form names members:

    apiVersion: gatehouse.dev/v1alpha1
    kind: Profiles
    profiles:
    - name: team-audio
      owner: nina@acme.example
      quota: {cpu: "8", memory: 32Gi}
      members:
      - {subject: bob@acme.example, role: editor}
      - {subject: "group:ml-readers", role: viewer}

What a file leaves out is left alone. --prune deletes workspaces that are in no file, and members that the file of their
workspace does not name: all of them for "members: []". The plan is shown before anything is written; what is as it
should be is "unchanged".

Members of a workspace whose namespace has to be made by Kubeflow's controller follow as soon as it is there: the
command waits for that. --wait waits until everything is ready.

Exit codes: 0 done or nothing to do, 1 error.`

const applyExample = `
# Everything that is in Git
{cmd} apply -f profiles.yaml --wait

# What would change, against manifests instead of a cluster
{cmd} export --from examples/acme | {cmd} apply -f - --from examples/acme --dry-run=client

# All files of a directory, and nothing else may be there; the server checks it, nothing is written
{cmd} apply -f profiles/ --prune --dry-run=server`

// applyFlags is what was typed.
type applyFlags struct {
	writing
	files []string
	prune bool
}

func newApplyCommand(env *cli.Env) *cobra.Command {
	f := &applyFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:     "apply -f FILE",
		Short:   "Make workspaces as files say",
		Long:    applyLong,
		Example: env.Examples(applyExample),
		Args:    cobra.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "all workspaces of the files are ready")
	fs := cmd.Flags()
	fs.StringArrayVarP(&f.files, "filename", "f", nil, "Read `FILE|DIR|-`. Repeatable.")
	fs.BoolVar(&f.prune, "prune", false, "Delete workspaces that no file names, and members that the file of their workspace does not.")
	return cmd
}

// applyOptions is what run needs; only options makes one.
type applyOptions struct {
	*applyFlags
	specs []profile.Spec
	// manifests are the files that hold objects of members, which run adds to the specs.
	manifests []manifests
	how       *change.Options
}

func (f *applyFlags) options() (*applyOptions, error) {
	if len(f.files) == 0 {
		return nil, cli.UsageError(errors.New("nothing to apply: want -f FILE"))
	}
	o, err := f.changeOptions()
	if err != nil {
		return nil, err
	}
	if slices.Contains(f.files, "-") && !o.Yes() && !o.DryRun() {
		return nil, cli.UsageError(cli.Hint(errors.New("stdin (-) holds the file, so nobody can be asked"),
			"--yes carries it out without asking, --dry-run=server shows what would be done"))
	}
	if slices.Contains(f.files, "-") && slices.Contains(f.sources.Sources(), "-") {
		return nil, cli.UsageError(errors.New("stdin (-) can be read only once: either -f or --from"))
	}
	specs, files, err := readSpecs(f.files, f.env.In)
	if err != nil {
		return nil, err
	}
	return &applyOptions{applyFlags: f, specs: specs, manifests: files, how: o}, nil
}

func (o *applyOptions) run(ctx context.Context) error {
	loaded, err := o.loadState(ctx)
	if err != nil {
		return err
	}
	written, err := readGuests(ctx, o.env, o.specs, o.manifests)
	if err != nil {
		return err
	}
	o.specs = written.specs
	p, notes, err := profile.Apply(loaded.State, o.specs, o.prune)
	if err != nil {
		return o.explain(loaded, err)
	}
	after, err := foresee(loaded.State, p)
	if err != nil {
		return err
	}
	now, later := o.halves(loaded.State)
	members, more, err := memberPlan(after, now, o.prune)
	if err != nil {
		return err
	}
	joined, err := plan.Join("apply "+specNames(o.specs), p, written.keep(members))
	if err != nil {
		return err
	}
	// What can't be done right away is planned too: its mistakes are to be known before anything is written.
	promised, more2, err := secondPlan(after, later, o.prune)
	if err != nil {
		return err
	}
	notes = slices.Concat(written.notes, notes, more, more2)
	if err := o.perform(ctx, o.how, loaded, o.task(loaded, joined, promised, o.warnOfPruned(loaded.State, joined, notes))); err != nil || o.how.DryRun() {
		return err
	}
	if len(later) > 0 {
		if err := o.second(ctx, later, o.prune); err != nil {
			return err
		}
	}
	if o.wait {
		return o.ready(ctx, namesOf(o.specs)...)
	}
	return nil
}

// halves sorts out whose members can be given right away from what needs namespaces that are not there yet. Where
// nothing is written nobody need wait; labels are left out then, as a manifest of a namespace would keep Kubeflow's
// controller from making it.
func (o *applyOptions) halves(s *workspace.State) (now, later []profile.Spec) {
	if o.how.ClientOnly() {
		return o.specs, nil
	}
	later = laterSpecs(s, o.specs)
	return without(o.specs, later), later
}

// loadState reads the one workspace of the files, or all.
func (o *applyOptions) loadState(ctx context.Context) (*workspaces.Loaded, error) {
	only := ""
	if len(o.specs) == 1 && !o.prune {
		only = o.specs[0].Name
	}
	if o.prune {
		return o.load(ctx, only, inventory.Pods, inventory.Volumes, inventory.Notebooks)
	}
	return o.loadNew(ctx, o.how, only)
}

// task is the first half of the change, with what follows said in front of it. What dies of a workspace that is pruned
// is among the notes.
func (o *applyOptions) task(loaded *workspaces.Loaded, p, promised plan.Plan, notes []string) change.Task {
	lost := deleted(p, loaded.State)
	task := change.Task{
		Server: loaded.Server, Plan: p, Notes: notes, Advise: o.advise,
		Before: func(context.Context) []string {
			var lines []string
			if steps := promised.Changes().Steps; len(steps) > 0 {
				lines = append(lines, "as soon as the new namespaces are there:")
				for _, step := range steps {
					lines = append(lines, "  "+step.String())
				}
			}
			return lines
		},
	}
	switch {
	case len(lost) == 1:
		task.Type = lost[0]
	case len(lost) > 1:
		task.Type = fmt.Sprintf("delete %d profiles", len(lost))
	}
	return task
}

// warnOfPruned tells the notes about workspaces that are deleted as warnings, and returns the others.
func (o *applyOptions) warnOfPruned(s *workspace.State, p plan.Plan, notes []string) []string {
	lost := deleted(p, s)
	return slices.DeleteFunc(notes, func(note string) bool {
		pruned := slices.ContainsFunc(lost, func(name string) bool { return strings.HasPrefix(note, "profile "+name+" is in none of the files") })
		if pruned {
			o.env.Warnf("%s", note)
		}
		return pruned
	})
}

// objectOf returns the object of a step: one that deletes may have the old one only.
func objectOf(step plan.Step) *unstructured.Unstructured {
	if step.Object == nil {
		return step.Old
	}
	return step.Object
}

// deleted returns the workspaces that a plan deletes.
func deleted(p plan.Plan, s *workspace.State) []string {
	var out []string
	for _, step := range p.Steps {
		if step.Verb != plan.Delete {
			continue
		}
		object := objectOf(step)
		kind := object.GetKind()
		if kind != "Profile" && kind != "Namespace" || slices.Contains(out, object.GetName()) {
			continue
		}
		if _, found := s.Workspace(object.GetName()); found {
			out = append(out, object.GetName())
		}
	}
	return out
}

func namesOf(specs []profile.Spec) []string {
	var names []string
	for i := range specs {
		names = append(names, specs[i].Name)
	}
	return names
}
