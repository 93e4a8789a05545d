package workspace

import (
	"maps"
	"reflect"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// named are those whom the objects of one namespace name, in order. The slices are shared, and have no room behind them.
type named struct {
	// guests are those who are no workloads.
	guests []Member
	// all is nil until it is asked for; it is the same slice when there are no workloads.
	all []Member
}

// guests returns whom the objects of a namespace name, without workloads. They are read once.
func (s *State) guests(namespace string) []Member {
	known := s.known(namespace)
	if known == nil {
		order := inOrder(s.readMembers(namespace))
		known = &named{}
		guests := slices.DeleteFunc(slices.Clone(order), isWorkload)
		known.guests = gather(guests)
		if len(guests) == len(order) {
			known.all = known.guests
		}
		s.members.Store(namespace, known)
	}
	return known.guests
}

// all returns whom the objects of a namespace name, workloads too. They are read once.
func (s *State) all(namespace string) []Member {
	known := s.known(namespace)
	if known == nil || known.all == nil {
		known = &named{guests: s.guests(namespace), all: gather(inOrder(s.readMembers(namespace)))}
		s.members.Store(namespace, known)
	}
	return known.all
}

func (s *State) known(namespace string) *named {
	value, _ := s.members.Load(namespace)
	known, _ := value.(*named)
	return known
}

// Following returns the state that an inventory shows, as [NewState] does. What it has in common with the inventory of an
// earlier state, object by object, is not read again.
func Following(earlier *State, inv *inventory.Inventory, o Options) *State {
	s := NewState(inv, o)
	if s.Flavor != earlier.Flavor || s.Istio != earlier.Istio || !reflect.DeepEqual(inv.Gaps, earlier.Inventory.Gaps) {
		return s
	}
	// Whom a policy has to let in may be read from the policies of another namespace.
	samePolicies := s.Pinned == earlier.Pinned && reflect.DeepEqual(s.Config, earlier.Config) &&
		(s.Pinned || slices.Equal(inv.Policies, earlier.Inventory.Policies))
	earlier.members.Range(func(key, known any) bool {
		namespace, _ := key.(string)
		if s.Profile(namespace) == earlier.Profile(namespace) && s.Namespace(namespace) == earlier.Namespace(namespace) &&
			slices.Equal(s.Bindings(namespace), earlier.Bindings(namespace)) &&
			slices.Equal(s.Policies(namespace), earlier.Policies(namespace)) && s.sameKalm(earlier, namespace) &&
			(samePolicies || len(s.Policies(namespace)) == 0) {
			s.members.Store(namespace, known)
		}
		return true
	})
	return s
}

// inOrder returns the members of one namespace in order. They are large, and their addresses are quicker to sort.
func inOrder(members []Member) []*Member {
	order := make([]*Member, len(members))
	for i := range members {
		order[i] = &members[i]
	}
	slices.SortStableFunc(order, compareMembers)
	return order
}

func gather(members []*Member) []Member {
	out := make([]Member, len(members))
	for i, m := range members {
		out[i] = *m
	}
	return out
}

// readMembers reads one namespace: every subject of every binding, then the policies that belong to none of them.
func (s *State) readMembers(namespace string) []Member {
	var (
		index    = s.byNamespace()
		flavor   = s.FlavorOf(namespace)
		policies = s.readPolicies(namespace)
		bindings = index.bindings[namespace]
		unmarked = s.Inventory.Unmarked(inventory.RoleBindings)
		most     = 0
	)
	for _, binding := range bindings {
		most += len(binding.Subjects)
	}
	out := make([]Member, 0, most)
	for _, binding := range bindings {
		first := len(out)
		for _, subject := range binding.Subjects {
			who, ok := rbac.NewSubject(subject, namespace)
			if !ok || slices.ContainsFunc(out[first:], func(m Member) bool { return m.Subject == who }) {
				continue // somebody who is named twice is one member
			}
			out = append(out, Member{
				Workspace: namespace, Flavor: flavor, Subject: who, Role: RoleOf(binding.RoleRef), RoleRef: binding.RoleRef,
				Binding: binding, Expires: expiry(binding.Annotations),
				Unmarked: unmarked && len(binding.Annotations) == 0,
			})
		}
	}
	// Names first: a policy goes to the binding that has its name before another binding of the same user gets it.
	for _, belongs := range []func(*Member, *policy) bool{sameName, sameRole, sameSubject} {
		for i := range out {
			if m := &out[i]; m.Policy == nil {
				m.Policy = policies.take(m, belongs)
			}
		}
	}
	for i := range out {
		out[i].How = s.how(&out[i])
		s.tellHTTP(&out[i], policies)
	}
	for _, p := range policies.rest() {
		out = append(out, s.byPolicy(namespace, flavor, p))
	}
	return append(out, s.kalmMembers(namespace, flavor)...)
}

// sameKalm reports whether what Kalm's role bindings say of a namespace is what they said to an earlier state: its own, and
// who is suspended, which those in Kalm's namespace say.
func (s *State) sameKalm(earlier *State, namespace string) bool {
	return s.KalmServed() == earlier.KalmServed() &&
		slices.Equal(s.KalmBindings(namespace), earlier.KalmBindings(namespace)) &&
		(len(s.KalmBindings(namespace)) == 0 || maps.Equal(s.byNamespace().suspended, earlier.byNamespace().suspended))
}
