package chart

import (
	"cmp"
	"reflect"
	"strings"
)

// costs returns the steps of functions that take long: those that make keys.
func costs() map[string]int {
	return map[string]int{
		"genPrivateKey": 50_000, "genCA": 50_000, "genCAWithKey": 20_000, "genSelfSignedCert": 50_000,
		"genSelfSignedCertWithKey": 20_000, "genSignedCert": 50_000, "genSignedCertWithKey": 20_000,
		"derivePassword": 50_000, "bcrypt": 20_000, "htpasswd": 20_000,
	}
}

// checks returns what checks the arguments of a function before it is called. What goes through values as deep as they
// are, and that is what a function is held to do, gets none that are too much when they are written out.
func (b *budget) checks(name string, guards map[string]func(args []any) error) func(args []any) error {
	guard := guards[name]
	if guard == nil {
		guard = func([]any) error { return nil }
	}
	if shallow(name) {
		return guard
	}
	return func(args []any) error {
		if _, err := b.weigh(args...); err != nil {
			return err
		}
		return guard(args)
	}
}

// shallow says whether a function looks at no more of values than their keys, lengths and types, or weighs them itself.
func shallow(name string) bool {
	switch strings.TrimPrefix(strings.ToLower(name), "must") {
	case "list", "tuple", "dict", "get", "set", "unset", "haskey", "pluck", "keys", "pick", "omit", "values", "dig",
		"append", "push", "prepend", "first", "rest", "last", "initial", "reverse", "compact", "concat", "chunk",
		"default", "empty", "coalesce", "all", "any", "ternary", "required", "printf",
		"typeof", "typeis", "typeislike", "kindof", "kindis":
		return true
	}
	return false
}

// guards returns what checks the arguments of functions that make much of little, before they make it.
func (b *budget) guards() map[string]func(args []any) error {
	joined := func(args []any) error { return product(int64(length(args, 1)), int64(length(args, 2))) }
	indented := func(args []any) error { return product(number(args, 0), int64(lines(args, 1))) }
	merged := func(args []any) error { return b.apart(args[0], inside(args[1:])) }
	split := func(args []any) error { return b.pieces(strings.Count(text(args, len(args)-1), text(args, 0))) }
	found := func(args []any) error { return b.pieces(length(args, 1)) }
	parsed := func(args []any) error { return b.pieces(separators(text(args, 0))) }
	squared := func(args []any) error { return b.pieces(elements(args, 0) * elements(args, 0) / 64) }
	copied := func(args []any) error {
		values, err := b.weigh(args...)
		return cmp.Or(err, b.step(values))
	}
	return map[string]func(args []any) error{
		"until":        count,
		"untilStep":    func(args []any) error { return span(number(args, 0), number(args, 1), number(args, 2)) },
		"seq":          seqGuard,
		"repeat":       func(args []any) error { return product(number(args, 0), int64(length(args, 1))) },
		"indent":       indented,
		"nindent":      indented,
		"randAlphaNum": count,
		"randAlpha":    count,
		"randAscii":    count,
		"randNumeric":  count,
		"randBytes":    count,
		"replace": func(args []any) error {
			return product(int64(strings.Count(text(args, 2), text(args, 0))), int64(length(args, 1)))
		},
		"regexReplaceAll":            joined,
		"mustRegexReplaceAll":        joined,
		"regexReplaceAllLiteral":     joined,
		"mustRegexReplaceAllLiteral": joined,
		"join":                       func(args []any) error { return product(int64(length(args, 0)), int64(elements(args, 1))) },
		"wrapWith":                   joined,
		"printf":                     b.printfGuard,
		"set":                        func(args []any) error { return b.apart(args[0], args[2:]) },
		"dict":                       b.keys,
		"split":                      split,
		"splitn":                     split,
		"splitList":                  split,
		"regexFindAll":               found,
		"mustRegexFindAll":           found,
		"regexSplit":                 found,
		"mustRegexSplit":             found,
		"fromYaml":                   parsed,
		"fromYamlArray":              parsed,
		"fromJson":                   parsed,
		"fromJsonArray":              parsed,
		"mustFromJson":               parsed,
		"chunk":                      func(args []any) error { return b.step(elements(args, 1)) },
		"mustChunk":                  func(args []any) error { return b.step(elements(args, 1)) },
		"uniq":                       squared,
		"mustUniq":                   squared,
		"deepCopy":                   copied,
		"mustDeepCopy":               copied,
		"merge":                      merged,
		"mergeOverwrite":             merged,
		"mustMerge":                  merged,
		"mustMergeOverwrite":         merged,
	}
}

