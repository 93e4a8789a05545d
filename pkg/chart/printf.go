package chart

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
)

// maxWidth is how wide fmt itself makes anything at most.
const maxWidth = 1_000_000

// verb is what a format has before the letter of a verb, digits are those of a width or precision in it.
var (
	verb   = regexp.MustCompile(`%[^a-zA-Z%]*`)
	digits = regexp.MustCompile(`[0-9]+`)
)

// printfGuard refuses what would be longer than a text may be: each verb may print the longest argument, and each
// element of it as wide as any number says.
func (b *budget) printfGuard(args []any) error {
	format, _ := args[0].(string)
	width := 0
	for _, flags := range verb.FindAllString(format, -1) {
		for _, number := range digits.FindAllString(flags, -1) {
			n, err := strconv.Atoi(number)
			if err != nil || n > maxWidth {
				return beyond("a text of more than %d MiB", maxText>>20)
			}
			width = max(width, n)
		}
	}
	if strings.Contains(format, "*") {
		for _, arg := range args[1:] {
			width = max(width, size(arg))
		}
	}
	longest := 0
	for _, arg := range args[1:] {
		s := newScale()
		if !s.add(arg, 0) {
			return tooHeavy()
		}
		if bytes, ok := arg.([]byte); ok {
			s.values += len(bytes)
		}
		longest = max(longest, maxText-s.left+s.values*width)
		if err := b.step(s.values / 8); err != nil {
			return err
		}
	}
	return product(int64(strings.Count(format, "%")), int64(longest))
}

// size returns how far a number is from 0, at most maxWidth, and 0 for what is no number.
func size(value any) int {
	v := reflect.ValueOf(value)
	switch {
	case v.CanInt():
		return int(min(max(v.Int(), -v.Int()), maxWidth))
	case v.CanUint():
		return int(min(v.Uint(), maxWidth))
	}
	return 0
}
