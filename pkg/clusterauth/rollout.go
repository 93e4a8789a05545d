package clusterauth

import (
	"cmp"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Effect is what a change does to a control plane.
type Effect string

// The effects.
const (
	// None is that nothing is written, or the same as before.
	None Effect = "none"
	// Pods is that the pods of a hosted control plane are replaced.
	Pods Effect = "pods"
	// Machines is that the machines of a control plane are made anew.
	Machines Effect = "machines"
	// Ignored is that the template does not use the configuration.
	Ignored Effect = "ignored"
	// Off is that the cluster has no configuration, before and after.
	Off Effect = "off"
	// Blocked is that KCM stops before it writes anything.
	Blocked Effect = "blocked"
	// Refused is that the API server does not take the change, so that all stays as it is.
	Refused Effect = "refused"
	// Unknown is that it can't be told.
	Unknown Effect = "unknown"
)

// Rolls reports whether members of a control plane are replaced.
func (e Effect) Rolls() bool { return e == Pods || e == Machines }

// Rollout is what KCM does to one cluster when it looks at it next.
type Rollout struct {
	Namespace string `json:"namespace"`
	Cluster   string `json:"cluster"`
	// Authentication is the ClusterAuthentication that it then refers to, empty for none.
	Authentication string `json:"authentication,omitempty"`
	Effect         Effect `json:"effect"`
	// OldHash is what the HelmRelease has, or, where none was read, what KCM wrote before the change; NewHash is what KCM
	// will write. Either is empty without a configuration, or when it can't be told.
	OldHash string `json:"oldHash,omitempty"`
	NewHash string `json:"newHash,omitempty"`
	// Machines is how many are made anew, and Pods how many are replaced; 0 when none are or their number is not known.
	Machines int `json:"machines,omitempty"`
	Pods     int `json:"pods,omitempty"`
	// Why says in one line how the effect comes about.
	Why string `json:"why"`
	// Warnings are what may go wrong, worst first.
	Warnings []finding.Finding `json:"warnings,omitempty"`
}

// Rollouts says, for every cluster of after, what KCM will do to it, by namespace and name. Before may be the same state:
// then it is what KCM does at its next look without any change. Of a change, what the API server does not take is left out.
func Rollouts(before, after *State) []Rollout {
	out := make([]Rollout, 0, len(after.clusters))
	now, refused := taken(before, after)
	for i := range after.clusters {
		c := &after.clusters[i]
		why := slices.Concat(refused[c.object()], refused[authenticationObject(c.Namespace, c.ClusterAuth)])
		if len(why) > 0 {
			out = append(out, partly(before, now, c, why))
			continue
		}
		out = append(out, rolloutOf(before, now, now.cluster(c.Namespace, c.Name)))
	}
	return out
}

// rolloutOf says it for one cluster of after.
func rolloutOf(before, after *State, c *Cluster) Rollout {
	r := &rolling{
		before: before, after: after, cluster: c, old: before.cluster(c.Namespace, c.Name),
		out: Rollout{Namespace: c.Namespace, Cluster: c.Name, Authentication: c.ClusterAuth},
	}
	r.decide()
	r.warn()
	finding.Sort(r.out.Warnings)
	return r.out
}

// rolling is a rollout while it is found out.
type rolling struct {
	before, after *State
	cluster       *Cluster
	old           *Cluster // before the change; nil when it was not there
	out           Rollout
	rendered      k0rdent.Rendered
}

func (r *rolling) conclude(e Effect, why string) {
	r.out.Effect, r.out.Why = e, why
}

// decide goes the way that KCM goes: it looks for the ClusterAuthentication before everything, also before deletion, and
// for the CA only when it is about to write.
func (r *rolling) decide() {
	c := r.cluster
	oldKnown := r.oldHash()
	rendered, err := r.after.Expected(*c)
	missing := c.ClusterAuth != "" && r.after.authentication(c.Namespace, c.ClusterAuth) == nil
	switch {
	case c.Problem != nil || missing:
		r.fail(err)
		return
	case c.resting() != "":
		r.conclude(None, c.resting())
	case err != nil:
		r.fail(err)
	}
	if err != nil {
		return
	}
	r.rendered, r.out.NewHash = rendered, rendered.Hash
	if rendered.Off {
		// KCM leaves values of the user's alone then.
		r.out.NewHash = textAt(c.Config, "auth", "configSecret", "hash")
	}
	switch {
	case r.out.Effect != "": // it is concluded already
	case rendered.Off && oldKnown && r.out.OldHash == "" && r.out.NewHash == "":
		r.conclude(Off, r.offBecause())
	case c.Uses() == UseNo:
		r.conclude(Ignored, "its template "+c.Template+" does not use auth.configSecret")
	case !oldKnown && c.missesRelease(r.after) && !c.PlaneRead:
		r.conclude(None, "it is not made yet: it starts with what KCM writes")
	case !oldKnown:
		r.conclude(Unknown, "its HelmRelease was not read, so nothing tells what it runs")
	case r.out.OldHash == r.out.NewHash:
		r.conclude(None, "KCM writes what is there already")
	default:
		r.roll()
	}
}

// oldHash finds out what is there; it reports whether anything tells.
func (r *rolling) oldHash() bool {
	if r.cluster.Released {
		r.out.OldHash = r.cluster.Hash
		return true
	}
	if r.before == r.after || r.old == nil || r.cluster.missesRelease(r.after) {
		return false
	}
	rendered, err := r.before.Expected(*r.old)
	r.out.OldHash = rendered.Hash
	return err == nil
}

// missesRelease reports whether the cluster has no HelmRelease, as far as those were read.
func (c *Cluster) missesRelease(s *State) bool {
	return !c.Released && s.known(inventory.HelmReleases, c.Namespace)
}

// fail concludes from an error of [State.Expected].
func (r *rolling) fail(err error) {
	c := r.cluster
	a := r.after.authentication(c.Namespace, c.ClusterAuth)
	switch {
	case c.Problem != nil:
		r.conclude(Unknown, "it can't be read: "+c.Problem.Error())
	case a == nil && !r.after.known(inventory.ClusterAuthentications, c.Namespace):
		r.conclude(Unknown, "ClusterAuthentication "+c.ClusterAuth+" was not read")
	case a == nil && c.Deleting:
		r.conclude(Blocked, "ClusterAuthentication "+c.ClusterAuth+" is not there: KCM does not even delete the cluster")
	case a == nil:
		r.conclude(Blocked, "ClusterAuthentication "+c.ClusterAuth+" is not there: KCM stops before everything, also before deletion")
	case a.CAUnread:
		r.conclude(Unknown, "its CA was not read: "+err.Error())
	case a.CAProblem != nil:
		r.conclude(Blocked, "KCM stops, and changes nothing more of the cluster: "+err.Error())
	default:
		r.conclude(Unknown, err.Error())
	}
}

func (r *rolling) offBecause() string {
	if r.cluster.ClusterAuth != "" {
		return "ClusterAuthentication " + r.cluster.ClusterAuth + " has no authenticationConfiguration"
	}
	return "it has no clusterAuth"
}

// roll concludes which members are replaced.
func (r *rolling) roll() {
	c := r.cluster
	change := "the hash changes"
	switch {
	case r.out.OldHash == "":
		change = "a configuration comes"
	case r.out.NewHash == "":
		change = "the configuration goes"
	}
	switch c.ControlPlane {
	case k0rdent.K0sControlPlane:
		r.out.Machines = cmp.Or(c.Replicas, len(c.Machines))
		members := "every machine of its control plane is made anew, one after the other"
		if r.out.Machines == 1 {
			members = "the only machine of its control plane is made anew"
		}
		r.conclude(Machines, change+": "+members)
	case k0rdent.K0smotronControlPlane:
		r.out.Pods = c.Replicas
		r.conclude(Pods, change+": the pods of its control plane are replaced")
	case k0rdent.Managed, k0rdent.None:
		r.conclude(Ignored, "its control plane is not k0rdent's")
	default:
		r.conclude(Unknown, change+", and nothing tells what its template "+c.Template+" does with that")
	}
}
