package queue

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// State is what questions about queues are answered from, and plans and findings made. It does not change, and may be used
// by several goroutines.
type State struct {
	Inventory *inventory.Inventory
	// Rights are the roles and bindings of the same source, compiled; nil where nobody asked for them.
	Rights *rbac.Index
	Now    time.Time
	// Serves says whether a live cluster serves a resource, for whoever knows; nil takes what the snapshot of Rights has of
	// that, and all to be served without. It must not be set once questions have been asked.
	Serves func(group, resource string) bool

	queues   []Queue
	byName   map[string]*Queue
	settings kaiwo.Settings
	kueue    kueue.Config
	// told says that kueue is what Kueue's ConfigMap says, and wrong why it could not be read.
	told  bool
	wrong error
	// spaces are all namespaces that are known of, sorted, each with its number in number.
	spaces []space
	number map[string]int
	// whole says that there are no namespaces but these.
	whole bool
	// locals are where LocalQueues lead, and named the namespaces that have one of a name.
	locals map[Local]string
	named  map[string][]string

	// What has been worked out.
	lock    sync.Mutex
	holders map[string]*holders
	matched map[string][]bool
	known   *identities

	readOnce sync.Once
	read     *grantRead
	// listing names the queues of Kaiwo that list a namespace.
	listing func() map[string][]string
}

// space is a namespace.
type space struct {
	name string
	// object is nil where the namespace is only named by other objects.
	object *corev1.Namespace
	// labels are those that selectors look at: with the one by which the API server repeats the name.
	labels labels.Set
	// closed says that nothing can be created in it: it is not there, or being deleted.
	closed bool
	// managed says that Kueue manages it, manageable that it would with other labels.
	managed, manageable bool
}

// NewState returns the state that an inventory shows.
func NewState(inv *inventory.Inventory, rights *rbac.Index, now time.Time) *State {
	s := &State{
		Inventory: inv, Rights: rights, Now: now, queues: Read(inv), byName: map[string]*Queue{}, locals: map[Local]string{}, named: map[string][]string{},
		holders: map[string]*holders{}, matched: map[string][]bool{},
	}
	for i := range s.queues {
		s.byName[s.queues[i].Name] = &s.queues[i]
	}
	if config := s.SettingsObject(); config != nil {
		s.settings = kaiwo.ParseSettings(config.Object)
	} else {
		s.settings = kaiwo.ParseSettings(nil)
	}
	s.readKueue()
	for _, object := range inv.Objects(inventory.LocalQueues) {
		s.locals[Local{object.GetNamespace(), object.GetName()}] = text(object.Object, "spec", "clusterQueue")
		s.named[object.GetName()] = append(s.named[object.GetName()], object.GetNamespace())
	}
	s.readSpaces()
	s.listing = sync.OnceValue(s.readListing)
	return s
}

// readKueue reads Kueue's configuration. Where it can't be read, Kueue is taken to be as it was installed.
func (s *State) readKueue() {
	s.kueue = kueue.Shipped()
	for _, object := range s.Inventory.Objects(inventory.QueueOperators) {
		if object.GetKind() != "ConfigMap" || object.GetNamespace() != kueue.SystemNamespace || object.GetName() != kueue.ConfigMap {
			continue
		}
		read, err := kueue.ParseConfig(text(object.Object, "data", kueue.ConfigKey))
		if s.wrong = err; err == nil {
			s.kueue, s.told = read, true
		}
	}
}

func (s *State) readSpaces() {
	found := map[string]*corev1.Namespace{}
	for _, ns := range s.Inventory.Namespaces {
		found[ns.Name] = ns
	}
	s.whole = len(s.Inventory.Missing(inventory.Namespaces)) == 0 && (s.Inventory.Live || len(found) > 0)
	name := func(names ...string) {
		for _, ns := range names {
			if _, known := found[ns]; !known && ns != "" {
				found[ns] = nil
			}
		}
	}
	for i := range s.queues {
		name(s.queues[i].Named()...)
	}
	for l := range s.locals {
		name(l.Namespace)
	}
	if s.Rights != nil {
		name(s.Rights.Namespaces()...)
	}
	for ns, object := range found {
		n := space{name: ns, object: object, labels: labels.Set{}}
		if object != nil {
			maps.Copy(n.labels, object.Labels)
		}
		n.labels[corev1.LabelMetadataName] = ns
		n.closed = n.terminating() || s.lacks(ns, object)
		n.managed, n.manageable = object == nil || s.kueue.Manages(ns, n.labels), reachable(s.kueue.Selector, ns)
		s.spaces = append(s.spaces, n)
	}
	slices.SortFunc(s.spaces, func(a, b space) int { return cmp.Compare(a.name, b.name) })
	s.number = make(map[string]int, len(s.spaces))
	for i := range s.spaces {
		s.number[s.spaces[i].name] = i
	}
}

