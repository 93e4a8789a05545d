package kubeflow

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// Kinds of resources that the stand-ins read and write beside Kubernetes' own.
var (
	profiles            = schema.GroupVersionResource{Group: "kubeflow.org", Version: "v1", Resource: "profiles"}
	policies            = schema.GroupVersionResource{Group: "security.istio.io", Version: "v1beta1", Resource: "authorizationpolicies"}
	serviceRoleBindings = schema.GroupVersionResource{Group: "rbac.istio.io", Version: "v1alpha1", Resource: "servicerolebindings"}
)

//go:embed crds/*.yaml
var crds embed.FS

// Definitions returns the definitions of the kinds that Kubeflow and Istio bring: Profile, AuthorizationPolicy, and those of
// Istio's first RBAC. Their schemas decide as upstream's do what is stored. An error means that a file in crds is broken.
func Definitions() ([]*unstructured.Unstructured, error) {
	files, err := crds.ReadDir("crds")
	if err != nil {
		return nil, fmt.Errorf("read definitions: %w", err)
	}
	var out []*unstructured.Unstructured
	for _, file := range files {
		text, err := crds.ReadFile("crds/" + file.Name())
		if err != nil {
			return nil, fmt.Errorf("read definitions: %w", err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text))
		for {
			object := &unstructured.Unstructured{}
			switch err := decoder.Decode(&object.Object); {
			case errors.Is(err, io.EOF):
			case err != nil:
				return nil, fmt.Errorf("read definitions of %s: %w", file.Name(), err)
			default:
				out = append(out, object)
				continue
			}
			break
		}
	}
	return out, nil
}
