package grid

import (
	"context"
	"hash/maphash"
	"slices"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
)

// Sort is the order of a list. The zero value is the order in which it was built.
type Sort struct {
	// Column counts from 1; 0 is none.
	Column     int
	Descending bool
}

// Arrangement is a list sorted and filtered, as [Arrange] makes it. It does not change.
type Arrangement struct {
	List   *screen.List
	Sort   Sort
	Filter string
	// Rows are rows of the list, in the order in which they are shown.
	Rows []int32

	// found are rows too that have words of the filter fuzzily, though others have them as they are: a longer filter may want
	// them. exact is how many of found have all words as they are; these come first.
	found  []int32
	exact  int
	filter filter
	index  *index
	order  []int32 // all rows, sorted
	texts  *texts  // nil without a filter
}

// index is what is known of a list in whatever order.
type index struct {
	// keys are hashes of the rows' keys, by which a row is found without asking for all keys.
	seed maphash.Seed
	keys []uint64
	// widths are how wide the columns are, going by some of the rows.
	widths []int
}

// Arrange sorts and filters a list. It looks at every row, and so is for the background; ctx ends it early, with its error.
// earlier, which may be nil, is an arrangement of the same list: what it knows is used again, and a longer filter looks
// only at what the shorter one has found.
//
// Columns of numbers are sorted by their numbers, and what is none (NaN) comes last either way; others by their texts in
// natural order, in which letters are as good in upper as in lower case and team-9 stands before team-10. What is equal stays
// in the order of the list.
//
// A filter is words with blanks between them; "!word" excludes. A row is found when each word is in one of its cells, in
// upper or lower case, and no excluded one is. Where no row is found so, those are that have words of three letters or more
// fuzzily: all their letters in their order in one cell with no blank between them, where few letters are left out except up
// to the start of the next part, as "tvd" is in "team-vision/deployer". The fewer, the further up.
func Arrange(ctx context.Context, list *screen.List, sort Sort, filter string, earlier *Arrangement) (*Arrangement, error) {
	a := &Arrangement{List: list, Sort: sort, Filter: filter, filter: parse(filter)}
	if earlier == nil || earlier.List != list {
		earlier = &Arrangement{}
	}
	a.index, a.texts = earlier.index, earlier.texts
	var err error
	if a.index == nil {
		if a.index, err = newIndex(ctx, list); err != nil {
			return nil, err
		}
	}
	if a.order = earlier.order; a.order == nil || earlier.Sort != sort {
		if a.order, err = sorted(ctx, list, sort); err != nil {
			return nil, err
		}
	}
	if a.filter.empty() {
		a.Rows, a.found, a.exact, a.texts = a.order, a.order, len(a.order), nil
		return a, ctx.Err()
	}
	if a.texts == nil {
		if a.texts, err = newTexts(ctx, list); err != nil {
			return nil, err
		}
	}
	return a, a.find(ctx, earlier)
}

// find filters.
func (a *Arrangement) find(ctx context.Context, earlier *Arrangement) error {
	among := a.order
	if !earlier.filter.empty() && a.filter.narrows(&earlier.filter) {
		among = inOrder(a.order, earlier.found)
	}
	size := share(len(among))
	found := make([][][]int32, workers()) // by part of among, then by cost
	err := shared(len(among), size, func(part int, s slot) error {
		var space []byte
		byCost := make([][]int32, len(a.filter.words)*dearest+1)
		for i, row := range among[s.from:s.to] {
			if stopped(ctx, i) {
				return ctx.Err()
			}
			if cost := a.filter.cost(a.texts.of(int(row), &space)); cost >= 0 {
				byCost[cost] = append(byCost[cost], row)
			}
		}
		found[part] = byCost
		return nil
	})
	if err != nil {
		return err
	}
	for cost := range len(a.filter.words)*dearest + 1 {
		for _, part := range found {
			if part != nil {
				a.found = append(a.found, part[cost]...)
			}
		}
		if cost == 0 {
			a.exact = len(a.found)
		}
	}
	if a.Rows = a.found; a.exact > 0 {
		a.Rows = a.found[:a.exact]
	}
	return ctx.Err()
}

// inOrder returns some of the rows of an order, in that order.
func inOrder(order, some []int32) []int32 {
	in := make([]bool, len(order))
	for _, row := range some {
		in[row] = true
	}
	out := make([]int32, 0, len(some))
	for _, row := range order {
		if in[row] {
			out = append(out, row)
		}
	}
	return out
}

// someRows is how many rows the widths of columns are taken from, and widest how many cells of a text are counted.
const (
	someRows = 512
	widest   = 200
)

func newIndex(ctx context.Context, list *screen.List) (*index, error) {
	x := &index{seed: maphash.MakeSeed(), keys: make([]uint64, list.Rows), widths: make([]int, len(list.Columns))}
	err := shared(list.Rows, share(list.Rows), func(_ int, rows slot) error {
		for row := rows.from; row < rows.to; row++ {
			if stopped(ctx, row) {
				return ctx.Err()
			}
			x.keys[row] = maphash.String(x.seed, list.Key(row))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for row := 0; row < list.Rows; row += max(list.Rows/someRows, 1) {
		if ctx.Err() != nil {
			break
		}
		for column := range list.Columns {
			x.widths[column] = max(x.widths[column], cellWidth(list.Cell(row, column)))
		}
	}
	return x, ctx.Err()
}

// cellWidth is how many cells of a screen a cell of a table takes.
func cellWidth(c screen.Cell) int {
	_, w := text.Fitted(c.Text, widest)
	if c.HasBar {
		w += barWidth
	}
	return w
}

// place returns where the row of a key is shown; -1 when it is not.
func (a *Arrangement) place(key string) int {
	if a == nil || a.index == nil {
		return -1
	}
	hash := maphash.String(a.index.seed, key)
	return slices.IndexFunc(a.Rows, func(row int32) bool {
		return a.index.keys[row] == hash && a.List.Key(int(row)) == key
	})
}
