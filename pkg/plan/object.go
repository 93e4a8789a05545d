package plan

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// FromObjects returns unstructured copies of typed or unstructured objects, without status. A typed object must carry
// its kind and version: typed clients leave them out.
func FromObjects(objects ...runtime.Object) ([]*unstructured.Unstructured, error) {
	out := make([]*unstructured.Unstructured, 0, len(objects))
	for i, object := range objects {
		if object == nil {
			return nil, fmt.Errorf("convert object %d: it is nil", i)
		}
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
		if err != nil {
			return nil, fmt.Errorf("convert object %d: %w", i, err)
		}
		u := &unstructured.Unstructured{Object: runtime.DeepCopyJSON(content)}
		if u.GetKind() == "" || u.GetAPIVersion() == "" {
			return nil, fmt.Errorf("convert object %d (%T): it has no kind or version", i, object)
		}
		delete(u.Object, "status")
		if u.GetCreationTimestamp().Time.IsZero() {
			unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
		}
		out = append(out, u)
	}
	return out, nil
}

// Unchanged reports whether the step is an update to what the object already is, apart from what only the server
// writes: its status, and the fields of its metadata that count, date and identify versions.
func (s Step) Unchanged() bool {
	if s.Verb != Update || s.Object == nil || s.Old == nil {
		return false
	}
	if s.Object == s.Old {
		return true
	}
	return equality.Semantic.DeepEqual(manifest(s.Object).Object, manifest(s.Old).Object)
}

// Manifests returns the objects as they would be after the plan, in the order of its steps, ready to be kept in a
// repository: copies, without what the server writes. Deletes have no manifest: see [Plan.Strings].
func (p Plan) Manifests() []*unstructured.Unstructured {
	out := []*unstructured.Unstructured{}
	for _, s := range p.Steps {
		if s.Verb != Delete && s.Object != nil {
			out = append(out, manifest(s.Object))
		}
	}
	return out
}

// manifest returns a copy of o as a person would have written it.
func manifest(o *unstructured.Unstructured) *unstructured.Unstructured {
	c := o.DeepCopy()
	delete(c.Object, "status")
	for _, field := range []string{
		"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
		"resourceVersion", "selfLink", "uid",
	} {
		unstructured.RemoveNestedField(c.Object, "metadata", field)
	}
	for _, field := range []string{"annotations", "labels"} {
		if m, found, err := unstructured.NestedMap(c.Object, "metadata", field); err == nil && found && len(m) == 0 {
			unstructured.RemoveNestedField(c.Object, "metadata", field)
		}
	}
	return c
}
