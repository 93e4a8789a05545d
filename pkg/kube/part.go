package kube

import (
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/client-go/rest"
)

// Part is a part of the objects of a resource, and of each object. The zero value is all of them, whole.
type Part struct {
	// Fields limits them to those whose fields have these values, such as "type" of Secrets.
	Fields map[string]string
	// Metadata leaves of each object no more than its metadata: the server sends nothing else, as JSON. One that can't do that
	// (before Kubernetes 1.15) refuses with 406.
	Metadata bool
}

// Only returns the same cluster, whose lists and watches are of that part of the objects. What asks for one object by its
// name ([Cluster.Item]) is not limited.
func (c *Cluster) Only(part Part) *Cluster {
	limited := *c
	limited.part = part
	return &limited
}

// What the server is asked for instead of whole objects: in a list, and in each event of a watch.
const (
	metadataOfList = "PartialObjectMetadataList"
	metadataOfOne  = "PartialObjectMetadata"
)

// ask limits a request, and to the object of that name if there is one. The form is what metadata comes in.
func (p Part) ask(request *rest.Request, name, form string) {
	var terms []fields.Selector
	if name != "" {
		terms = append(terms, fields.OneTermEqualSelector("metadata.name", name))
	}
	for _, field := range slices.Sorted(maps.Keys(p.Fields)) {
		terms = append(terms, fields.OneTermEqualSelector(field, p.Fields[field]))
	}
	if len(terms) > 0 {
		request.Param("fieldSelector", fields.AndSelectors(terms...).String())
	}
	if p.Metadata {
		request.SetHeader("Accept", "application/json;as="+form+";g=meta.k8s.io;v=v1")
	}
}
