package authn

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
)

// didYouMean says which field was probably meant by a path that is no field, an empty string when nobody can tell.
func didYouMean(path string) string {
	parent, key := "", path
	if i := strings.LastIndex(path, "."); i >= 0 {
		parent, key = path[:i], path[i+1:]
	}
	siblings := map[string]bool{}
	places := map[string][]string{}
	for field := range knownFields(reflect.TypeFor[apiserverv1.AuthenticationConfiguration](), "") {
		above, name := "", field
		if i := strings.LastIndex(field, "."); i >= 0 {
			above, name = field[:i], field[i+1:]
		}
		if above == withoutIndexes(parent) {
			siblings[name] = true
		}
		if strings.EqualFold(name, key) {
			places[name] = append(places[name], above)
		}
	}
	if siblings[key] {
		return "" // the file is of a version whose fields are written otherwise
	}
	for _, name := range slices.Sorted(maps.Keys(siblings)) {
		if strings.EqualFold(name, key) || distance(name, key) <= 2 && len(key) > 3 {
			return fmt.Sprintf("did you mean %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(places)) {
		slices.Sort(places[name])
		return fmt.Sprintf("%q belongs under %s", name, strings.Join(shown(places[name]), " or "))
	}
	return ""
}

// shown returns paths as people read them; the root of a configuration has no name.
func shown(paths []string) []string {
	out := slices.Clone(paths)
	for i, p := range out {
		if p == "" {
			out[i] = "the configuration itself"
		}
	}
	return slices.Compact(out)
}

// knownFields returns the paths of all fields below a Go type, without indexes.
func knownFields(t reflect.Type, path string) map[string]bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	out := map[string]bool{}
	if t.Kind() != reflect.Struct {
		return out
	}
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		below := join(path, name)
		if options == "inline" || f.Anonymous {
			below = path
		} else {
			out[below] = true
		}
		maps.Copy(out, knownFields(f.Type, below))
	}
	return out
}

// withoutIndexes turns "jwt[0].issuer" into "jwt.issuer".
func withoutIndexes(path string) string {
	var out strings.Builder
	inside := false
	for _, r := range path {
		switch {
		case r == '[':
			inside = true
		case r == ']':
			inside = false
		case !inside:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// distance returns how many letters have to be put in, left out or changed to get from a to b, in lower case.
func distance(a, b string) int {
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i, r := range x {
		last := row[0]
		row[0] = i + 1
		for j, s := range y {
			cost := last
			if r != s {
				cost = 1 + min(last, row[j], row[j+1])
			}
			last, row[j+1] = row[j+1], cost
		}
	}
	return row[len(y)]
}
