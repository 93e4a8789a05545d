package kubeflow

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
)

// Kinds of plugins that the profile controller knows.
const (
	WorkloadIdentity        = "WorkloadIdentity"
	AwsIamForServiceAccount = "AwsIamForServiceAccount"
)

// Annotations that plugins put on the service account default-editor.
const (
	GCPAnnotation = "iam.gke.io/gcp-service-account"
	AWSAnnotation = "eks.amazonaws.com/role-arn"
)

// gcpSuffix ends the names of Google's service accounts; the controller cuts it off without looking how long the name is.
const gcpSuffix = ".iam.gserviceaccount.com"

// Plugin is an entry of spec.plugins.
type Plugin struct {
	APIVersion string
	Kind       string
	Spec       map[string]any
}

// readPlugins reads spec.plugins; what is no object is left out.
func readPlugins(list any) []Plugin {
	var out []Plugin
	for _, entry := range objects(list) {
		var p Plugin
		p.APIVersion, _ = entry["apiVersion"].(string)
		p.Kind, _ = entry["kind"].(string)
		p.Spec, _ = entry["spec"].(map[string]any)
		out = append(out, p)
	}
	return out
}

// fields is the plugin as it stands in a profile.
func (p Plugin) fields() map[string]any {
	out := map[string]any{"kind": p.Kind}
	if p.APIVersion != "" {
		out["apiVersion"] = p.APIVersion
	}
	if p.Spec != nil {
		out["spec"] = runtime.DeepCopyJSON(p.Spec)
	}
	return out
}

// account is the field that says who the service account becomes in the cloud.
func (p Plugin) account() (field, value string) {
	switch p.Kind {
	case WorkloadIdentity:
		field = "gcpServiceAccount"
	case AwsIamForServiceAccount:
		field = "awsIamRole"
	default:
		return "", ""
	}
	value, _ = p.Spec[field].(string)
	return field, value
}

// Annotation returns the annotation that the controller puts on the service account default-editor for a plugin. Both are
// empty for kinds that it does not know.
func (p Plugin) Annotation() (key, value string) {
	_, value = p.account()
	switch p.Kind {
	case WorkloadIdentity:
		return GCPAnnotation, value
	case AwsIamForServiceAccount:
		return AWSAnnotation, value
	}
	return "", ""
}

// CheckPlugin says what the profile controller would not do, or do wrong, with a plugin: it skips kinds that it does not
// know, and a short gcpServiceAccount ends its work on the profile with a panic, each time.
func CheckPlugin(p Plugin) error {
	field, value := p.account()
	var why string
	switch {
	case field == "":
		why = fmt.Sprintf("the profile controller knows only %s and %s, and skips others", WorkloadIdentity, AwsIamForServiceAccount)
	case value == "":
		why = "spec." + field + " is missing"
	case p.Kind == WorkloadIdentity && len(value) < len(gcpSuffix):
		why = fmt.Sprintf("spec.%s %q has fewer than %d characters, which makes the profile controller panic", field, value, len(gcpSuffix))
	case p.Kind == WorkloadIdentity && !strings.HasSuffix(value, gcpSuffix):
		why = fmt.Sprintf("spec.%s %q does not end in %q", field, value, gcpSuffix)
	case p.Kind == AwsIamForServiceAccount && !strings.HasPrefix(value, "arn:"):
		why = fmt.Sprintf("spec.%s %q is no ARN", field, value)
	default:
		return nil
	}
	return fmt.Errorf("check plugin %q: %s", p.Kind, why)
}
