package doctor

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Compose returns a clinic of several: each part reads and judges as it does alone, all of them at the same time. The
// words are those of the first argument, and so is what it says of domains. The sources of the parts share --from and
// --strict.
func Compose(words Clinic, parts ...Clinic) Clinic {
	var sources together
	for _, part := range parts {
		sources = append(sources, part.Sources)
		words.Rules = finding.Rules(words.Rules, part.Rules)
		for _, kind := range part.Kinds {
			if !slices.Contains(words.Kinds, kind) {
				words.Kinds = append(words.Kinds, kind)
			}
		}
		if words.Names == nil {
			words.Names = part.Names
		}
		if words.Spelling == "" {
			words.Spelling = part.Spelling
		}
	}
	words.Sources = sources
	words.Admit = func(ctx context.Context, want inventory.Want) (*Ward, error) {
		wards := make([]*Ward, len(parts))
		group, ctx := errgroup.WithContext(ctx)
		for i, part := range parts {
			group.Go(func() (err error) {
				own := want
				// Files are read the same for all, so that what is odd in them is told once.
				if own.Kinds = words.Kinds; !sources.Offline() {
					own.Kinds = part.Kinds
				}
				wards[i], err = part.Admit(ctx, own)
				return err
			})
		}
		if err := group.Wait(); err != nil {
			return nil, err
		}
		return joinWards(wards), nil
	}
	return words
}

// joinWards returns a ward with the patients of all.
func joinWards(wards []*Ward) *Ward {
	var readings []*reading.Reading
	out := &Ward{}
	for _, w := range wards {
		readings = append(readings, w.Reading)
		out.Patients = append(out.Patients, w.Patients...)
	}
	slices.Sort(out.Patients)
	out.Patients = slices.Compact(out.Patients)
	out.Reading = reading.Join(readings...)
	out.Unknown = func(names []string) []string {
		unknown := slices.DeleteFunc(slices.Clone(names), func(name string) bool { return slices.Contains(out.Patients, name) })
		for _, w := range wards {
			if w.Unknown != nil {
				unknown = w.Unknown(unknown)
			}
		}
		return unknown
	}
	out.Judge = func(ctx context.Context, wants func(id string) bool) ([]finding.Finding, error) {
		var all []finding.Finding
		for _, w := range wards {
			found, err := w.Judge(ctx, wants)
			if err != nil {
				return nil, err
			}
			all = append(all, found...)
		}
		out.Rejoin(readings...) // judging may have come upon more that can't be read
		return all, nil
	}
	return out
}

// together are sources that share where objects come from.
type together []Sources

// AddFlags implements [Sources].
func (t together) AddFlags(cmd *cobra.Command) {
	for _, s := range t {
		s.AddFlags(cmd)
	}
}

// Offline implements [Sources].
func (t together) Offline() bool { return t[0].Offline() }

// TellGaps implements [Sources].
func (t together) TellGaps(r *reading.Reading, but ...inventory.Kind) { t[0].TellGaps(r, but...) }

// Finish implements [Sources].
func (t together) Finish(r *reading.Reading, but ...inventory.Kind) error {
	return t[0].Finish(r, but...)
}
