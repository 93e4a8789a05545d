package change

import (
	"context"
	"errors"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// apply carries the plan out and says what came of it: a line of result, or the object, for each step that is done, on
// the data stream. The error says what is there now, and whether the same command completes it.
func (o *Options) apply(ctx context.Context, task Task) error {
	bar := &progress{to: o.env.ErrOut, clock: o.env.Clock, shown: o.screen.isTerminal(o.env.ErrOut)}
	options := o.planOptions()
	options.Progress = bar.event
	outcome, err := plan.Apply(ctx, task.Server, task.Plan, options)
	bar.clear()
	printErr := o.printOutcome(task.Plan, outcome)
	if err != nil && apierrors.IsForbidden(err) {
		err = cli.Hint(err, plan.Advice(err))
	}
	return errors.Join(err, printErr)
}
