package workspaces

import (
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// TellGaps tells the user, once, what could not be read and which rules would make it readable. Gaps of the kinds in but
// are left out: those that the answer at hand doesn't need.
func (f *Flags) TellGaps(l *Loaded, but ...inventory.Kind) { f.Flags.TellGaps(l.reading(), but...) }

// Finish is an error when not everything could be read and --strict asks for that; gaps of the kinds in but don't
// count. It tells of the gaps when [Flags.TellGaps] has not done so.
func (f *Flags) Finish(l *Loaded, but ...inventory.Kind) error {
	return f.Flags.Finish(l.reading(), but...)
}

// reading is what was read, with what was added to the state since.
func (l *Loaded) reading() *reading.Reading {
	l.Inventory = l.State.Inventory
	return l.Reading
}
