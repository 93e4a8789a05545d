package clusterauth

import (
	"slices"
	"strconv"
	"strings"
)

// valueAt returns what is at a path of maps, nil when there is nothing, or a part of the way is no map.
func valueAt(content map[string]any, path ...string) any {
	var at any = content
	for _, name := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[name]
	}
	return at
}

// textAt returns the string at a path, empty when there is none.
func textAt(content map[string]any, path ...string) string {
	s, _ := valueAt(content, path...).(string)
	return s
}

// numberAt returns the whole number at a path, 0 when there is none. Decoders differ in what they make of numbers.
func numberAt(content map[string]any, path ...string) int {
	switch n := valueAt(content, path...).(type) {
	case int64:
		return int(n)
	case int:
		return n
	case float64:
		return int(n)
	case string:
		i, err := strconv.Atoi(n)
		if err == nil {
			return i
		}
	}
	return 0
}

// mapAt returns the map at a path, nil when there is none.
func mapAt(content map[string]any, path ...string) map[string]any {
	m, _ := valueAt(content, path...).(map[string]any)
	return m
}

// mapsAt returns the maps of the list at a path.
func mapsAt(content map[string]any, path ...string) []map[string]any {
	list, _ := valueAt(content, path...).([]any)
	var out []map[string]any
	for _, item := range list {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// textsAt returns the strings of the list at a path.
func textsAt(content map[string]any, path ...string) []string {
	list, _ := valueAt(content, path...).([]any)
	var out []string
	for _, item := range list {
		if s, ok := item.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// join says a list in a sentence: "a", "a and b", "a, b and c".
func join(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// count says a number of things: "1 machine", "3 machines".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// addOnce appends a word unless it is there.
func addOnce(list []string, word string) []string {
	if slices.Contains(list, word) {
		return list
	}
	return append(list, word)
}
