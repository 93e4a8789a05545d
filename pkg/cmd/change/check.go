package change

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// mostRefusals is how many missing rights are told one by one.
const mostRefusals = 5

// check asks the server all that it can tell before anything is written: may the caller do it, and would the objects be
// taken? It returns them as the server would store them, as far as they were tried. What the command has to say before
// (see [Task]) is found out meanwhile, and told first.
func (o *Options) check(ctx context.Context, task Task, changes plan.Plan) ([]*unstructured.Unstructured, error) {
	var (
		refused  []plan.Refused
		asked    error
		tried    []*unstructured.Unstructured
		tryError error
		lines    []string
	)
	var group errgroup.Group
	group.Go(func() error {
		refused, asked = plan.Preflight(ctx, task.Server, changes)
		return nil
	})
	group.Go(func() error {
		tried, tryError = plan.DryRun(ctx, task.Server, changes, o.planOptions())
		return nil
	})
	group.Go(func() error {
		lines = before(ctx, task)
		return nil
	})
	_ = group.Wait() // each has an error of its own, and the first is not the best one
	if ctx.Err() != nil {
		o.env.Notef("nothing was changed")
		return nil, ctx.Err()
	}
	o.tellBefore(lines)
	switch {
	case len(refused) > 0:
		return nil, refusal(refused, task.Advise)
	case asked != nil && !apierrors.IsForbidden(asked):
		return nil, fmt.Errorf("ask for rights: %w", asked)
	case asked != nil:
		o.env.Warnf("the server does not say beforehand what you may do: %v", asked)
	}
	if tryError != nil {
		if !o.DryRun() && plan.IsUntriable(tryError) {
			o.env.Warnf("the server can't try this beforehand: %v", tryError)
			return nil, nil
		}
		return nil, cli.Hint(tryError, adviseDryRun(tryError))
	}
	return tried, nil
}

// planOptions are how plans are tried and carried out. Whoever asks for a dry run of the server wants all of it.
func (o *Options) planOptions() plan.Options {
	return plan.Options{FieldManager: o.fieldManager, Thorough: o.DryRun()}
}

// refusal says which rights are missing where, a line for each rule, and what would help.
func refusal(refused []plan.Refused, advise func(rbacv1.PolicyRule, string) string) error {
	type missing struct {
		rule   rbacv1.PolicyRule
		places []string
	}
	var all []missing
	for _, r := range refused {
		i := slices.IndexFunc(all, func(m missing) bool { return rbac.RuleText(&m.rule) == rbac.RuleText(&r.Rule) })
		if i < 0 {
			all = append(all, missing{rule: r.Rule})
			i = len(all) - 1
		}
		if !slices.Contains(all[i].places, r.Namespace) {
			all[i].places = append(all[i].places, r.Namespace)
		}
	}
	errs := make([]error, 0, len(all))
	for _, m := range all[:min(len(all), mostRefusals)] {
		slices.Sort(m.places)
		err := fmt.Errorf("may not %s%s", ruleWords(m.rule), placesText(m.places))
		if advise != nil {
			err = cli.Hint(err, advise(m.rule, m.places[0]))
		}
		errs = append(errs, cli.Hint(err, fmt.Sprintf("nothing was changed; it takes the rule %s%s", rbac.RuleText(&m.rule), placesText(m.places))))
	}
	if more := len(all) - mostRefusals; more > 0 {
		errs = append(errs, fmt.Errorf("may not do %s", plural(more, "further thing")))
	}
	return errors.Join(errs...)
}

func placesText(places []string) string {
	if len(places) == 1 && places[0] == "" {
		return " in the cluster"
	}
	return " in " + list(places, 3)
}

// ruleWords says what a rule lets one do: "create authorizationpolicies.security.istio.io".
func ruleWords(r rbacv1.PolicyRule) string {
	var resources []string
	for _, name := range r.Resources {
		if len(r.APIGroups) > 0 && r.APIGroups[0] != "" {
			name += "." + r.APIGroups[0]
		}
		resources = append(resources, name)
	}
	text := strings.Join(r.Verbs, ", ") + " " + strings.Join(resources, ", ")
	if len(r.ResourceNames) > 0 {
		text += " " + list(r.ResourceNames, 3)
	}
	return text
}

// adviseDryRun says what to do about a refusal of the server before anything was written.
func adviseDryRun(err error) string {
	const nothing = "nothing was changed"
	if advice := plan.Advice(err); advice != "" {
		return nothing + "; " + advice
	}
	return nothing
}
