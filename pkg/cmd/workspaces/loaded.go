package workspaces

import (
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Loaded is what was read, and the state of the workspaces in it.
type Loaded struct {
	*reading.Reading
	State *workspace.State

	flags *Flags
}
