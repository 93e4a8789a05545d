package clusterauth

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Cluster is a ClusterDeployment with what was made of it.
type Cluster struct {
	k0rdent.ClusterDeployment
	// Problem says why the API server would not store the object as it is; what the object says is then unknown, but for
	// ClusterAuth.
	Problem error
	// Deleting says that it is being deleted.
	Deleting bool
	// Chart and ChartVersion are those of its template, empty when not known.
	Chart, ChartVersion string
	// Support says what the chart does with authentication.
	Support k0rdent.Support
	// Defaults are the values of the template's chart as its status shows them, nil when not known.
	Defaults map[string]any
	// ControlPlane is the kind of its control plane: that of the object when there is one, else that of the chart.
	ControlPlane k0rdent.ControlPlane
	// Replicas are those of the control plane, 0 when not known.
	Replicas int
	// K0s is its version of k0s, such as "v1.36.3+k0s.1", empty when not known. K0sSource says how it is known, and
	// K0sAssumed that it is only what templates of this KCM have.
	K0s, K0sSource string
	K0sAssumed     bool
	// Kubernetes is the version of its API server, nil when not known. It is as sure as K0s.
	Kubernetes *version.Version
	// Region is where it lives, empty for the management cluster.
	Region string
	// RegionPaused says that KCM does not look at clusters of the region.
	RegionPaused bool
	// Released says that its HelmRelease was read. SecretName and Hash are in the values of that, and Anonymous is their
	// configWithAnon.
	Released         bool
	SecretName, Hash string
	Anonymous        bool
	// PlaneRead says that the object of its control plane was read; Path is the file that it gives to the API server, empty
	// when it gives none.
	PlaneRead bool
	Path      string
	// Machines are those of its control plane, sorted by name.
	Machines []Machine
	// Rolling says, in words, why its control plane is taken to be under way from one state to another; else it is empty.
	Rolling string
	// Konnectivity says whether its API server reaches nodes through konnectivity; nil when not known.
	Konnectivity *bool
}

// Machine is a machine of a control plane.
type Machine struct {
	Name string `json:"name"`
	// Version is what it runs, as "v1.36.3" or "v1.36.3+k0s.1".
	Version string `json:"version,omitempty"`
	// Known says that the machine tells what it was made with. Path is the file of the configuration then, empty for none.
	Known bool   `json:"known"`
	Path  string `json:"path,omitempty"`
	// Outdated says that it is to be replaced, Deleting that it is on its way out.
	Outdated bool `json:"outdated,omitempty"`
	Deleting bool `json:"deleting,omitempty"`
}

// object names it as findings do.
func (c Cluster) object() string { return clusterObject(c.Namespace, c.Name) }

func clusterObject(namespace, name string) string {
	return "clusterdeployment " + namespace + "/" + name
}

// Clusters returns all ClusterDeployments by namespace and name.
func (s *State) Clusters() []Cluster { return slices.Clone(s.clusters) }

// Cluster returns one of them. The error is a [Refusal].
func (s *State) Cluster(namespace, name string) (Cluster, error) {
	if c := s.cluster(namespace, name); c != nil {
		return *c, nil
	}
	var names []string
	for _, c := range s.clusters {
		if c.Namespace == namespace {
			names = append(names, c.Name)
		}
	}
	next, err := s.absent(inventory.ClusterDeployments, namespace, name, names)
	return Cluster{}, Refuse(next, "find %s: %w", clusterObject(namespace, name), err)
}

// cluster returns one of them, or nil.
func (s *State) cluster(namespace, name string) *Cluster {
	i, found := slices.BinarySearchFunc(s.clusters, [2]string{namespace, name}, func(c Cluster, want [2]string) int {
		return cmp.Or(cmp.Compare(c.Namespace, want[0]), cmp.Compare(c.Name, want[1]))
	})
	if !found {
		return nil
	}
	return &s.clusters[i]
}

// Expected returns what KCM writes for a cluster. A cluster without clusterAuth has it off. The error is a [Refusal] that
// says what keeps KCM from writing it, or what was not read. The bytes are for reading only.
func (s *State) Expected(cluster Cluster) (k0rdent.Rendered, error) {
	if cluster.Problem != nil {
		return k0rdent.Rendered{}, Refuse("", "render %s: %w", cluster.object(), cluster.Problem)
	}
	if cluster.ClusterAuth == "" {
		return k0rdent.Rendered{Off: true}, nil
	}
	a, err := s.Authentication(cluster.Namespace, cluster.ClusterAuth)
	if err != nil {
		return k0rdent.Rendered{}, fmt.Errorf("render %s: %w", cluster.object(), err)
	}
	r := s.renderings[[2]string{a.Namespace, a.Name}]
	r.once.Do(func() { r.rendered, r.err = s.Rendered(a) })
	return r.rendered, r.err
}

// Rendered returns what KCM makes of a ClusterAuthentication, for whichever cluster. The error is as in [State.Expected].
func (s *State) Rendered(a Authentication) (k0rdent.Rendered, error) {
	switch {
	case a.Problem != nil:
		return k0rdent.Rendered{}, Refuse("the API server would refuse it", "render %s: %w", a.object(), a.Problem)
	case a.CAProblem != nil:
		return k0rdent.Rendered{}, a.CAProblem
	}
	r, err := k0rdent.Render(a.ClusterAuthentication, a.CA, s.Era)
	if err != nil {
		return k0rdent.Rendered{}, fmt.Errorf("render %s: %w", a.object(), err)
	}
	return r, nil
}
