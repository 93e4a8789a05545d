package plan

import (
	"context"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// Left returns what is left to do of a plan that was made a while ago: it reads each object, and leaves out the steps whose
// change is there already, whoever made it. Steps that can't be done any more stay in: [DryRun] says why. So do those
// whose objects the caller may not read. The error is that of the first read that failed.
func Left(ctx context.Context, server Server, p Plan) (Plan, error) {
	if err := p.Validate(); err != nil {
		return Plan{}, err
	}
	done := make([]bool, len(p.Steps))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(usualParallel)
	for i, s := range p.Steps {
		group.Go(func() error {
			var err error
			if done[i], err = isDone(groupCtx, server, s); err != nil {
				return s.wrap(err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return Plan{}, err
	}
	left := Plan{Summary: p.Summary, Steps: []Step{}}
	for i, s := range p.Steps {
		if !done[i] {
			left.Steps = append(left.Steps, s)
		}
	}
	return left, nil
}

func isDone(ctx context.Context, server Server, s Step) (bool, error) {
	if s.writesNothing() {
		return true, nil
	}
	w := workOf(server, Write{}, s)
	live, err := server.Get(ctx, w.target())
	switch {
	case apierrors.IsNotFound(err):
		live = nil
	case apierrors.IsForbidden(err):
		return false, nil
	case err != nil:
		return false, err
	}
	return w.compare(live).done, nil
}
