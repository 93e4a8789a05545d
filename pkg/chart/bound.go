package chart

import (
	"fmt"
	"reflect"
)

// What rendering a chart may take. They are counted, not timed, so that the same chart always ends the same way. The
// largest charts that are in use take some ten thousand steps, and go ten templates deep.
const (
	maxSteps   = 1_000_000
	maxDepth   = 5_000
	maxTpl     = 100
	maxInclude = 1000 // of one name in itself, which is Helm's own limit
	maxText    = 16 << 20
	maxList    = 1_000_000
	maxParsed  = 1_500_000 // of all files, each of which is parsed once
)

// boundError says that a chart asked for too much.
type boundError struct{ text string }

func (e *boundError) Error() string { return e.text }

func beyond(format string, args ...any) error { return &boundError{fmt.Sprintf(format, args...)} }

// budget counts what rendering takes. It is for one rendering, in one goroutine.
type budget struct{ steps, limit, depth int }

// step counts the work of a call or a turn of a loop.
func (b *budget) step(count int) error {
	if b.steps += count; b.steps > b.limit || count < 0 {
		return beyond("rendering does not end: stopped after %d steps", b.limit)
	}
	return nil
}

// enter and leave count how deep templates are in each other.
func (b *budget) enter() (string, error) {
	if b.depth++; b.depth > maxDepth {
		return "", beyond("templates include each other without end: stopped %d deep", maxDepth)
	}
	return "", b.step(1)
}

func (b *budget) leave() string {
	b.depth--
	return ""
}

func (b *budget) turn() (string, error) { return "", b.step(1) }

// text checks that a text is not too long, and counts it as work.
func (b *budget) text(length int) error {
	if length < 0 || length > maxText {
		return beyond("a text of more than %d MiB", maxText>>20)
	}
	return b.step(length / 64)
}

var errorType = reflect.TypeFor[error]()

// bounded returns a function that does what f does, but checks what it is asked for and counts what it gives. A call
// costs so many steps.
func (b *budget) bounded(f any, check func(args []any) error, cost int) any {
	inner := reflect.ValueOf(f)
	kind := inner.Type()
	in := make([]reflect.Type, kind.NumIn())
	for i := range in {
		in[i] = kind.In(i)
	}
	outer := reflect.FuncOf(in, []reflect.Type{kind.Out(0), errorType}, kind.IsVariadic())
	return reflect.MakeFunc(outer, func(args []reflect.Value) []reflect.Value {
		refuse := func(err error) []reflect.Value {
			return []reflect.Value{reflect.Zero(kind.Out(0)), reflect.ValueOf(&err).Elem()}
		}
		if err := b.step(cost); err != nil {
			return refuse(err)
		}
		if err := check(flat(args, kind.IsVariadic())); err != nil {
			return refuse(err)
		}
		var out []reflect.Value
		if kind.IsVariadic() {
			out = inner.CallSlice(args)
		} else {
			out = inner.Call(args)
		}
		if err := b.result(out[0]); err != nil {
			return refuse(err)
		}
		if len(out) == 1 {
			out = append(out, reflect.Zero(errorType))
		}
		return out
	}).Interface()
}

// result counts what a function gave.
func (b *budget) result(v reflect.Value) error {
	if v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	switch kind := v.Kind(); {
	case kind == reflect.String:
		return b.text(v.Len())
	case kind != reflect.Slice && kind != reflect.Map:
		return nil
	case v.Len() > maxList:
		return beyond("a list of more than %d elements", maxList)
	}
	return b.step(v.Len() / 8)
}

// flat returns the arguments of a call as plain values, those of a variadic function one by one.
func flat(args []reflect.Value, variadic bool) []any {
	var out []any
	for i, arg := range args {
		if variadic && i == len(args)-1 {
			for j := range arg.Len() {
				out = append(out, arg.Index(j).Interface())
			}
			continue
		}
		out = append(out, arg.Interface())
	}
	return out
}
