package workspace

import (
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
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
}

// NewState returns the state that an inventory shows.
func NewState(inv *inventory.Inventory, o Options) *State {
	s := &State{Inventory: inv, Flavor: o.Flavor, Now: o.Now, Istio: inv.Served[inventory.Policies]}
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
		s.Config, s.Pinned = kubeflow.DiscoverConfig(inv.Deployments, inv.ConfigMaps)
		if !s.Pinned {
			s.Config = kubeflow.DefaultConfig()
		}
	}
	return s
}

// DetectFlavor returns Kubeflow when its profiles are served, or when they can't be read and a namespace looks like the
// work of its controller; else Native.
func DetectFlavor(inv *inventory.Inventory) Flavor {
	if inv.Served[inventory.Profiles] || len(inv.Profiles) > 0 {
		return Kubeflow
	}
	for _, ns := range inv.Namespaces {
		if ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile {
			return Kubeflow
		}
	}
	return Native
}

// ConfigFor returns the configuration that policies of a namespace should agree with: that of the controller or of the
// flags; else what the owner's policy in the namespace shows; else the defaults.
func (s *State) ConfigFor(namespace string) kubeflow.Config {
	if s.Pinned {
		return s.Config
	}
	for _, policy := range s.byNamespace().policies[namespace] {
		if policy.GetName() != kubeflow.OwnerPolicy {
			continue
		}
		if config, ok := kubeflow.ConfigFromOwnerPolicy(policy); ok {
			return config
		}
	}
	return s.Config
}

// FlavorOf returns the flavor of an existing workspace, or of a namespace that may become one.
func (s *State) FlavorOf(namespace string) Flavor {
	if s.Profile(namespace) != nil {
		return Kubeflow
	}
	if ns := s.Namespace(namespace); ns != nil {
		switch {
		case ns.Labels[Label] == "true":
			return Native
		case ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile:
			return Kubeflow
		case s.Inventory.Served[inventory.Profiles] && len(s.Inventory.Missing(inventory.Profiles)) == 0:
			// All profiles are known, and it is none.
			if _, owned := ns.Annotations[kubeflow.OwnerAnnotation]; !owned && s.byNamespace().owner(namespace) == nil {
				return Native
			}
			return Kubeflow
		}
	}
	if s.byNamespace().owner(namespace) != nil {
		return Kubeflow
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
	accounts   map[string][]string
}

// byNamespace sorts the objects out, once.
func (s *State) byNamespace() *byNamespace {
	s.once.Do(func() {
		s.sorted = &byNamespace{
			profiles:   map[string]*unstructured.Unstructured{},
			namespaces: map[string]*corev1.Namespace{},
			bindings:   map[string][]*rbacv1.RoleBinding{},
			policies:   map[string][]*unstructured.Unstructured{},
			quotas:     map[string][]*corev1.ResourceQuota{},
			accounts:   map[string][]string{},
		}
		for _, p := range s.Inventory.Profiles {
			s.sorted.profiles[p.GetName()] = p
		}
		for _, ns := range s.Inventory.Namespaces {
			s.sorted.namespaces[ns.Name] = ns
		}
		for _, b := range s.Inventory.RoleBindings {
			s.sorted.bindings[b.Namespace] = append(s.sorted.bindings[b.Namespace], b)
		}
		for _, p := range s.Inventory.Policies {
			s.sorted.policies[p.GetNamespace()] = append(s.sorted.policies[p.GetNamespace()], p)
		}
		for _, q := range s.Inventory.Quotas {
			s.sorted.quotas[q.Namespace] = append(s.sorted.quotas[q.Namespace], q)
		}
		for _, a := range s.Inventory.ServiceAccounts {
			s.sorted.accounts[a.Namespace] = append(s.sorted.accounts[a.Namespace], a.Name)
		}
	})
	return s.sorted
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
	out := make([]string, 0, len(names))
	for ns := range names {
		out = append(out, ns)
	}
	slices.Sort(out)
	return out
}

// system reports whether a subject's or binding's name is one that Kubernetes itself made.
func system(name string) bool { return strings.HasPrefix(name, "system:") }
