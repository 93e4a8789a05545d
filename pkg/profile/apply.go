package profile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Apply returns the plan that makes the workspaces be as the specs say. Workspaces that are so already are in it as
// unchanged (see [plan.Plan.Changes]). What a spec leaves out stays as it is.
//
// With prune, workspaces of the state's flavor that are in none of the specs are deleted, with all that they hold: the
// notes say what that is. An owner is never changed silently: that is refused, with a hint at [Transfer].
func Apply(s *workspace.State, specs []Spec, prune bool) (plan.Plan, []string, error) {
	var (
		steps []plan.Step
		notes []string
		errs  []error
	)
	if prune && len(specs) == 0 {
		return plan.Plan{}, nil, workspace.Refuse("kubectl profile delete NAME deletes one", "apply profiles: pruning to nothing would delete every workspace")
	}
	kept := map[string]bool{}
	for _, spec := range specs {
		if kept[spec.Name] {
			errs = append(errs, workspace.Refuse("", "apply profile %q: it is there twice", spec.Name))
			continue
		}
		kept[spec.Name] = true
		d := newDraft(spec.Name)
		if err := d.apply(s, spec); err != nil {
			errs = append(errs, err)
			continue
		}
		steps, notes = append(steps, d.steps...), append(notes, d.notes...)
	}
	if prune && len(errs) == 0 {
		more, told, err := pruned(s, kept)
		if err != nil {
			return plan.Plan{}, nil, err
		}
		steps, notes = append(steps, more...), append(notes, told...)
	}
	if err := errors.Join(errs...); err != nil {
		return plan.Plan{}, nil, err
	}
	p, err := plan.New(applySummary(specs, prune), steps...)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	return p, notes, nil
}

func applySummary(specs []Spec, prune bool) string {
	summary := fmt.Sprintf("apply %d profiles", len(specs))
	if len(specs) == 1 {
		summary = "apply profile " + specs[0].Name
	}
	if prune {
		summary += ", and delete those that are not among them"
	}
	return summary
}

// apply adds the steps for one spec.
func (d *draft) apply(s *workspace.State, spec Spec) error {
	w, exists := s.Workspace(spec.Name)
	flavor := s.Flavor
	if exists {
		flavor = w.Flavor
	}
	if err := spec.check(flavor, w.Owner); err != nil {
		return err
	}
	d.tellQuota(s, spec)
	d.tellPluginKinds(spec)
	if !exists {
		if err := d.make(s, spec); err != nil {
			return err
		}
		return d.err
	}
	if err := d.adjust(s, &w, spec); err != nil {
		return err
	}
	return d.err
}

// adjust adds the steps that bring an existing workspace to a spec.
func (d *draft) adjust(s *workspace.State, w *workspace.Workspace, spec Spec) error {
	switch {
	case w.Status.Phase == workspace.Terminating, w.Status.Phase == workspace.Stuck:
		return workspace.Refuse("kubectl profile delete "+w.Name+" goes on with it; then try again",
			"profile %q: it is being deleted", w.Name)
	case w.Flavor == workspace.Kalm:
		return keptByKalm("apply", w.Name, "kubectl contrib apply -f FILE is about its members, kubectl profile quota set about its limits")
	case spec.Owner != w.Owner:
		return workspace.Refuse("kubectl profile transfer "+w.Name+" --owner "+spec.Owner.String()+" hands it on",
			"profile %q: it belongs to %s, not to %s", w.Name, w.Owner, spec.Owner)
	case w.Flavor == workspace.Kubeflow && w.Profile == nil:
		return noProfile(s, "apply", w.Name)
	case w.Namespace == nil && w.Flavor == workspace.Native:
		return workspace.Refuse("it takes rights to get and list namespaces", "profile %q: its namespace cannot be read", w.Name)
	case w.Flavor == workspace.Native:
		d.adjustNative(s, w, spec)
		return nil
	}
	if w.Status.Phase == workspace.Conflict {
		d.note("profile %s: %s", w.Name, w.Status.Why)
	}
	profile := w.Profile.DeepCopy()
	if err := d.setQuota(profile, spec.Quota); err != nil {
		return err
	}
	if spec.Plugins != nil {
		if err := setPlugins(profile, spec.Plugins); err != nil {
			return err
		}
	}
	if len(spec.ProfileLabels) > 0 {
		profile.SetLabels(merged(profile.GetLabels(), spec.ProfileLabels))
	}
	if len(spec.ProfileAnnotations) > 0 {
		profile.SetAnnotations(merged(profile.GetAnnotations(), spec.ProfileAnnotations))
	}
	d.keep("the profile as it is wanted", w.Profile, profile)
	if w.Namespace == nil {
		d.tellFollowUp(spec)
		return nil
	}
	d.followUp(s, w, spec)
	return nil
}

