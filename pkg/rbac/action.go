package rbac

import "strings"

// Action is one request as the API server's authorizer sees it: a verb on a resource, or on a non-resource URL.
type Action struct {
	Verb        string `json:"verb"`
	Group       string `json:"group,omitempty"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Name        string `json:"name,omitempty"`
	// Namespace is the request's; empty means a cluster-wide request. A request for the object namespaces/NAME carries
	// namespace NAME: see [Action.AtObjectNamespace].
	Namespace string `json:"namespace,omitempty"`
	// Path is a non-resource URL such as "/metrics". When set, only Verb counts beside it.
	Path string `json:"path,omitempty"`
}

// IsURL reports whether the action is on a non-resource URL.
func (a Action) IsURL() bool { return a.Path != "" }

// ResourceName returns the resource with its subresource, as rules write it: "pods/exec".
func (a Action) ResourceName() string {
	if a.Subresource == "" {
		return a.Resource
	}
	return a.Resource + "/" + a.Subresource
}

// AtObjectNamespace returns the action with the namespace that the API server's request info gives it: a request whose
// path is namespaces/NAME, or a subresource of it, is in the namespace NAME. Verbs on collections have no name in their
// path, even when a field selector names one object. All other actions are returned as they are.
func (a Action) AtObjectNamespace() Action {
	if a.Group != "" || a.Resource != "namespaces" || a.Name == "" {
		return a
	}
	switch a.Verb {
	case "list", "watch", "deletecollection":
		return a
	case "create":
		if a.Subresource == "" {
			return a
		}
	}
	a.Namespace = a.Name
	return a
}

// String returns the action in words: "delete pods/exec web-0", "list deployments.apps", "get /metrics".
func (a Action) String() string {
	if a.IsURL() {
		return a.Verb + " " + a.Path
	}
	var b strings.Builder
	b.WriteString(a.Verb + " " + a.ResourceName())
	if a.Group != "" {
		b.WriteString("." + a.Group)
	}
	if a.Name != "" {
		b.WriteString(" " + a.Name)
	}
	return b.String()
}
