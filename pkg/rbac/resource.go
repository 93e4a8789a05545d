package rbac

// Resource is one resource or subresource that an API server serves. Its JSON form is part of the snapshot file.
type Resource struct {
	Group string `json:"group,omitempty"`
	// Version is the one the server prefers for this resource.
	Version string `json:"version"`
	// Name is the plural, with the subresource after a slash: "pods", "pods/exec".
	Name       string   `json:"name"`
	Singular   string   `json:"singular,omitempty"`
	Kind       string   `json:"kind"`
	ShortNames []string `json:"shortNames,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Namespaced bool     `json:"namespaced,omitempty"`
	Verbs      []string `json:"verbs,omitempty"`
}
