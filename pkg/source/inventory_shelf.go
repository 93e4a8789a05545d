package source

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utiljson "k8s.io/apimachinery/pkg/util/json"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

// shelf collects the objects of one resource.
type shelf interface {
	kube.Sink
	// label sets the version and kind of the objects that come from a list, which don't say it.
	label(kind schema.GroupVersionKind)
	// convert makes an object of the contents of a manifest. Beside errors, it tells of fields that there are not; they
	// are ignored.
	convert(content map[string]any) (object metav1.Object, unknown []error, err error)
	// put adds an object that convert has made.
	put(object metav1.Object)
	// store moves the objects to an inventory, by namespace and name.
	store(inv *inventory.Inventory)
	// table returns what keeps the objects of the resource current for inventories.
	table() records
}

// labelled is an object that says its version and kind.
type labelled interface {
	metav1.Object
	runtime.Object
}

// typedObject is a pointer to a Go type of an API.
type typedObject[T any] interface {
	*T
	labelled
	Unmarshal(data []byte) error
}

// typedDecoder reads objects that have a Go type.
type typedDecoder[T any, P typedObject[T]] struct{ kind schema.GroupVersionKind }

func (d *typedDecoder[T, P]) label(kind schema.GroupVersionKind) { d.kind = kind }

func (d *typedDecoder[T, P]) decode(data []byte, encoding kube.Encoding) (P, error) {
	item := P(new(T))
	if encoding == kube.JSON {
		if err := json.Unmarshal(data, item); err != nil {
			return nil, fmt.Errorf("read object: %w", err)
		}
	} else if err := unmarshal(item, data); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	item.SetManagedFields(nil)
	item.GetObjectKind().SetGroupVersionKind(d.kind)
	return item, nil
}

// typedShelf is the shelf of a resource that has a Go type.
type typedShelf[T any, P typedObject[T]] struct {
	typedDecoder[T, P]
	into  func(*inventory.Inventory) *[]P
	items []P
}

func newShelf[T any, P typedObject[T]](into func(*inventory.Inventory) *[]P) func() shelf {
	return func() shelf { return &typedShelf[T, P]{into: into} }
}

// Item implements [kube.Sink].
func (s *typedShelf[T, P]) Item(data []byte, encoding kube.Encoding) error {
	item, err := s.decode(data, encoding)
	if err != nil {
		return err
	}
	s.items = append(s.items, item)
	return nil
}

// Restart implements [kube.Sink].
func (s *typedShelf[T, P]) Restart() { s.items = nil }

func (s *typedShelf[T, P]) convert(content map[string]any) (metav1.Object, []error, error) {
	item := P(new(T))
	unknown, err := fromContent(content, item)
	return item, unknown, err
}

// fromContent fills in a Go type. Beside errors it tells of fields that the type doesn't have.
func fromContent(content map[string]any, into any) ([]error, error) {
	err := runtime.DefaultUnstructuredConverter.FromUnstructuredWithValidation(content, into, true)
	if strict, ok := runtime.AsStrictDecodingError(err); ok {
		return strict.Errors(), nil
	}
	if err == nil {
		return nil, nil
	}
	// The converter doesn't say where it stumbled; JSON does.
	data, encodeErr := json.Marshal(content)
	if encodeErr == nil {
		if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](json.Unmarshal(data, into)); ok {
			err = fmt.Errorf("%s: want %s, got %s", mismatch.Field, goKind(mismatch.Type), mismatch.Value)
		}
	}
	return nil, err
}

// goKind says in words what a field of a Go type takes.
func goKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Pointer:
		return "an object"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	default:
		return "a number"
	}
}

func (s *typedShelf[T, P]) put(object metav1.Object) {
	if item, ok := object.(P); ok {
		s.items = append(s.items, item)
	}
}

func (s *typedShelf[T, P]) store(inv *inventory.Inventory) { storeSorted(s.into(inv), s.items) }

func (s *typedShelf[T, P]) table() records { return inventoryTable(&s.typedDecoder, s.into) }

// documents lets the objects that an inventory has of a custom resource be added to.
type documents = func(inv *inventory.Inventory, add func(*[]*unstructured.Unstructured))

// customDecoder reads custom resources, and others that are kept like them.
type customDecoder struct {
	kind schema.GroupVersionKind
	// unfold reads protobuf, which custom resources don't come in: nil.
	unfold func(data []byte) (map[string]any, error)
	// hide takes out what is secret; nil when nothing is.
	hide hiding
}

func (d *customDecoder) label(kind schema.GroupVersionKind) { d.kind = kind }

func (d *customDecoder) decode(data []byte, encoding kube.Encoding) (*unstructured.Unstructured, error) {
	content, err := d.content(data, encoding)
	switch {
	case err != nil && d.hide != nil:
		return nil, errors.New("read object: the answer is broken")
	case err != nil:
		return nil, fmt.Errorf("read object: %w", err)
	case content == nil:
		return nil, errors.New("read object: it is null")
	}
	item := &unstructured.Unstructured{Object: content}
	item.SetManagedFields(nil)
	item.SetGroupVersionKind(d.kind)
	if d.hide != nil {
		d.hide(item)
	}
	return item, nil
}

func (d *customDecoder) content(data []byte, encoding kube.Encoding) (content map[string]any, err error) {
	switch {
	case encoding == kube.JSON:
		return content, utiljson.Unmarshal(data, &content)
	case d.unfold != nil:
		return d.unfold(data)
	}
	return nil, errors.New("a custom resource came as protobuf")
}

// customShelf is the shelf of a custom resource.
type customShelf struct {
	customDecoder
	into  documents
	items []*unstructured.Unstructured
}

// Item implements [kube.Sink].
func (s *customShelf) Item(data []byte, encoding kube.Encoding) error {
	item, err := s.decode(data, encoding)
	if err != nil {
		return err
	}
	s.items = append(s.items, item)
	return nil
}

// Restart implements [kube.Sink].
func (s *customShelf) Restart() { s.items = nil }

// convert checks the metadata; what else is in a custom resource only its definition knows.
func (s *customShelf) convert(content map[string]any) (metav1.Object, []error, error) {
	var metadata metav1.PartialObjectMetadata
	unknown, err := fromContent(map[string]any{"metadata": content["metadata"]}, &metadata)
	item := &unstructured.Unstructured{Object: content}
	if s.hide != nil {
		s.hide(item)
	}
	return item, unknown, err
}

func (s *customShelf) put(object metav1.Object) {
	if item, ok := object.(*unstructured.Unstructured); ok {
		s.items = append(s.items, item)
	}
}

func (s *customShelf) store(inv *inventory.Inventory) {
	s.into(inv, func(list *[]*unstructured.Unstructured) { storeSorted(list, s.items) })
}

func (s *customShelf) table() records {
	return newTable(&s.customDecoder, keyOf, func(f *frame, items []*unstructured.Unstructured) {
		s.into(f.inventory, func(list *[]*unstructured.Unstructured) { join(list, items) })
	})
}

// storeSorted adds objects to a list, and sorts it by namespace and name. Objects of several kinds keep the kinds
// apart.
func storeSorted[P labelled](list *[]P, items []P) {
	*list = append(*list, items...)
	slices.SortStableFunc(*list, func(a, b P) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()),
			cmp.Compare(a.GetObjectKind().GroupVersionKind().Kind, b.GetObjectKind().GroupVersionKind().Kind))
	})
}
