package clusterauth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// writing is what the commands that change objects share.
type writing struct {
	*sources
	change *change.Flags
	cmd    *cobra.Command
}

func newWriting(env *cli.Env) writing {
	return writing{sources: newSources(env), change: change.NewFlags(env)}
}

func (w *writing) addFlags(cmd *cobra.Command) {
	w.cmd = cmd
	w.AddFlags(cmd)
	w.change.AddFlags(cmd)
}

// options checks the flags that say how a change is made.
func (w *writing) options() (*change.Options, error) {
	o, err := w.change.Options()
	if err != nil {
		return nil, err
	}
	return o, o.CheckOffline(w.Offline())
}

// carry carries out a plan. The notes say what KCM will do to clusters then.
func (w *writing) carry(ctx context.Context, o *change.Options, l *loaded, p plan.Plan, notes []string) error {
	if err := w.refusePartial(l); err != nil {
		return err
	}
	for _, note := range notes {
		if warning, found := strings.CutPrefix(note, clusterauth.WarningNote); found {
			w.env.Warnf("%s", warning)
			continue
		}
		w.env.Notef("note: %s", note)
	}
	if err := o.Carry(ctx, change.Task{Server: l.Server, Plan: p, Advise: w.advise}); err != nil {
		return err
	}
	return w.Finish(l.Reading)
}

// refusePartial ends a change under --strict that was planned from a part of what there is.
func (w *writing) refusePartial(l *loaded) error {
	if strict, err := w.cmd.Flags().GetBool("strict"); err != nil || !strict {
		w.TellGaps(l.Reading)
		return nil
	}
	return w.Finish(l.Reading)
}

// advise says what helps somebody who may not do what a rule grants.
func (w *writing) advise(rule rbacv1.PolicyRule, _ string) string {
	if !slices.Contains(rule.Resources, string(inventory.ClusterAuthentications)) {
		return ""
	}
	return fmt.Sprintf("no role of k0rdent lets users write ClusterAuthentications; %q prints what an administrator can apply",
		w.cmd.CommandPath()+" ... --dry-run=client -o yaml")
}

// effectText says in words what happens to a control plane.
func effectText(r clusterauth.Rollout) string {
	switch r.Effect {
	case clusterauth.None:
		return "nothing"
	case clusterauth.Off:
		return "off"
	case clusterauth.Pods:
		return "its pods roll"
	case clusterauth.Machines:
		if r.Machines == 0 {
			return "its control-plane machines are recreated"
		}
		verb := "are"
		if r.Machines == 1 {
			verb = "is"
		}
		return findings.Count(r.Machines, "machine") + " " + verb + " recreated"
	case clusterauth.Ignored:
		return "ignored by its template"
	case clusterauth.Blocked:
		return "blocked"
	case clusterauth.Refused:
		return "refused"
	case clusterauth.Unknown:
	}
	return "not known"
}

// hashText is " (OLD -> NEW)", and empty when there is no hash to tell.
func hashText(r clusterauth.Rollout) string {
	if r.OldHash == r.NewHash {
		return ""
	}
	return fmt.Sprintf(" (%s -> %s)", orNone(r.OldHash), orNone(r.NewHash))
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return printer.Escape(text)
}
