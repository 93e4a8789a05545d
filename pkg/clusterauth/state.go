package clusterauth

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Options say what the user knows better than the objects.
type Options struct {
	// KCM is the version of KCM to reckon with, in any form that [k0rdent.EraOf] reads; empty to find it out.
	KCM string
	// Now is the time to judge expiry by; the zero time leaves it unjudged.
	Now time.Time
	// SystemNamespace is the namespace in which KCM runs; empty for k0rdent's own choice.
	SystemNamespace string
}

// State is what plans and findings are made from: what was read, and which KCM acts on it. It is made by [NewState] and
// never changes after that.
type State struct {
	Inventory *inventory.Inventory
	KCM       KCM
	// Era says which bytes that KCM writes.
	Era             k0rdent.Era
	SystemNamespace string
	// Now is the time to judge expiry by; the zero time leaves it unjudged.
	Now time.Time

	options         Options
	authentications []Authentication
	clusters        []Cluster
	copies          []Copy
	renderings      map[[2]string]*rendering // of the ClusterAuthentications, by namespace and name
	refusals        *refusals                // shared with the states that changes lead to
}

// rendering is what KCM makes of a ClusterAuthentication, found out once for all clusters that use it.
type rendering struct {
	once     sync.Once
	rendered k0rdent.Rendered
	err      error
}

// KCM is the version of k0rdent's controller that acts on the objects.
type KCM struct {
	// Version is as in "1.11.4", empty when it is not known.
	Version string `json:"version,omitempty"`
	// Source says in words how it is known: "Management kcm", "the newest that is known".
	Source string `json:"source"`
}

// NewState returns the state that an inventory shows. A version of KCM that can't be read counts as the newest: who takes
// one from a user asks [k0rdent.EraOf] first.
func NewState(inv *inventory.Inventory, o Options) *State {
	s := &State{
		Inventory: inv, Now: o.Now, options: o,
		SystemNamespace: cmp.Or(o.SystemNamespace, k0rdent.SystemNamespace),
	}
	s.KCM, s.Era = detectKCM(inv, o.KCM)
	s.authentications = readAuthentications(s)
	s.renderings = make(map[[2]string]*rendering, len(s.authentications))
	for _, a := range s.authentications {
		s.renderings[[2]string{a.Namespace, a.Name}] = &rendering{}
	}
	s.refusals = &refusals{known: map[refusalKey][]finding.Finding{}}
	s.clusters = readClusters(s)
	s.copies = readCopies(s)
	return s
}

// assumed is the source of a version of KCM that nothing tells.
const assumed = "assumed to be the newest that is known"

// detectKCM returns the version that the user gives, else that of the Release that the Management is at, else that of the
// only Release.
func detectKCM(inv *inventory.Inventory, given string) (KCM, k0rdent.Era) {
	var candidates []KCM
	releases := inv.Objects(inventory.Releases)
	if given != "" {
		candidates = append(candidates, KCM{Version: given, Source: "as given"})
	}
	for _, management := range inv.Objects(inventory.Managements) {
		name := textAt(management.Object, "spec", "release")
		if name == "" {
			continue
		}
		source := "Management " + management.GetName() + ", Release " + name
		if release := find(releases, "", name); release != nil && textAt(release.Object, "spec", "version") != "" {
			candidates = append(candidates, KCM{Version: textAt(release.Object, "spec", "version"), Source: source})
		}
		candidates = append(candidates, KCM{Version: name, Source: source})
	}
	if len(releases) == 1 {
		source := "Release " + releases[0].GetName()
		candidates = append(candidates,
			KCM{Version: textAt(releases[0].Object, "spec", "version"), Source: source}, KCM{Version: releases[0].GetName(), Source: source})
	}
	for _, k := range candidates {
		plain, err := k0rdent.KCMVersion(k.Version)
		if err != nil {
			continue
		}
		if era, err := k0rdent.EraOf(plain); err == nil {
			k.Version = plain
			return k, era
		}
	}
	return KCM{Source: assumed}, k0rdent.Newest
}

// known reports whether a kind was asked for and read, as far as a namespace is concerned.
func (s *State) known(kind inventory.Kind, namespace string) bool {
	return s.Inventory.Served[kind] && !s.unread(kind, namespace)
}

// unread reports whether some of a kind could not be read in a namespace, empty for any.
func (s *State) unread(kind inventory.Kind, namespace string) bool {
	for _, gap := range s.Inventory.Missing(kind) {
		if concerns(gap, kind, namespace) {
			return true
		}
	}
	return false
}

// concerns reports whether a gap of a kind may hide objects of a namespace, empty for any. Who may not read a kind
// everywhere has read his own namespace whole, and only the text of the gap, which is compared as it stands, tells that.
func concerns(gap rbac.Gap, kind inventory.Kind, namespace string) bool {
	if namespace == "" {
		return true
	}
	return gap.Namespace == namespace || gap.Namespace == "" && gap.What != string(kind)+" outside of namespace "+namespace
}

// find returns the object of that name, or nil.
func find(objects []*unstructured.Unstructured, namespace, name string) *unstructured.Unstructured {
	i := slices.IndexFunc(objects, func(o *unstructured.Unstructured) bool {
		return o.GetNamespace() == namespace && o.GetName() == name
	})
	if i < 0 {
		return nil
	}
	return objects[i]
}
