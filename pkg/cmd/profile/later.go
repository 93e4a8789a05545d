package profile

import (
	"context"
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// laterSpecs returns what has a second half: specs with something to put into a namespace that is not there yet. With
// Kubeflow its controller has to make it first; else it is made in the first half, of which members are no part.
func laterSpecs(s *workspace.State, specs []profile.Spec) []profile.Spec {
	var out []profile.Spec
	for i := range specs {
		spec := specs[i]
		if s.Inventory.Namespace(spec.Name) != nil {
			continue
		}
		inside := len(spec.Labels)+len(spec.Annotations) > 0 || spec.LimitRange
		if inside && s.FlavorOf(spec.Name) == workspace.Kubeflow || len(spec.Members) > 0 {
			out = append(out, spec)
		}
	}
	return out
}

// second carries out the second half of a change that the user has agreed to: labels and members, as soon as the
// namespaces are there.
func (w *writing) second(ctx context.Context, specs []profile.Spec, prune bool) error {
	var names []string
	for i := range specs {
		names = append(names, specs[i].Name)
	}
	if err := newWaiter(w.env, w.sources, w.timeout).until(ctx, untilMade, names...); err != nil {
		return fmt.Errorf("labels and members are not there yet, the same command completes them: %w", err)
	}
	only := ""
	if len(names) == 1 {
		only = names[0]
	}
	loaded, err := w.load(ctx, only)
	if err != nil {
		return err
	}
	p, notes, err := secondPlan(loaded.State, specs, prune)
	if err != nil {
		return err
	}
	o, err := w.confirmed()
	if err != nil {
		return err
	}
	return w.carry(ctx, o, loaded, p, notes)
}

// secondPlan is what is put into namespaces that have been made meanwhile: labels and the like, and members.
func secondPlan(s *workspace.State, specs []profile.Spec, prune bool) (plan.Plan, []string, error) {
	var plans []plan.Plan
	var notes []string
	for i := range specs {
		if s.FlavorOf(specs[i].Name) != workspace.Kubeflow {
			continue // all but members is done in the first half
		}
		p, more, err := profile.FollowUp(s, specs[i])
		if err != nil {
			return plan.Plan{}, nil, err
		}
		plans, notes = append(plans, p), append(notes, more...)
	}
	members, more, err := memberPlan(s, specs, prune)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	joined, err := plan.Join("labels and members of "+specNames(specs), append(plans, members)...)
	return joined, append(notes, more...), err
}

// memberPlan gives specs their members. A spec without a list says nothing about them; with one that is empty, all are
// pruned.
func memberPlan(s *workspace.State, specs []profile.Spec, prune bool) (plan.Plan, []string, error) {
	list := grants(specs)
	var emptied []string
	for i := range specs {
		if prune && specs[i].Members != nil && len(specs[i].Members) == 0 {
			emptied = append(emptied, specs[i].Name)
		}
	}
	if len(list) == 0 && len(emptied) == 0 {
		return plan.Plan{}, nil, nil
	}
	return contrib.Apply(s, list, prune, emptied...)
}

// grants are the members of all specs.
func grants(specs []profile.Spec) []contrib.Grant {
	var out []contrib.Grant
	for i := range specs {
		for _, m := range specs[i].Members {
			out = append(out, contrib.Grant{
				Workspace: specs[i].Name, Subject: m.Subject, Role: m.Role, RoleRef: m.RoleRef, Expires: m.Expires,
				NoHTTP: m.NoHTTP, Name: m.Name, Line: m.Line,
			})
		}
	}
	return out
}

// specNames is "profile a", or "3 profiles".
func specNames(specs []profile.Spec) string {
	if len(specs) == 1 {
		return "profile " + specs[0].Name
	}
	return plural(len(specs), "profile")
}

// without returns the specs that are not among those of the other list.
func without(specs, others []profile.Spec) []profile.Spec {
	return slices.DeleteFunc(slices.Clone(specs), func(s profile.Spec) bool {
		return slices.ContainsFunc(others, func(o profile.Spec) bool { return o.Name == s.Name })
	})
}