// pieces checks how many values are made, and counts them.
func (b *budget) pieces(count int) error {
	if count > maxList {
		return beyond("a list of more than %d elements", maxList)
	}
	return b.step(count / 4)
}

// separators is what YAML or JSON has at most of values.
func separators(text string) int {
	found := 0
	for _, one := range []string{",", "\n", ":", "[", "{", "- "} {
		found += strings.Count(text, one)
	}
	return found
}

// keys checks those that a map is to have, which any value may be.
func (b *budget) keys(args []any) error {
	for i := 0; i < len(args); i += 2 {
		if _, err := b.weigh(args[i]); err != nil {
			return err
		}
	}
	return nil
}

func text(args []any, i int) string {
	if i >= len(args) {
		return ""
	}
	text, _ := args[i].(string)
	return text
}

func length(args []any, i int) int { return len(text(args, i)) }

func lines(args []any, i int) int { return strings.Count(text(args, i), "\n") + 1 }

func elements(args []any, i int) int {
	if v := reflect.ValueOf(args[i]); v.Kind() == reflect.Slice {
		return v.Len()
	}
	return 1
}

// number returns an argument that is a number. The functions that are guarded take nothing but int.
func number(args []any, i int) int64 {
	if i >= len(args) {
		return 0
	}
	n, _ := args[i].(int)
	return int64(n)
}

// count checks a first argument that says how much there is to be.
func count(args []any) error {
	if n := number(args, 0); n > maxList || n < -maxList {
		return beyond("a list or text of %d, more than %d", n, maxList)
	}
	return nil
}

func product(a, b int64) error {
	if a > 0 && b > 0 && a > maxText/b {
		return beyond("a text of more than %d MiB", maxText>>20)
	}
	return nil
}

// span checks a list of the numbers from start to stop. A step of the wrong sign gives an empty list.
func span(start, stop, step int64) error {
	if step == 0 || (stop-start > 0) != (step > 0) {
		return nil
	}
	if (stop-start)/step > maxList || start > 1<<40 || start < -1<<40 || stop > 1<<40 || stop < -1<<40 {
		return beyond("a list of more than %d elements", maxList)
	}
	return nil
}

// seqGuard checks "seq LAST", "seq FIRST LAST" and "seq FIRST STEP LAST".
func seqGuard(args []any) error {
	numbers := make([]int64, len(args))
	for i := range args {
		numbers[i] = number(args, i)
	}
	switch len(numbers) {
	case 1:
		return span(1, numbers[0], sign(numbers[0]-1))
	case 2:
		return span(numbers[0], numbers[1], sign(numbers[1]-numbers[0]))
	case 3:
		return span(numbers[0], numbers[2], numbers[1])
	}
	return nil
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

// apart checks that no value holds a map, into which they are about to be put: what holds itself can't be printed.
func (b *budget) apart(holder any, values []any) error {
	target := reflect.ValueOf(holder)
	if target.Kind() != reflect.Map || target.IsNil() {
		return nil
	}
	left := maxList
	for _, value := range values {
		if holds(value, target.Pointer(), &left) {
			return beyond("a map that contains itself")
		}
	}
	return b.step((maxList - left) / 64)
}

// inside returns the values of maps.
func inside(maps []any) []any {
	var out []any
	for _, m := range maps {
		if table, ok := m.(map[string]any); ok {
			for _, value := range table {
				out = append(out, value)
			}
		}
	}
	return out
}

// holds says whether a value is or holds the map at a pointer. It gives up, and says yes, after so many values.
func holds(value any, pointer uintptr, left *int) bool {
	if *left--; *left < 0 {
		return true
	}
	switch value := value.(type) {
	case map[string]any:
		if reflect.ValueOf(value).Pointer() == pointer {
			return true
		}
		for _, element := range value {
			if holds(element, pointer, left) {
				return true
			}
		}
	case []any:
		for _, element := range value {
			if holds(element, pointer, left) {
				return true
			}
		}
	}
	return false
}
