package profile

import (
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// checkMetadata says whether labels and annotations can be put on the namespace of a workspace: whether an API server
// takes them, and whether they are not what makes it a workspace and somebody's.
func checkMetadata(labels, annotations map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		if reasons := validation.IsQualifiedName(key); len(reasons) > 0 {
			return workspace.Refuse("", "label %q: %s", key, reasons[0])
		}
		if reasons := validation.IsValidLabelValue(labels[key]); len(reasons) > 0 {
			return workspace.Refuse("", "label %s: value %q: %s", key, labels[key], reasons[0])
		}
		if key == workspace.Label {
			return workspace.Refuse("kubectl profile adopt makes a namespace a workspace",
				"label %s: it says which namespaces are workspaces, and is not set by hand", key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(annotations)) {
		if reasons := validation.IsQualifiedName(strings.ToLower(key)); len(reasons) > 0 {
			return workspace.Refuse("", "annotation %q: %s", key, reasons[0])
		}
		if key == workspace.OwnerAnnotation || key == kubeflow.OwnerAnnotation {
			return workspace.Refuse("kubectl profile transfer NAME --owner NEW hands a workspace on",
				"annotation %s: it says whose a workspace is, and is not set by hand", key)
		}
	}
	return nil
}

// merged returns base with over on top; nil when both are empty.
func merged(base, over map[string]string) map[string]string {
	if len(base)+len(over) == 0 {
		return nil
	}
	out := maps.Clone(base)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, over)
	return out
}
