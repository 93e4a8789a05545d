package clusterauth

// Use says whether a cluster uses what KCM writes for it.
type Use string

// The uses.
const (
	// UseYes is that its API server gets the configuration.
	UseYes Use = "yes"
	// UseNo is that KCM writes it in vain.
	UseNo Use = "no"
	// UseUnknown is that nothing tells: the chart is none of KCM's.
	UseUnknown Use = "unknown"
)

// Uses says whether the cluster's template gives the configuration to the API server: as the chart and its values say, and
// for a chart that nobody knows as its control plane shows.
func (c *Cluster) Uses() Use {
	use := c.templateUses()
	// There is something that the control plane should have, and it has nothing.
	if use == UseUnknown && c.PlaneRead && c.Released && c.Hash != "" && c.Path == "" {
		return UseNo
	}
	return use
}

// templateUses is Uses as the chart and its values say. It is for those who compare the control plane.
func (c *Cluster) templateUses() Use {
	switch {
	case !c.Support.Known:
		return UseUnknown
	case !c.Support.Consumes:
		return UseNo
	case c.Defaults != nil && valueAt(c.Defaults, "auth") == nil:
		// A chart of KCM's that uses it says so in its values; older versions of the same charts don't.
		return UseNo
	}
	return UseYes
}

// resting says why KCM writes nothing for the cluster whatever changes; empty when it does.
func (c *Cluster) resting() string {
	switch {
	case c.Deleting:
		return "it is being deleted"
	case c.RegionPaused:
		return "region " + c.Region + " is paused: KCM does not look at its clusters"
	case c.DryRun:
		return "spec.dryRun is set: KCM writes nothing"
	}
	return ""
}
