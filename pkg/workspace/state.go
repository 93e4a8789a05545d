package workspace

import (
	"maps"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Options say what the user knows better than the objects.
type Options struct {
	// Flavor is that of new workspaces; empty to find it out.
	Flavor Flavor
	// Config replaces what the cluster says about Kubeflow's configuration; nil to find it out.
	Config *kubeflow.Config
	// Istio says whether policies are to be written; nil to find it out.
	Istio *bool
	// Now is the time to judge expiry by.
	Now time.Time
	// Asker is whoever makes changes, and Only the namespace that was read: see [State].
	Asker, Only string
}

// NewState returns the state that an inventory shows.
func NewState(inv *inventory.Inventory, o Options) *State {
	s := &State{
		Inventory: inv, Flavor: o.Flavor, Chosen: o.Flavor, Now: o.Now, Asker: o.Asker, Only: o.Only,
		Istio: inv.Served[inventory.Policies],
	}
	if s.Flavor == "" {
		s.Flavor = DetectFlavor(inv)
	}
	if o.Istio != nil {
		s.Istio = *o.Istio
	}
	switch {
	case o.Config != nil:
		s.Config, s.Pinned = o.Config.WithDefaults(), true
	default:
		s.Config, s.Pinned = discover(inv)
	}
	if !inv.Live && len(inv.Profiles) > 0 && o.Istio == nil {
		// Kubeflow's controller does not run without Istio, whether or not the manifests at hand have policies.
		s.Istio = true
	}
	return s
}

// At returns the state at another time. What was worked out that does not depend on it is shared.
func (s *State) At(now time.Time) *State {
	next := &State{
		Inventory: s.Inventory, Flavor: s.Flavor, Chosen: s.Chosen, Istio: s.Istio, Config: s.Config, Pinned: s.Pinned, Now: now,
		Asker: s.Asker, Only: s.Only,
	}
	next.once.Do(func() { next.sorted = s.byNamespace() })
	s.members.Range(func(namespace, members any) bool {
		next.members.Store(namespace, members)
		return true
	})
	return next
}

// discover returns the configuration of the controller, and whether it is one that policies have to agree with: when what
// it says of them could not be read in full, it only tells the rest, and of policies the defaults are a guess.
func discover(inv *inventory.Inventory) (kubeflow.Config, bool) {
	config, ok := kubeflow.DiscoverConfig(inv.Deployments, inv.ConfigMaps)
	switch {
	case !ok:
		return kubeflow.DefaultConfig(), false
	case config.UserIDHeader == "" || config.GatewayPrincipals == nil:
		guess := kubeflow.DefaultConfig()
		guess.NamespaceLabels, guess.Admins = config.NamespaceLabels, config.Admins
		return guess, false
	}
	return config.WithDefaults(), true
}

// DetectFlavor returns Kubeflow when its profiles are served, or when they can't be read and a namespace looks like the
// work of its controller; else Kalm when its role bindings are served, and else Native.
func DetectFlavor(inv *inventory.Inventory) Flavor {
	if inv.Served[inventory.Profiles] || len(inv.Profiles) > 0 {
		return Kubeflow
	}
	for _, ns := range inv.Namespaces {
		if ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile {
			return Kubeflow
		}
	}
	if inv.Served[inventory.KalmBindings] || len(inv.Objects(inventory.KalmBindings)) > 0 {
		return Kalm
	}
	return Native
}

// ConfigFor returns the configuration that policies of a namespace should agree with: that of the controller or of the
// flags; else what the owner's policy in the namespace shows, or the owner's policy of another one; else the defaults.
//
// An owner's policy of a release before 1.8 names no gateway. The gateway is then as another owner's policy has it; when
// none has, GatewayPrincipals is empty and not nil, and policies are to name none, as in those releases.
func (s *State) ConfigFor(namespace string) kubeflow.Config {
	if s.Pinned {
		return s.Config
	}
	sorted := s.byNamespace()
	own := sorted.policy(namespace, kubeflow.OwnerPolicy)
	if own == nil {
		return sorted.elsewhere(s.Config)
	}
	config, ok := kubeflow.ConfigFromOwnerPolicy(own)
	config.NamespaceLabels, config.Admins = s.Config.NamespaceLabels, s.Config.Admins
	switch {
	case !ok:
		return sorted.elsewhere(s.Config)
	case len(config.GatewayPrincipals) == 0:
		if other := sorted.elsewhere(config); len(other.GatewayPrincipals) > 0 {
			config.GatewayPrincipals, config.Source = other.GatewayPrincipals, other.Source
		}
	}
	return config
}

// elsewhere returns what the first owner's policy with a gateway shows, or else the given configuration.
func (b *byNamespace) elsewhere(config kubeflow.Config) kubeflow.Config {
	b.once.Do(func() {
		for _, name := range slices.Sorted(maps.Keys(b.policies)) {
			own := b.policy(name, kubeflow.OwnerPolicy)
			if own == nil {
				continue
			}
			if found, ok := kubeflow.ConfigFromOwnerPolicy(own); ok && len(found.GatewayPrincipals) > 0 {
				b.other = &found
				return
			}
		}
	})
	if b.other == nil {
		return config
	}
	found := *b.other
	found.NamespaceLabels, found.Admins = config.NamespaceLabels, config.Admins
	return found
}

// FlavorOf returns the flavor of an existing workspace, or of a namespace that may become one. A namespace that shows no
// sign of Kubeflow is Kalm's where Kalm keeps its members, and else a native one, whether or not profiles could be read.
func (s *State) FlavorOf(namespace string) Flavor {
	var (
		index = s.byNamespace()
		ns    = s.Namespace(namespace)
	)
	switch {
	case s.Profile(namespace) != nil:
		return Kubeflow
	case ns != nil && ns.Labels[Label] == "true":
		return Native
	case index.owner(namespace) != nil, ns != nil && ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile:
		return Kubeflow
	case ns != nil && s.Flavor == Kubeflow && ns.Annotations[kubeflow.OwnerAnnotation] != "":
		return Kubeflow
	case s.isKalm(namespace, ns):
		return Kalm
	case ns != nil, index.binding(namespace, OwnerBinding) != nil:
		return Native
	}
	return s.Flavor
}

// byNamespace are the objects that workspaces are read from, by the name of the workspace; in it, as the inventory has
// them.
type byNamespace struct {
	profiles   map[string]*unstructured.Unstructured
	namespaces map[string]*corev1.Namespace
	bindings   map[string][]*rbacv1.RoleBinding
	policies   map[string][]*unstructured.Unstructured
	quotas     map[string][]*corev1.ResourceQuota
	accounts   map[string][]*corev1.ServiceAccount
	kalm       map[string][]*unstructured.Unstructured
	suspended  map[rbac.Subject]bool // by Kalm

	once  sync.Once
	other *kubeflow.Config // what the first owner's policy with a gateway shows
}

// byNamespace sorts the objects out, once.
func (s *State) byNamespace() *byNamespace {
	s.once.Do(func() {
		inv := s.Inventory
		s.sorted = &byNamespace{
			profiles:   make(map[string]*unstructured.Unstructured, len(inv.Profiles)),
			namespaces: make(map[string]*corev1.Namespace, len(inv.Namespaces)),
			bindings:   sortOut(inv.RoleBindings),
			policies:   sortOut(inv.Policies),
			quotas:     sortOut(inv.Quotas),
			accounts:   sortOut(inv.ServiceAccounts),
			kalm:       sortOut(inv.Objects(inventory.KalmBindings)),
		}
		s.sorted.suspended = suspended(inv.Objects(inventory.KalmBindings))
		for _, p := range inv.Profiles {
			s.sorted.profiles[p.GetName()] = p
		}
		for _, ns := range inv.Namespaces {
			s.sorted.namespaces[ns.Name] = ns
		}
	})
	return s.sorted
}

// sortOut returns objects by namespace, in their order. Of a list that is sorted by namespace, as most are, they are parts.
func sortOut[O metav1.Object](list []O) map[string][]O {
	out := map[string][]O{}
	for first, end := 0, 0; first < len(list); first = end {
		namespace := list[first].GetNamespace()
		for end = first + 1; end < len(list) && list[end].GetNamespace() == namespace; {
			end++
		}
		if have, twice := out[namespace]; twice {
			out[namespace] = append(have, list[first:end]...)
			continue
		}
		out[namespace] = list[first:end:end]
	}
	return out
}

// Profile returns the Kubeflow profile of that name, or nil.
func (s *State) Profile(name string) *unstructured.Unstructured {
	return s.byNamespace().profiles[name]
}

// Namespace returns the namespace of that name, or nil.
func (s *State) Namespace(name string) *corev1.Namespace { return s.byNamespace().namespaces[name] }

// Bindings returns the role bindings of a namespace, by name. The slice is shared.
func (s *State) Bindings(namespace string) []*rbacv1.RoleBinding {
	return s.byNamespace().bindings[namespace]
}

// Policies returns the policies of a namespace, by name. The slice is shared.
func (s *State) Policies(namespace string) []*unstructured.Unstructured {
	return s.byNamespace().policies[namespace]
}

// Quotas returns the quotas of a namespace, by name. The slice is shared.
func (s *State) Quotas(namespace string) []*corev1.ResourceQuota {
	return s.byNamespace().quotas[namespace]
}

// owner returns the owner's role binding that Kubeflow makes.
func (b *byNamespace) owner(namespace string) *rbacv1.RoleBinding {
	return b.binding(namespace, kubeflow.OwnerBinding)
}

func (b *byNamespace) binding(namespace, name string) *rbacv1.RoleBinding {
	all := b.bindings[namespace]
	i := slices.IndexFunc(all, func(rb *rbacv1.RoleBinding) bool { return rb.Name == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

func (b *byNamespace) policy(namespace, name string) *unstructured.Unstructured {
	all := b.policies[namespace]
	i := slices.IndexFunc(all, func(p *unstructured.Unstructured) bool { return p.GetName() == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// namespaces returns the names of all namespaces that members may be read from, sorted.
func (s *State) namespaces() []string {
	names := map[string]bool{}
	for ns := range s.byNamespace().bindings {
		names[ns] = true
	}
	for ns := range s.byNamespace().policies {
		names[ns] = true
	}
	for ns := range s.byNamespace().kalm {
		names[ns] = true
	}
	out := make([]string, 0, len(names))
	for ns := range names {
		out = append(out, ns)
	}
	slices.Sort(out)
	return out
}
