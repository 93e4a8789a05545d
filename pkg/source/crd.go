package source

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/version"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// crdVersion is one entry of a CustomResourceDefinition's spec.versions.
type crdVersion struct {
	name          string
	served        bool
	status, scale bool
}

// readCRD returns the resources that an API server serves for a CustomResourceDefinition: the resource itself and the
// subresources status and scale, in the version that the server would prefer.
func (o *object) readCRD() ([]rbac.Resource, error) {
	if o.field("spec") == nil {
		return nil, atLine(o.line, "%s %q: spec is missing", o.kind, o.meta.name)
	}
	spec, err := members(o.field("spec"), "spec")
	if err != nil {
		return nil, err
	}
	var (
		resource  rbac.Resource
		scope     string
		versions  []crdVersion
		oldStatus crdVersion // v1beta1 has subresources for all versions, and may have a single version
	)
	for _, m := range spec {
		path := "spec." + m.key
		switch m.key {
		case "group":
			resource.Group, err = text(m.value, path)
		case "scope":
			scope, err = text(m.value, path)
		case "names":
			err = readCRDNames(m.value, &resource)
		case "versions":
			versions, err = readCRDVersions(m.value)
		case "version":
			oldStatus.name, err = text(m.value, path)
		case "subresources":
			err = readSubresources(m.value, path, &oldStatus)
		}
		if err != nil {
			return nil, err
		}
	}
	if resource.Group == "" || resource.Name == "" || resource.Kind == "" {
		return nil, atLine(o.line, "%s %q: spec.group, spec.names.plural and spec.names.kind are needed", o.kind, o.meta.name)
	}
	if len(versions) == 0 && oldStatus.name != "" {
		versions = []crdVersion{{name: oldStatus.name, served: true}}
	}
	versions = slices.DeleteFunc(versions, func(v crdVersion) bool { return !v.served })
	if len(versions) == 0 {
		return nil, nil // nothing of it is served
	}
	slices.SortFunc(versions, func(a, b crdVersion) int { return version.CompareKubeAwareVersionStrings(b.name, a.name) })
	resource.Version, resource.Namespaced = versions[0].name, scope == "Namespaced"
	resource.Verbs = []string{"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"}
	out := []rbac.Resource{resource}
	sub := func(name, kind string, has func(crdVersion) bool) {
		if n := slices.IndexFunc(versions, has); n >= 0 {
			out = append(out, rbac.Resource{
				Group: resource.Group, Version: versions[n].name, Name: resource.Name + "/" + name, Kind: kind,
				Namespaced: resource.Namespaced, Verbs: []string{"get", "patch", "update"},
			})
		}
	}
	sub("scale", "Scale", func(v crdVersion) bool { return v.scale || oldStatus.scale })
	sub("status", resource.Kind, func(v crdVersion) bool { return v.status || oldStatus.status })
	return out, nil
}

func readCRDNames(node *yaml.Node, resource *rbac.Resource) error {
	names, err := members(node, "spec.names")
	if err != nil {
		return err
	}
	for _, m := range names {
		path := "spec.names." + m.key
		switch m.key {
		case "plural":
			resource.Name, err = text(m.value, path)
		case "singular":
			resource.Singular, err = text(m.value, path)
		case "kind":
			resource.Kind, err = text(m.value, path)
		case "shortNames":
			resource.ShortNames, err = texts(m.value, path)
		case "categories":
			resource.Categories, err = texts(m.value, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func readCRDVersions(node *yaml.Node) ([]crdVersion, error) {
	nodes, err := elements(node, "spec.versions")
	if err != nil {
		return nil, err
	}
	out := make([]crdVersion, 0, len(nodes))
	for _, n := range nodes {
		all, err := members(n, "spec.versions")
		if err != nil {
			return nil, err
		}
		var v crdVersion
		for _, m := range all {
			path := "spec.versions." + m.key
			switch m.key {
			case "name":
				v.name, err = text(m.value, path)
			case "served":
				served := resolve(m.value)
				v.served = served.Kind == yaml.ScalarNode && served.ShortTag() == "!!bool" && strings.EqualFold(served.Value, "true")
			case "subresources":
				err = readSubresources(m.value, path, &v)
			}
			if err != nil {
				return nil, err
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func readSubresources(node *yaml.Node, path string, v *crdVersion) error {
	all, err := members(node, path)
	if err != nil {
		return err
	}
	for _, m := range all {
		switch m.key {
		case "status":
			v.status = !isNull(resolve(m.value))
		case "scale":
			v.scale = !isNull(resolve(m.value))
		}
	}
	return nil
}

// compareResources orders resources by group and name, the core group first.
func compareResources(a, b rbac.Resource) int {
	return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name))
}
