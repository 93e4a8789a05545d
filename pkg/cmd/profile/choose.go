package profile

import (
	"errors"

	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// chosen returns the named workspaces, in that order, or all when none is named. The error names those that are not
// there, and what they may have been meant to be.
func chosen(s *workspace.State, names []string) ([]workspace.Workspace, error) {
	if len(names) == 0 {
		return s.Workspaces(), nil
	}
	var out []workspace.Workspace
	var errs []error
	for _, name := range names {
		if _, err := profile.Describe(s, name); err != nil {
			errs = append(errs, err)
			continue
		}
		w, _ := s.Workspace(name) // it is there: it was described
		out = append(out, w)
	}
	return out, errors.Join(errs...)
}
