package grid

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"

	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// mostKey is how much of a text counts for its place. Names in Kubernetes have 253 bytes at most.
const mostKey = 512

// sorted returns the rows of a list in an order. Equal ones stay in the order of the list, descending too.
func sorted(ctx context.Context, list *screen.List, s Sort) ([]int32, error) {
	rows := make([]int32, list.Rows)
	for i := range rows {
		rows[i] = int32(i)
	}
	if s.Column < 1 || s.Column > len(list.Columns) {
		return rows, nil
	}
	sign := 1
	if s.Descending {
		sign = -1
	}
	compare, err := comparer(ctx, list, s.Column-1, sign)
	if err != nil {
		return nil, err
	}
	return sortRows(ctx, rows, func(a, b int32) int { return cmp.Or(compare(a, b), cmp.Compare(a, b)) })
}

// comparer reads a column, and returns what compares two rows by it: numbers by their value, texts in their natural order,
// both the other way round with a sign of -1. What is no number comes last either way.
func comparer(ctx context.Context, list *screen.List, column, sign int) (func(a, b int32) int, error) {
	if list.Columns[column].Numeric {
		numbers, err := readNumbers(ctx, list, column)
		return func(a, b int32) int {
			if none, other := math.IsNaN(numbers[a]), math.IsNaN(numbers[b]); none || other {
				return cmp.Compare(numbers[b], numbers[a]) // which takes it for the least
			}
			return sign * cmp.Compare(numbers[a], numbers[b])
		}, err
	}
	keys, err := readKeys(ctx, list, column)
	return func(a, b int32) int { return sign * keys[a].compare(&keys[b]) }, err
}

func readNumbers(ctx context.Context, list *screen.List, column int) ([]float64, error) {
	numbers := make([]float64, list.Rows)
	err := shared(list.Rows, share(list.Rows), func(_ int, rows slot) error {
		for row := rows.from; row < rows.to; row++ {
			if stopped(ctx, row) {
				return ctx.Err()
			}
			numbers[row] = list.Cell(row, column).Number
		}
		return nil
	})
	return numbers, err
}

func readKeys(ctx context.Context, list *screen.List, column int) ([]key, error) {
	keys := make([]key, list.Rows)
	err := shared(list.Rows, share(list.Rows), func(_ int, rows slot) error {
		var text []byte // the keys are parts of it
		for row := rows.from; row < rows.to; row++ {
			if stopped(ctx, row) {
				return ctx.Err()
			}
			from := len(text)
			text = appendKey(text, list.Cell(row, column).Text)
			keys[row].rest = text[from:]
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	start(keys)
	return keys, nil
}

// sortRows sorts in parts at the same time, and puts those together. All rows compare different, so that there is one result.
func sortRows(ctx context.Context, rows []int32, compare func(a, b int32) int) ([]int32, error) {
	size := share(len(rows))
	err := shared(len(rows), size, func(_ int, part slot) error {
		calls, stop := 0, false
		slices.SortFunc(rows[part.from:part.to], func(a, b int32) int {
			if calls++; calls%1024 == 0 {
				stop = stop || ctx.Err() != nil
			}
			if stop { // what is all the same is sorted soon
				return 0
			}
			return compare(a, b)
		})
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for space := make([]int32, 0, len(rows)); size < len(rows); size *= 2 {
		space = space[:0]
		for from := 0; from < len(rows); from += 2 * size {
			middle := min(from+size, len(rows))
			space = merge(space, rows[from:middle], rows[middle:min(middle+size, len(rows))], compare)
		}
		rows, space = space, rows
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return rows, nil
}

// merge appends what is in two sorted runs.
func merge(to, a, b []int32, compare func(a, b int32) int) []int32 {
	for len(a) > 0 && len(b) > 0 {
		if compare(a[0], b[0]) < 0 {
			to, a = append(to, a[0]), a[1:]
		} else {
			to, b = append(to, b[0]), b[1:]
		}
	}
	return append(append(to, a...), b...)
}

// key is a text in a form whose bytes compare as the texts do: start is the first of them.
type key struct {
	start uint64
	rest  []byte
}

// start fills in the start of keys whose texts are in rest, without what all of them start with.
func start(keys []key) {
	if len(keys) == 0 {
		return
	}
	same := keys[0].rest
	for i := range keys {
		n := 0
		for n < min(len(same), len(keys[i].rest)) && keys[i].rest[n] == same[n] {
			n++
		}
		same = same[:n]
	}
	for i := range keys {
		var first [8]byte
		text := keys[i].rest[len(same):]
		n := copy(first[:], text)
		keys[i] = key{binary.BigEndian.Uint64(first[:]), text[n:]}
	}
}

func (k *key) compare(other *key) int {
	if c := cmp.Compare(k.start, other.start); c != 0 {
		return c
	}
	return bytes.Compare(k.rest, other.rest)
}

// appendKey appends a text folded, and with its numbers in a form that compares by value: a zero, how many digits there
// are, and the digits. So team-9 stands before team-10.
func appendKey(b []byte, s string) []byte {
	var space [mostKey]byte
	text := fold(space[:0], s[:min(len(s), mostKey)])
	for len(text) > 0 {
		n := 0
		for n < len(text) && !isDigit(text[n]) {
			n++
		}
		b, text = append(b, text[:n]...), text[n:]
		if n = 0; len(text) == 0 {
			break
		}
		for n < len(text) && isDigit(text[n]) {
			n++
		}
		digits := bytes.TrimLeft(text[:n], "0")
		b = append(b, '0', byte(min(len(digits), 255)))
		b, text = append(b, digits...), text[n:]
	}
	return b
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }
