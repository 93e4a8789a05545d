package k0rdent

import (
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Condition is one condition of an object's status.
type Condition struct {
	// Status is True, False or Unknown.
	Status, Reason, Message string
	// Since is the zero time when the object does not say.
	Since time.Time
}

// ClusterDeployment is what matters here of an object of this kind.
type ClusterDeployment struct {
	Namespace, Name string
	// Template is the name of a ClusterTemplate in the same namespace, as is Credential, which may be empty.
	Template, Credential string
	// ClusterAuth is the name of a ClusterAuthentication in the same namespace, empty for none.
	ClusterAuth string
	// DryRun says that KCM makes nothing of it yet.
	DryRun bool
	// Config are the Helm values that the user gave, nil for none. It belongs to the object: read it only.
	Config map[string]any
	// Ready and AuthReady are nil when the status has no such condition. See [ConditionAuthentication].
	Ready, AuthReady *Condition
	// Object is the object that was read. It is not a copy.
	Object *unstructured.Unstructured
}

// ReadClusterDeployment reads an object. A field of another type than the schema's gives an error that names the path, and
// so does a template that is missing or empty. Source: api/v1beta1/clusterdeployment_types.go.
func ReadClusterDeployment(u *unstructured.Unstructured) (ClusterDeployment, error) {
	if u == nil {
		return ClusterDeployment{}, errors.New("read clusterdeployment: there is none")
	}
	d := ClusterDeployment{Namespace: u.GetNamespace(), Name: u.GetName(), Object: u}
	if err := d.read(u.Object); err != nil {
		return ClusterDeployment{}, fmt.Errorf("read clusterdeployment %s/%s: %w", d.Namespace, d.Name, err)
	}
	d.Ready = conditionOf(u.Object, "Ready")
	d.AuthReady = conditionOf(u.Object, ConditionAuthentication)
	return d, nil
}

// read fills in what the object says.
func (d *ClusterDeployment) read(object map[string]any) error {
	shape := shape{
		required: []string{"spec"},
		fields: map[string]shape{"spec": {
			required: []string{"template"},
			fields: map[string]shape{
				"template": {filled: true}, "credential": anyText, "clusterAuth": anyText, "dryRun": {boolean: true},
			},
		}},
	}
	pruned, _, err := shape.pruneObject(object, "")
	if err != nil {
		return err
	}
	spec, _ := pruned["spec"].(map[string]any)
	d.Template, _ = spec["template"].(string)
	d.Credential, _ = spec["credential"].(string)
	d.ClusterAuth, _ = spec["clusterAuth"].(string)
	d.DryRun, _ = spec["dryRun"].(bool)

	full, _ := object["spec"].(map[string]any)
	switch config := full["config"].(type) {
	case nil:
	case map[string]any:
		d.Config = config
	default:
		return fmt.Errorf("spec.config: it is %s, not of type object", describe(config))
	}
	return nil
}

// conditionOf returns a condition of the object's status, nil when there is none. It never fails: KCM alone writes it.
func conditionOf(object map[string]any, kind string) *Condition {
	status, _ := object["status"].(map[string]any)
	conditions, _ := status["conditions"].([]any)
	for _, one := range conditions {
		c, _ := one.(map[string]any)
		if c["type"] != kind {
			continue
		}
		out := &Condition{}
		out.Status, _ = c["status"].(string)
		out.Reason, _ = c["reason"].(string)
		out.Message, _ = c["message"].(string)
		since, _ := c["lastTransitionTime"].(string)
		if t, err := time.Parse(time.RFC3339, since); err == nil {
			out.Since = t
		}
		return out
	}
	return nil
}