// setQuota brings spec.resourceQuotaSpec of a Profile to a quota; one that says nothing changes nothing.
func (d *draft) setQuota(profile *unstructured.Unstructured, quota corev1.ResourceQuotaSpec) error {
	if quota.Hard == nil && len(quota.Scopes) == 0 && quota.ScopeSelector == nil {
		return nil
	}
	read, err := kubeflow.ReadProfile(profile)
	if err != nil {
		return err
	}
	if equality.Semantic.DeepEqual(normal(read.Quota), normal(quota)) {
		return nil
	}
	wanted := kubeflow.NewProfile(profile.GetName(), read.Owner, &quota, nil)
	value, _, err := unstructured.NestedFieldCopy(wanted.Object, "spec", "resourceQuotaSpec")
	if err != nil {
		return fmt.Errorf("set quota of profile %q: %w", profile.GetName(), err)
	}
	if value == nil {
		value = map[string]any{}
	}
	keepSpelling(profile, value, quota.Hard)
	if err := unstructured.SetNestedField(profile.Object, value, "spec", "resourceQuotaSpec"); err != nil {
		return fmt.Errorf("set quota of profile %q: %w", profile.GetName(), err)
	}
	return nil
}

// keepSpelling puts limits that stay as they are into a quota as the profile spells them: 2, "2" and 2000m are the same.
func keepSpelling(profile *unstructured.Unstructured, quota any, hard corev1.ResourceList) {
	fields, _ := quota.(map[string]any)
	next, _ := fields["hard"].(map[string]any)
	old, _, err := unstructured.NestedMap(profile.Object, "spec", "resourceQuotaSpec", "hard")
	if err != nil {
		return
	}
	for name, spelled := range old {
		amount, err := resource.ParseQuantity(fmt.Sprint(spelled))
		if wanted, there := hard[corev1.ResourceName(name)]; there && err == nil && wanted.Cmp(amount) == 0 && next != nil {
			next[name] = spelled
		}
	}
}

// normal returns a quota in which nothing and empty are one.
func normal(q corev1.ResourceQuotaSpec) corev1.ResourceQuotaSpec {
	if len(q.Hard) == 0 {
		q.Hard = nil
	}
	if len(q.Scopes) == 0 {
		q.Scopes = nil
	}
	if q.ScopeSelector != nil && len(q.ScopeSelector.MatchExpressions) == 0 {
		q.ScopeSelector = nil
	}
	return q
}

// setPlugins brings spec.plugins of a Profile to a list.
func setPlugins(profile *unstructured.Unstructured, plugins []kubeflow.Plugin) error {
	read, err := kubeflow.ReadProfile(profile)
	if err != nil {
		return err
	}
	if slices.EqualFunc(read.Plugins, plugins, func(a, b kubeflow.Plugin) bool { return equality.Semantic.DeepEqual(a, b) }) {
		return nil
	}
	wanted := kubeflow.NewProfile(profile.GetName(), rbacv1.Subject{}, nil, plugins)
	value, found, err := unstructured.NestedFieldCopy(wanted.Object, "spec", "plugins")
	if err == nil && found {
		err = unstructured.SetNestedField(profile.Object, value, "spec", "plugins")
	} else if err == nil {
		unstructured.RemoveNestedField(profile.Object, "spec", "plugins")
	}
	if err != nil {
		return fmt.Errorf("set plugins of profile %q: %w", profile.GetName(), err)
	}
	return nil
}

// pruned returns the steps that delete the workspaces that are not kept.
func pruned(s *workspace.State, kept map[string]bool) (steps []plan.Step, notes []string, err error) {
	var foreign []string
	for _, w := range s.Workspaces() {
		switch {
		case kept[w.Name]:
			continue
		case w.Flavor != s.Flavor, w.Flavor == workspace.Kubeflow && w.Profile == nil:
			foreign = append(foreign, w.Name)
			continue
		}
		p, losses, told, err := Delete(s, w.Name, false)
		if err != nil {
			return nil, nil, err
		}
		steps = append(steps, p.Steps...)
		notes = append(notes, fmt.Sprintf("profile %s is in none of the files: it is deleted, with %s", w.Name, losses.Summary()))
		notes = append(notes, told...)
	}
	if len(foreign) > 0 {
		notes = append(notes, "left alone, since they are no "+string(s.Flavor)+" workspaces: "+strings.Join(foreign, ", "))
	}
	return steps, notes, nil
}
