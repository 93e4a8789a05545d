package grid

import (
	"cmp"
	"context"
	"runtime"
	"slices"

	"github.com/kubegatehouse/gatehouse/tui/beside"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// mostTexts is how many bytes of texts are kept for one list. What is more is made anew each time.
const mostTexts = 16 << 20

// texts are the folded texts of all cells of a list: those of a row stand together, each with a zero byte behind it.
type texts struct {
	list *screen.List
	// parts hold the texts of size rows each; nil when they are too long to be kept. ends is where a row ends in its part.
	parts [][]byte
	size  int
	ends  []uint32
}

// newTexts reads all cells.
func newTexts(ctx context.Context, list *screen.List) (*texts, error) {
	t := &texts{list: list, parts: make([][]byte, workers()), size: share(list.Rows), ends: make([]uint32, list.Rows)}
	err := shared(list.Rows, t.size, func(part int, rows slot) error {
		var text []byte
		for row := rows.from; row < rows.to; row++ {
			if stopped(ctx, row) {
				return ctx.Err()
			}
			if row == rows.from+64 { // so many say how long all are
				text = slices.Grow(text, min(len(text)*(rows.to-row)/60, mostTexts/workers()))
			}
			text = appendTexts(text, list, row)
			if len(text) > mostTexts/workers() {
				return nil
			}
			t.ends[row] = uint32(len(text))
		}
		t.parts[part] = text
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// of returns the texts of a row, in space when they have to be made.
func (t *texts) of(row int, space *[]byte) []byte {
	text := t.parts[row/t.size]
	if text == nil {
		*space = appendTexts((*space)[:0], t.list, row)
		return *space
	}
	from := uint32(0)
	if row%t.size > 0 {
		from = t.ends[row-1]
	}
	return text[from:t.ends[row]]
}

func appendTexts(b []byte, list *screen.List, row int) []byte {
	for column := range list.Columns {
		b = append(fold(b, list.Cell(row, column).Text), 0)
	}
	return b
}

// slot is a run of numbers, without to itself.
type slot struct{ from, to int }

// workers is how many goroutines share work on a list.
func workers() int { return min(runtime.GOMAXPROCS(0), 8) }

// shared calls work at the same time for slots of size numbers that make up 0 to n, and returns its first error.
func shared(n, size int, work func(part int, s slot) error) error {
	var waits []func() error
	for part, from := 0, 0; from < n; part, from = part+1, from+size {
		s := slot{from, min(from+size, n)}
		waits = append(waits, beside.Go(func() error { return work(part, s) }))
	}
	var first error
	for _, wait := range waits { // all of them: none may go on when this is over
		first = cmp.Or(first, wait())
	}
	return first
}

// share is how many of n numbers each worker gets.
func share(n int) int { return max((n+workers()-1)/workers(), 1) }

// stopped reports, at every so many rows, whether the work is to end.
func stopped(ctx context.Context, row int) bool { return row%64 == 0 && ctx.Err() != nil }
