package clusterauth

import (
	"bytes"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Deliver wraps manifests for clusters, so that k0rdent brings them there: a ConfigMap with them, and a ServiceTemplate of
// that name which takes them from it. Both go into the namespace of the ClusterDeployments that are to get them. The notes
// say what refers to the template. Source: ServiceTemplate's spec.resources, with deploymentType Remote.
func Deliver(namespace, name string, manifests []*unstructured.Unstructured) ([]*unstructured.Unstructured, []string, error) {
	for _, word := range []string{namespace, name} {
		if reasons := validation.IsDNS1123Label(word); len(reasons) > 0 {
			return nil, nil, Refuse("", "deliver manifests: bad name %q: %s", word, reasons[0])
		}
	}
	if len(manifests) == 0 {
		return nil, nil, Refuse("", "deliver manifests: there are none")
	}
	var data bytes.Buffer
	for i, manifest := range manifests {
		if i > 0 {
			data.WriteString("---\n")
		}
		text, err := yaml.Marshal(manifest.Object)
		if err != nil {
			return nil, nil, fmt.Errorf("deliver manifests: %w", err)
		}
		data.Write(text)
	}
	metadata := func() map[string]any { return map[string]any{"namespace": namespace, "name": name} }
	source := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata(),
		"data": map[string]any{"manifests.yaml": data.String()},
	}}
	template := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": k0rdent.APIVersion, "kind": "ServiceTemplate", "metadata": metadata(),
		"spec": map[string]any{"resources": map[string]any{
			"deploymentType": "Remote",
			// Without a namespace some releases look for it in the system namespace.
			"localSourceRef": map[string]any{"kind": "ConfigMap", "name": name, "namespace": namespace},
		}},
	}}
	notes := []string{"add it to spec.serviceSpec.services of the clusterdeployment, or of a MultiClusterService: {template: " +
		name + ", name: " + name + ", namespace: default}"}
	notes = append(notes, "the spec of a ServiceTemplate can't be changed; change the ConfigMap instead")
	return []*unstructured.Unstructured{source, template}, notes, nil
}
