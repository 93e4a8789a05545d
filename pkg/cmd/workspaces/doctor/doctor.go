// Package doctor is the command "doctor" of the plugins about workspaces: what is read and judged there, in front of the
// doctor that all plugins share.
package doctor

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Unjudged is the id of the finding that says which rules are silent because something could not be read.
const Unjudged = doctor.Unjudged

// Clinic is what a plugin knows about judging workspaces.
type Clinic struct {
	Short, Long, Example string
	// Rules are the ids of findings that there can be, and the kinds of objects that each is silent without.
	Rules []Rule
	// Kinds are read.
	Kinds []inventory.Kind
	// Judge returns the findings of what was read; wants tells which ids will be looked at.
	Judge func(ctx context.Context, l *workspaces.Loaded, wants func(id string) bool) ([]finding.Finding, error)
	// Local says that without names the namespace of the context is looked at, and not all workspaces.
	Local bool
}

// Rule is an id of findings.
type Rule = doctor.Rule

// NewCommand returns the command.
func NewCommand(env *cli.Env, clinic Clinic) *cobra.Command {
	return doctor.NewCommand(env, For(env, workspaces.NewFlags(env), clinic))
}

// For returns the clinic for the doctor that all plugins share, with the flags of workspaces.
func For(env *cli.Env, sources *workspaces.Flags, clinic Clinic) doctor.Clinic {
	spelling := ""
	for _, rule := range clinic.Rules {
		if rule.ID == contrib.Spelling {
			spelling = contrib.Spelling
		}
	}
	return doctor.Clinic{
		Short: clinic.Short, Long: clinic.Long, Example: clinic.Example, Noun: "workspace", Sample: "KF003", Kind: "WorkspaceDiagnosis",
		Rules: clinic.Rules,
		Kinds: clinic.Kinds, Sources: flags{sources}, Names: completeNames(env, sources), Spelling: spelling,
		Local: clinic.Local,
		Admit: func(ctx context.Context, want inventory.Want) (*doctor.Ward, error) {
			loaded, err := sources.Load(ctx, want)
			if err != nil {
				return nil, err
			}
			return ward(loaded, clinic), nil
		},
	}
}

// flags are the flags of workspaces, for a doctor who knows readings only.
type flags struct{ *workspaces.Flags }

// TellGaps implements [doctor.Sources].
func (f flags) TellGaps(r *reading.Reading, but ...inventory.Kind) { f.Flags.Flags.TellGaps(r, but...) }

// Finish implements [doctor.Sources].
func (f flags) Finish(r *reading.Reading, but ...inventory.Kind) error {
	return f.Flags.Flags.Finish(r, but...)
}

func ward(l *workspaces.Loaded, clinic Clinic) *doctor.Ward {
	w := &doctor.Ward{
		Reading: l.Reading,
		Unknown: func(names []string) []string { return unknown(l, names) },
		Judge: func(ctx context.Context, wants func(string) bool) ([]finding.Finding, error) {
			return clinic.Judge(ctx, l, wants)
		},
	}
	for _, workspace := range l.State.Workspaces() {
		w.Patients = append(w.Patients, workspace.Name)
	}
	return w
}

// unknown returns the names that are neither those of workspaces nor of namespaces, and in which nobody has anything:
// manifests may have role bindings without their namespace. Who may not read namespaces is believed.
func unknown(l *workspaces.Loaded, names []string) []string {
	inv := l.State.Inventory
	if len(inv.Missing(inventory.Namespaces)) > 0 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		_, there := l.State.Workspace(name)
		return there || inv.Namespace(name) != nil || inv.Profile(name) != nil || len(l.State.MembersAll(name)) > 0
	})
}
