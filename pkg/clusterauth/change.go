package clusterauth

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Attach plans to let a cluster use a ClusterAuthentication of its namespace. The notes say what rolls, and what may go
// wrong. The error is a [Refusal] when KCM would stop at the cluster after that: the ClusterAuthentication or its CA is
// not there, which would block even the deletion of the cluster; or when it was not read.
func Attach(s *State, namespace, cluster, authentication string) (plan.Plan, []string, error) {
	c, err := s.Cluster(namespace, cluster)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("attach: %w", err)
	}
	a, err := s.Authentication(namespace, authentication)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("attach %s to %s: %w", authentication, c.object(), err)
	}
	if _, err := s.Rendered(a); err != nil && !a.CAUnread {
		return plan.Plan{}, nil, fmt.Errorf("attach %s to %s: %w", authentication, c.object(), err)
	}
	var notes []string
	switch {
	case c.Deleting:
		return plan.Plan{}, nil, Refuse("", "attach %s to %s: it is being deleted", authentication, c.object())
	case a.Configuration == nil:
		notes = append(notes, a.object()+" has no authenticationConfiguration: attaching it turns nothing on")
	case c.Region != "":
		notes = append(notes, "the cluster is in region "+c.Region+": KCM writes its Secret there, and does not make namespace "+namespace+" for it")
	}
	return s.setAuthentication(c, authentication, notes)
}

// Detach plans to let a cluster use none. The notes are as those of [Attach].
func Detach(s *State, namespace, cluster string) (plan.Plan, []string, error) {
	c, err := s.Cluster(namespace, cluster)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("detach: %w", err)
	}
	var notes []string
	if mapAt(c.Config, "auth") != nil && c.ClusterAuth != "" {
		notes = append(notes, "its spec.config.auth, which clusterAuth overrides, has an effect again")
	}
	return s.setAuthentication(c, "", notes)
}

// setAuthentication plans to change the one field, and nothing else.
func (s *State) setAuthentication(c Cluster, authentication string, notes []string) (plan.Plan, []string, error) {
	summary, why := "attach "+authentication+" to "+c.object(), "it is to let in whom "+authentication+" lets in"
	if authentication == "" {
		summary, why = "detach "+c.object(), "it is to have no ClusterAuthentication"
	}
	updated := c.Object.DeepCopy()
	if authentication == "" {
		unstructured.RemoveNestedField(updated.Object, "spec", "clusterAuth")
	} else if err := unstructured.SetNestedField(updated.Object, authentication, "spec", "clusterAuth"); err != nil {
		return plan.Plan{}, nil, fmt.Errorf("%s: %w", summary, err)
	}
	objects, err := plan.FromObjects(c.Object, updated)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("%s: %w", summary, err)
	}
	p, err := plan.New(summary, plan.Step{
		Verb: plan.Update, Old: objects[0], Object: objects[1], Why: why, Unit: "cluster " + c.Namespace + "/" + c.Name,
	})
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("%s: %w", summary, err)
	}
	if authentication == c.ClusterAuth {
		return p, append(notes, "it is so already"), nil
	}
	if authentication == "" && !k0rdent.RemovesSecret(s.KCM.Version) {
		notes = append(notes, "KCM "+s.KCM.Version+" leaves secret "+c.Namespace+"/"+k0rdent.AuthSecretName(c.Name)+" behind")
	}
	return p, append(notes, rolloutNotes(s, s.After(p))...), nil
}
