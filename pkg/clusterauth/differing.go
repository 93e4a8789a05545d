package clusterauth

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// leaf is a place in which two values differ.
type leaf struct {
	path       string
	want, have any
}

// differing returns the leaves in which two values, as JSON has them, differ, by path; each path begins with the given
// one. A missing field differs from an empty one, and is the same as one of null.
func differing(path string, want, have any) []leaf {
	wantMap, isMap := want.(map[string]any)
	haveMap, areMaps := have.(map[string]any)
	if isMap && areMaps {
		names := map[string]any{}
		maps.Copy(names, wantMap)
		maps.Copy(names, haveMap)
		var out []leaf
		for _, name := range slices.Sorted(maps.Keys(names)) {
			a, b := wantMap[name], haveMap[name]
			inner := strings.TrimPrefix(path+"."+name, ".")
			if (a == nil) != (b == nil) {
				out = append(out, leaf{inner, a, b})
				continue
			}
			out = append(out, differing(inner, a, b)...)
		}
		return out
	}
	wantList, isList := want.([]any)
	haveList, areLists := have.([]any)
	if isList && areLists && len(wantList) == len(haveList) {
		var out []leaf
		for i := range wantList {
			out = append(out, differing(fmt.Sprintf("%s[%d]", path, i), wantList[i], haveList[i])...)
		}
		return out
	}
	if reflect.DeepEqual(want, have) {
		return nil
	}
	return []leaf{{path, want, have}}
}
