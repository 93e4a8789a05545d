package plan

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"
)

// key identifies an object, whatever the version it is written in.
type key struct{ group, kind, namespace, name string }

func keyOf(o *unstructured.Unstructured) key {
	return key{o.GroupVersionKind().Group, o.GetKind(), o.GetNamespace(), o.GetName()}
}

// Validate reports every step that could not be carried out as it stands: unknown verbs, objects without version, kind
// or a proper name, a namespace where there is none or none where there must be one, two steps for one object, updates
// without the old object, and deletes that do not say which object is meant. Deleting an object and creating it anew
// is no conflict: that is how an immutable field changes. The error joins one for each bad step; nil means valid.
func (p Plan) Validate() error {
	var errs []error
	seen := map[key]Verb{}
	for _, s := range p.Steps {
		if err := s.validate(); err != nil {
			errs = append(errs, s.wrap(err))
			continue
		}
		k := keyOf(s.target())
		other, taken := seen[k]
		switch {
		case !taken:
			seen[k] = s.Verb
		case replaces(s.Verb, other):
			// A third step for the same object is one too many, whatever its verb.
			seen[k] = Update
		default:
			errs = append(errs, s.wrap(fmt.Errorf("another step changes the same object (%s)", other)))
		}
	}
	return errors.Join(errs...)
}

func replaces(a, b Verb) bool { return a == Delete && b == Create || a == Create && b == Delete }

func (s Step) validate() error {
	if s.target() == nil {
		return errNoObject
	}
	for _, o := range []*unstructured.Unstructured{s.Object, s.Old} {
		if o == nil {
			continue
		}
		if err := validateObject(o); err != nil {
			return err
		}
	}
	if s.Object != nil && s.Old != nil && keyOf(s.Object) != keyOf(s.Old) {
		return fmt.Errorf("the old object is another one (%s)", describe(s.Old))
	}
	switch s.Verb {
	case Create:
		if s.Object == nil {
			return errNoObject
		}
		if s.Old != nil {
			return errors.New("it exists already: want an update")
		}
	case Update:
		if s.Object == nil || s.Old == nil {
			return errors.New("want both the old and the new object")
		}
		if !reflect.DeepEqual(s.Object.Object["roleRef"], s.Old.Object["roleRef"]) {
			// kube-apiserver refuses it: pkg/apis/rbac/validation, ValidateRoleBindingUpdate.
			return errors.New("a roleRef cannot be changed: want a delete and a create")
		}
	case Delete:
		if s.Old == nil && s.UID() == "" {
			return errors.New("want its UID or the object as it was read, to delete no other of that name")
		}
	default:
		return fmt.Errorf("unknown verb %q: want create, update or delete", s.Verb)
	}
	return nil
}

func validateObject(o *unstructured.Unstructured) error {
	switch {
	case o.GetKind() == "":
		return errors.New("it has no kind")
	case o.GetAPIVersion() == "":
		return errors.New("it has no apiVersion")
	case o.GetName() == "":
		return errors.New("it has no name")
	}
	if reasons := content.IsPathSegmentName(o.GetName()); len(reasons) > 0 {
		return fmt.Errorf("bad name %q: %s", o.GetName(), strings.Join(reasons, ", "))
	}
	ns := o.GetNamespace()
	if ns != "" {
		if reasons := validation.IsDNS1123Label(ns); len(reasons) > 0 {
			return fmt.Errorf("bad namespace %q: %s", ns, strings.Join(reasons, ", "))
		}
	}
	switch scope := kindOf(o).scope; {
	case scope == inNamespace && ns == "":
		return errors.New("it has no namespace")
	case scope == inCluster && ns != "":
		return fmt.Errorf("it is in namespace %q, but its kind is cluster-scoped", ns)
	}
	return nil
}
