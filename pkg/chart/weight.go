package chart

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
	kyaml "sigs.k8s.io/yaml"
)

// What a value weighs besides its texts, and how deep values may be in each other. Each level counts, since YAML and
// JSON are indented.
const (
	valueWeight = 32
	levelWeight = 4
	maxLevels   = 1_000
)

// scale adds up what values are when they are written out in full: what is in two places counts twice.
type scale struct {
	left   int // of what texts may be
	values int
}

func newScale() *scale { return &scale{left: maxText} }

// add says whether a value is still light enough.
func (s *scale) add(value any, level int) bool {
	switch value := value.(type) {
	case string:
		return s.put(len(value), level)
	case []byte:
		return s.put(len(value), level)
	case map[string]any:
		if !s.put(0, level) {
			return false
		}
		for key, element := range value {
			if s.left -= len(key); !s.add(element, level+1) {
				return false
			}
		}
		return true
	case []any:
		if !s.put(0, level) {
			return false
		}
		for _, element := range value {
			if !s.add(element, level+1) {
				return false
			}
		}
		return true
	}
	return s.reflected(reflect.ValueOf(value), level)
}

// reflected adds a value of any type.
func (s *scale) reflected(v reflect.Value, level int) bool {
	size := 0
	if v.Kind() == reflect.String {
		size = v.Len()
	}
	if !s.put(size, level) {
		return false
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		return v.IsNil() || s.reflected(v.Elem(), level+1)
	case reflect.Map:
		for entry := v.MapRange(); entry.Next(); {
			if !s.reflected(entry.Key(), level+1) || !s.reflected(entry.Value(), level+1) {
				return false
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return s.put(v.Len(), level)
		}
		for i := range v.Len() {
			if !s.reflected(v.Index(i), level+1) {
				return false
			}
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if !s.reflected(field, level+1) {
				return false
			}
		}
	default:
	}
	return true
}

// node adds a node of YAML, where an alias is what it stands for.
func (s *scale) node(n *yaml.Node, level int) bool {
	if n.Alias != nil {
		return s.node(n.Alias, level)
	}
	if !s.put(len(n.Value), level) {
		return false
	}
	for _, element := range n.Content {
		if !s.node(element, level+1) {
			return false
		}
	}
	return true
}

// put adds one value without those in it.
func (s *scale) put(size, level int) bool {
	s.values++
	s.left -= valueWeight + levelWeight*level + size
	return s.left >= 0 && level <= maxLevels
}

func tooHeavy() error {
	return beyond("values that take more than %d MiB, or are more than %d deep, when they are written out", maxText>>20, maxLevels)
}

// weigh checks that values are not too many to be written out, and returns how many they are.
func (b *budget) weigh(values ...any) (int, error) {
	s := newScale()
	for _, value := range values {
		if !s.add(value, 0) {
			return s.values, tooHeavy()
		}
	}
	return s.values, b.step(s.values / 8)
}

// show gives what it is given, after it was weighed: it is what is printed.
func (b *budget) show(v reflect.Value) (reflect.Value, error) {
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer, reflect.Map, reflect.Slice, reflect.Array, reflect.Struct:
	default:
		return v, nil
	}
	s := newScale()
	if !s.reflected(v, 0) {
		return v, tooHeavy()
	}
	return v, b.step(s.values / 8)
}

// parsing returns the steps of parsing a template: what is in its actions takes far more memory than its text.
func parsing(text string) int {
	steps := len(text) / 16
	for i, part := range strings.Split(text, "{{") {
		if i > 0 {
			steps += 2 + max(0, strings.LastIndex(part, "}}"))/2
		}
	}
	return steps
}

// readYAML reads YAML whose aliases do not make much of little.
func readYAML(data []byte, into any) error {
	if bytes.ContainsRune(data, '&') && bytes.ContainsRune(data, '*') {
		var document yaml.Node
		if err := yaml.Unmarshal(data, &document); err != nil {
			return fmt.Errorf("read aliases: %w", err)
		}
		if !newScale().node(&document, 0) {
			return tooHeavy()
		}
	}
	return kyaml.Unmarshal(data, into)
}
