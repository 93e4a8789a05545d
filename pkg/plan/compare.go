package plan

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// identifying are the annotations by which objects of ours and of Kubeflow's say whose they are and what for.
var identifying = []string{"group", "owner", "role", "user"}

const ownPrefix = "gatehouse.dev/"

// Identifies reports whether an annotation of that name says whose an object is, and what for: one of ours, or of
// Kubeflow's.
func Identifies(annotation string) bool {
	return slices.Contains(identifying, annotation) || strings.HasPrefix(annotation, ownPrefix)
}

// differsFrom returns the first field in which live is not what was wanted, empty when there is none. What others add is
// no difference: labels, annotations, finalizers, status, and defaults. In objects that say who may do what there are
// no defaults but those of their API group, and an addition is a difference.
func differsFrom(wanted, live *unstructured.Unstructured) string {
	want, got := normal(wanted), normal(live)
	for _, name := range []string{"annotations", "labels"} {
		path := []string{"metadata", name}
		wanted := at(want, path)
		if field := lacks(wanted, at(got, path), "metadata."+name, false); field != "" && !isEmpty(wanted) {
			return field
		}
	}
	if !grants(wanted) {
		return contentDiffers(want, got, false)
	}
	// A date, or a mark of ours, that somebody else has put on a grant makes it another one.
	for _, name := range slices.Sorted(maps.Keys(live.GetAnnotations())) {
		if _, meant := wanted.GetAnnotations()[name]; !meant && strings.HasPrefix(name, ownPrefix) {
			return leaf{path: []string{"metadata", "annotations", name}}.field()
		}
	}
	return contentDiffers(want, got, true)
}

// otherThan returns the first field in which live is not the object that was meant to go, empty when it is still the
// same grant, the same limit, the same role.
func otherThan(meant, live *unstructured.Unstructured) string {
	want, got := normal(meant), normal(live)
	a, b := meant.GetAnnotations(), live.GetAnnotations()
	names := map[string]string{}
	maps.Copy(names, a)
	maps.Copy(names, b)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if Identifies(name) && a[name] != b[name] {
			return leaf{path: []string{"metadata", "annotations", name}}.field()
		}
	}
	return contentDiffers(want, got, true)
}

func contentDiffers(want, got map[string]any, exact bool) string {
	want, got = maps.Clone(want), maps.Clone(got)
	ignored := []string{"apiVersion", "kind", "metadata", "status"}
	if want["kind"] == "ServiceAccount" {
		ignored = append(ignored, "secrets") // its controller's
	}
	if want["aggregationRule"] != nil {
		ignored = append(ignored, "rules") // its controller's
	}
	for _, name := range ignored {
		delete(want, name)
		delete(got, name)
	}
	return mapLacks(want, got, "", exact)
}

// grants reports whether the object says who may do what.
func grants(o *unstructured.Unstructured) bool {
	group := o.GroupVersionKind().Group
	return group == rbacv1.GroupName || group == "security.istio.io"
}

// normal returns a copy of the object's content as the server would store it: RBAC's API groups are filled in.
// Source: pkg/apis/rbac/v1/defaults.go of kubernetes.
func normal(o *unstructured.Unstructured) map[string]any {
	content := manifest(o).Object
	if o.GroupVersionKind().Group != rbacv1.GroupName {
		return content
	}
	if ref, ok := content["roleRef"].(map[string]any); ok && isEmpty(ref["apiGroup"]) {
		ref["apiGroup"] = rbacv1.GroupName
	}
	subjects, _ := content["subjects"].([]any)
	for _, s := range subjects {
		if subject, ok := s.(map[string]any); ok && isEmpty(subject["apiGroup"]) &&
			(subject["kind"] == rbacv1.UserKind || subject["kind"] == rbacv1.GroupKind) {
			subject["apiGroup"] = rbacv1.GroupName
		}
	}
	return content
}

// lacks returns the first field of want that got has not, or has otherwise; with exact, also one that only got has.
func lacks(want, got any, path string, exact bool) string {
	if isEmpty(want) && isEmpty(got) {
		return ""
	}
	wantMap, isMap := want.(map[string]any)
	gotMap, gotIsMap := got.(map[string]any)
	wantList, isList := want.([]any)
	gotList, gotIsList := got.([]any)
	switch {
	case isMap && gotIsMap && len(wantMap) > 0:
		return mapLacks(wantMap, gotMap, path, exact)
	case isList && gotIsList && len(wantList) == len(gotList):
		for i := range wantList {
			if field := lacks(wantList[i], gotList[i], path+"["+strconv.Itoa(i)+"]", exact); field != "" {
				return field
			}
		}
		return ""
	case sameValue(want, got), !exact && !strings.HasPrefix(path, "metadata.") && sameQuantity(want, got):
		return ""
	}
	return path
}

func mapLacks(want, got map[string]any, path string, exact bool) string {
	names := maps.Clone(want)
	if exact {
		maps.Copy(names, got)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		inner := strings.TrimPrefix(path+"."+name, ".")
		if field := lacks(want[name], got[name], inner, exact); field != "" {
			return field
		}
	}
	return ""
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	case string:
		return v == ""
	}
	return false
}

// sameQuantity reports whether two amounts are equal, however they are written: servers write 1000m as 1.
func sameQuantity(a, b any) bool {
	x, err := resource.ParseQuantity(text(a))
	if err != nil {
		return false
	}
	y, err := resource.ParseQuantity(text(b))
	return err == nil && x.Cmp(y) == 0
}

func text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// sameValue compares two values of JSON; a number is one, however it was decoded.
func sameValue(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, sameValue)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameValue)
	case int64, float64, int:
		return number(a) != "" && number(a) == number(b)
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}

func number(value any) string {
	if n, ok := value.(int); ok {
		return strconv.Itoa(n)
	}
	if _, isText := value.(string); isText {
		return ""
	}
	return text(value)
}
