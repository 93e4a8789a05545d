package k0rdent

// ControlPlane is what runs the API server of a cluster.
type ControlPlane string

// The control planes of the templates that KCM ships.
const (
	// K0sControlPlane runs on machines of its own: a change makes all of them anew, one by one.
	K0sControlPlane ControlPlane = "K0sControlPlane"
	// K0smotronControlPlane runs in pods of the management cluster, or of a region: a change restarts them.
	K0smotronControlPlane ControlPlane = "K0smotronControlPlane"
	// Managed is run by a cloud provider, and reads no file of ours.
	Managed ControlPlane = "managed"
	// None is that of a cluster that was there before k0rdent.
	None ControlPlane = "none"
)

// Support says what a template's chart does with authentication.
type Support struct {
	Chart string
	// Known says that the chart is one of KCM's. Nothing else is known of others, which may do what they like.
	Known bool
	// Consumes says that the chart uses the Secret. Otherwise clusterAuth is taken, the Secret is made, the condition is
	// True, and nothing happens.
	Consumes bool
	// HonoursAnonymous says that the chart looks at auth.configWithAnon, and then leaves out a flag that contradicts the
	// file.
	HonoursAnonymous bool
	// ControlPlane is empty when the chart is not known.
	ControlPlane ControlPlane
}

// SupportOf says what a chart of KCM's does with authentication. Source: templates/cluster of KCM 1.6.0 to 1.12.0-rc2.
func SupportOf(chart string) Support {
	s := Support{Chart: chart}
	standalone, hosted := "-standalone-cp", "-hosted-cp"
	switch chart {
	case "aws" + standalone, "azure" + standalone, "gcp" + standalone, "openstack" + standalone, "vsphere" + standalone,
		"kubevirt" + standalone:
		s.Known, s.Consumes, s.HonoursAnonymous, s.ControlPlane = true, true, true, K0sControlPlane
	case "aws" + hosted, "azure" + hosted, "gcp" + hosted, "openstack" + hosted, "vsphere" + hosted, "kubevirt" + hosted,
		"remote-cluster":
		s.Known, s.Consumes, s.ControlPlane = true, true, K0smotronControlPlane
	case "docker" + hosted:
		s.Known, s.ControlPlane = true, K0smotronControlPlane
	case "aws-eks", "azure-aks", "gcp-gke":
		s.Known, s.ControlPlane = true, Managed
	case "adopted-cluster":
		s.Known, s.ControlPlane = true, None
	}
	return s
}

// templatePattern is the name of a template: that of a chart and its version, with dashes for what is no letter or digit.
var templatePattern = pattern(`^(.+?)-(\d+)-(\d+)-(\d+)((?:-[0-9A-Za-z]+)*)$`)

// ChartOf splits the name of a ClusterTemplate, as KCM makes it from the name and version of a chart:
// "openstack-standalone-cp-1-0-46" gives "openstack-standalone-cp" and "1.0.46". A name without a version, as people give
// them, is returned whole, with an empty version.
func ChartOf(templateName string) (chart, version string) {
	m := templatePattern().FindStringSubmatch(templateName)
	if m == nil {
		return templateName, ""
	}
	return m[1], m[2] + "." + m[3] + "." + m[4] + m[5]
}