// lacks reports whether there is no such namespace. Those that an API server makes itself are always there, though manifests
// hardly have them.
func (s *State) lacks(name string, object *corev1.Namespace) bool {
	switch name {
	case metav1.NamespaceDefault, metav1.NamespaceSystem, metav1.NamespacePublic, corev1.NamespaceNodeLease:
		return false
	}
	return object == nil && s.whole
}

// Queues returns the queues, by name. The slice is shared.
func (s *State) Queues() []Queue { return s.queues }

// Queue returns the queue of that name, or nil.
func (s *State) Queue(name string) *Queue { return s.byName[name] }

// Config returns the KaiwoQueueConfig that Kaiwo reads, or nil.
func (s *State) Config() *unstructured.Unstructured {
	return objectNamed(s.Inventory.Objects(inventory.QueueConfigs), kaiwo.ConfigName)
}

// SettingsObject returns the KaiwoConfig that Kaiwo reads, or nil: then its defaults hold.
func (s *State) SettingsObject() *unstructured.Unstructured {
	return objectNamed(s.Inventory.Objects(inventory.KaiwoConfigs), kaiwo.ConfigName)
}

func objectNamed(objects []*unstructured.Unstructured, name string) *unstructured.Unstructured {
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool { return o.GetName() == name })
	if i < 0 {
		return nil
	}
	return objects[i]
}

// Settings returns what KaiwoConfig says of queues, or Kaiwo's defaults.
func (s *State) Settings() kaiwo.Settings { return s.settings }

// Default reports whether workloads of Kaiwo that name no queue go into this one.
func (s *State) Default(q *Queue) bool { return q.Kaiwo && q.Name == s.settings.DefaultQueue }

// Kueue returns whose work Kueue takes. The second result is false when its configuration was not read, so that it is taken
// to be as it was installed; the error then says what is wrong with it, if it is there.
func (s *State) Kueue() (kueue.Config, bool, error) { return s.kueue, s.told, s.wrong }

// Foreseen reports whether the objects that Kaiwo makes of its queue configuration are taken to be as it will make them: in
// manifests that have the configuration, and no ClusterQueue.
func (s *State) Foreseen() bool {
	return !s.Inventory.Live && s.Config() != nil && len(s.Inventory.Objects(inventory.ClusterQueues)) == 0
}

// Unread reports whether not all objects of a kind could be read: then one that is not among them may be there.
func (s *State) Unread(kind inventory.Kind) bool { return len(s.Inventory.Missing(kind)) > 0 }

// Namespace returns a namespace, or nil.
func (s *State) Namespace(name string) *corev1.Namespace {
	i, known := s.number[name]
	if !known {
		return nil
	}
	return s.spaces[i].object
}

// AllNamespaces reports whether all namespaces were read, so that one which is not among them is not there.
func (s *State) AllNamespaces() bool { return s.whole }

// Managed reports whether Kueue manages a namespace. One whose labels are not known is taken to be managed.
func (s *State) Managed(namespace string) bool {
	i, known := s.number[namespace]
	return !known || s.spaces[i].managed
}

// Leads returns the ClusterQueue to which a LocalQueue leads; false when there is no such LocalQueue. With [State.Foreseen]
// that of a queue's own name is there in the namespaces that it lists.
func (s *State) Leads(namespace, name string) (string, bool) {
	if to, ok := s.locals[Local{namespace, name}]; ok {
		return to, true
	}
	if q := s.byName[name]; q != nil && q.lists(namespace) && s.Foreseen() {
		return name, true
	}
	return "", false
}

func (q *Queue) lists(namespace string) bool {
	_, found := slices.BinarySearch(q.Listed, namespace)
	return found
}
