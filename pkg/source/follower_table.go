package source

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

// records are the objects of one resource, as they change. A list is collected beside them, and takes their place when
// it is whole. The track that reads the resource and the one who publishes use them at the same time.
type records interface {
	kube.Sink
	label(kind schema.GroupVersionKind)
	// end ends the list that was collected: it is whole. It takes a while for a long one.
	end()
	// replace puts the list that ended in the place of what was there.
	replace()
	// change notes what a watch tells.
	change(event kube.Event) error
	// settle makes what was noted so far part of the objects. It reports whether they are others than at the last call, and
	// whether that goes for what snapshots have of them.
	settle() (whole, access bool)
	// publish adds the objects to a frame; none of them, nor their order, changes any more.
	publish(f *frame)
	// count is how many there are; until a list was whole, how many have come.
	count() int
}

// decoder reads single objects. It belongs to one goroutine.
type decoder[T any] interface {
	// label begins a list of that version and kind, which its items don't say.
	label(kind schema.GroupVersionKind)
	decode(data []byte, encoding kube.Encoding) (T, error)
}

// table implements [records]: it keeps objects by namespace and name.
type table[T any] struct {
	decoder[T]
	key func(T) objectKey
	add func(*frame, []T)
	// also is a second form of the same objects, or nil.
	also face[T]

	coming  []T
	arrived atomic.Int64 // how many are coming
	same    bool         // what has come is what was there

	mu      sync.Mutex
	items   []T // never changed once it is here, since moments share it
	held    bool
	fresh   bool // the items are others than at the last settle
	changed map[objectKey]edit[T]
}

func newTable[T any](from decoder[T], key func(T) objectKey, add func(*frame, []T)) *table[T] {
	return &table[T]{decoder: from, key: key, add: add, changed: map[objectKey]edit[T]{}}
}

// inventoryTable keeps the objects of a Go type for an inventory.
func inventoryTable[P labelled](from decoder[P], into func(*inventory.Inventory) *[]P) *table[P] {
	return newTable(from, keyOf, func(f *frame, items []P) { join(into(f.inventory), items) })
}

// keyOf is the key of a whole object.
func keyOf[P metav1.Object](o P) objectKey { return objectKey{o.GetNamespace(), o.GetName()} }

// join puts the objects of a resource into a list, after those of others or sorted among them.
func join[P labelled](list *[]P, items []P) {
	if len(*list) == 0 {
		*list = slices.Clip(items)
		return
	}
	storeSorted(list, items)
}

// Item implements [kube.Sink].
func (t *table[T]) Item(data []byte, encoding kube.Encoding) error {
	item, err := t.decode(data, encoding)
	if err != nil {
		return err
	}
	t.coming = append(t.coming, item)
	t.arrived.Add(1)
	return nil
}

// Restart implements [kube.Sink].
func (t *table[T]) Restart() {
	t.coming = nil
	t.arrived.Store(0)
}

func (t *table[T]) end() {
	compare := func(a, b T) int { return compareKeys(t.key(a), t.key(b)) }
	if !slices.IsSortedFunc(t.coming, compare) {
		slices.SortFunc(t.coming, compare)
	}
	t.mu.Lock()
	before, settled := t.items, t.held && len(t.changed) == 0
	t.mu.Unlock()
	t.same = settled && slices.EqualFunc(before, t.coming, func(a, b T) bool { return reflect.DeepEqual(a, b) })
}

func (t *table[T]) replace() {
	items := t.coming
	t.Restart()
	if t.same {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.items, t.held, t.fresh = items, true, true
	clear(t.changed)
	if t.also != nil {
		t.also.replace(items)
	}
}

func (t *table[T]) change(event kube.Event) error {
	item, err := t.decode(event.Object, event.Encoding)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.changed[t.key(item)] = edit[T]{item: item, put: event.Change != kube.Deleted}
	return nil
}

func (t *table[T]) settle() (whole, access bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fresh := t.fresh
	t.fresh = false
	edits := t.edits()
	if len(edits) == 0 {
		return fresh, fresh
	}
	t.items = splice(t.items, edits, func(item T) T { return item })
	return true, t.also == nil || t.also.splice(edits) || fresh
}

// edits takes what was noted, and says for each object where it belongs, in order. What is noted of an object as it is,
// since not all of it is kept, is no edit.
func (t *table[T]) edits() []edit[T] {
	edits := make([]edit[T], 0, len(t.changed))
	from := 0
	for _, key := range slices.SortedFunc(maps.Keys(t.changed), compareKeys) {
		e := t.changed[key]
		at, there := slices.BinarySearchFunc(t.items[from:], key, func(item T, key objectKey) int {
			return compareKeys(t.key(item), key)
		})
		from += at
		e.at, e.there = from, there
		if same := there && e.put && reflect.DeepEqual(t.items[from], e.item); !same && (there || e.put) {
			edits = append(edits, e)
		}
	}
	clear(t.changed)
	return edits
}

func (t *table[T]) publish(f *frame) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.add(f, t.items)
	if t.also != nil {
		t.also.publish(f)
	}
}

func (t *table[T]) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held {
		return len(t.items)
	}
	return int(t.arrived.Load())
}

func compareKeys(a, b objectKey) int {
	if a.namespace != b.namespace {
		return cmp.Compare(a.namespace, b.namespace)
	}
	return cmp.Compare(a.name, b.name)
}

// edit is what happens at one position of a sorted list.
type edit[T any] struct {
	at int
	// there says that the object at the position is the one that was changed or deleted; else one comes before it.
	there bool
	item  T
	put   bool // else it was deleted
}

// splice returns a list with edits, which are in the order of their positions. The old one stays as it is.
func splice[T, U any](list []U, edits []edit[T], form func(T) U) []U {
	out := make([]U, 0, len(list)+len(edits))
	from := 0
	for _, e := range edits {
		out = append(out, list[from:e.at]...)
		if from = e.at; e.there {
			from++
		}
		if e.put {
			out = append(out, form(e.item))
		}
	}
	return append(out, list[from:]...)
}

// face is a form of the objects of a table, in the same order.
type face[T any] interface {
	replace(items []T)
	// splice reports whether the form is another after the edits.
	splice(edits []edit[T]) bool
	publish(f *frame)
}

// derived is a [face] that is made of each object by itself.
type derived[T, U any] struct {
	form func(T) U
	add  func(*frame, []U)
	list []U
}

func (d *derived[T, U]) replace(items []T) {
	d.list = make([]U, len(items))
	for i, item := range items {
		d.list[i] = d.form(item)
	}
}

func (d *derived[T, U]) splice(edits []edit[T]) bool {
	if !slices.ContainsFunc(edits, d.differs) {
		return false
	}
	d.list = splice(d.list, edits, d.form)
	return true
}

func (d *derived[T, U]) differs(e edit[T]) bool {
	return !e.there || !e.put || !reflect.DeepEqual(d.list[e.at], d.form(e.item))
}

func (d *derived[T, U]) publish(f *frame) { d.add(f, d.list) }
