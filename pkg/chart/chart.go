// Package chart renders Helm charts from a directory, to the same bytes as Helm 3 does, without Helm's SDK, which would
// be most of a binary.
//
// It talks to nobody: "lookup" finds nothing, as in "helm template", and no name is looked up. It reads nothing but the
// directory, and it always ends: a chart that recurses or loops for ever, or asks for a huge text, is an error.
//
// What Helm knows and this package does not: packed charts (.tgz), "alias" and "import-values" of dependencies, the
// functions toToml and fromToml, values that contain themselves. Each is an error that says so. Version ranges of
// dependencies and the chart's own kubeVersion are not compared with anything.
package chart

// Options says what a chart is rendered with.
type Options struct {
	// Values override those of the chart's values.yaml, as "helm template --values" does. They are not changed.
	Values map[string]any
	// Release is what templates see as ".Release".
	Release Release
	// KubeVersion is what templates see as ".Capabilities.KubeVersion": "1.34.2", "v1.36.3". Empty means v1.36.3.
	KubeVersion string
	// APIVersions are seen as ".Capabilities.APIVersions" besides those that Kubernetes itself has: "apps.example/v1".
	APIVersions []string
	// SkipSchema renders values that values.schema.json forbids.
	SkipSchema bool

	// steps is how many steps rendering may take; 0 is maxSteps.
	steps int
}

// Release names the release that a chart is rendered for. It is a first installation.
type Release struct {
	Name      string
	Namespace string
}

// Chart is a chart that was read from a directory. Rendering it changes nothing of it.
type Chart struct {
	Name    string
	Version string
	// Values are those of values.yaml, nil when there is none.
	Values map[string]any
	// Schema is values.schema.json as it stands, nil when there is none.
	Schema []byte
	// Files are the files of the chart but those of its charts, by path: "templates/x.yaml".
	Files map[string][]byte

	metadata Metadata
	parent   *Chart
	charts   []*Chart
}

// File is one rendered template.
type File struct {
	// Name is the path of the template below the parent of the chart, as Helm names it: "mychart/templates/x.yaml".
	Name string
	// Data is what the template gave.
	Data string
}

// path is the name of a chart in the names of its templates.
func (c *Chart) path() string {
	if c.parent == nil {
		return c.Name
	}
	return c.parent.path() + "/charts/" + c.Name
}
