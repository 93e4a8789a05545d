package clusterauth

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Attach plans to let a cluster use a ClusterAuthentication of its namespace. The notes say what rolls, and what may go
// wrong. The error is a [Refusal] when KCM would stop at the cluster after that: the ClusterAuthentication or its CA is
// not there, which would block even the deletion of the cluster; or when it was not read. It is one, too, when the API
// server of the cluster would not start with it, unless the version that it runs is only assumed: that is in the notes.
func Attach(s *State, namespace, cluster, authentication string) (plan.Plan, []string, error) {
	c, err := s.Cluster(namespace, cluster)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("attach: %w", err)
	}
	if c.Problem != nil {
		return plan.Plan{}, nil, Refuse("no API server would store it so", "attach %s to %s: %w", authentication, c.object(), c.Problem)
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
	p, notes, err := s.setAuthentication(c, authentication, notes)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if worse := rolloutErrors(s.After(p), c); len(worse) > 0 && len(p.Changes().Steps) > 0 {
		more := ""
		if n := len(worse) - 1; n > 0 {
			more = fmt.Sprintf(" (and %d more)", n)
		}
		return plan.Plan{}, nil, Refuse("kubectl clusterauth validate "+authentication+" -n "+namespace+" says more",
			"attach %s to %s: %s %s%s", authentication, c.object(), worse[0].ID, worse[0].Message, more)
	}
	return p, notes, nil
}

// rolloutErrors returns the errors among the warnings of what KCM does to a cluster.
func rolloutErrors(s *State, c Cluster) []finding.Finding {
	return slices.DeleteFunc(rolloutOf(s, s, s.cluster(c.Namespace, c.Name)).Warnings, func(f finding.Finding) bool { return f.Severity != finding.Error })
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
	after, secret := s.After(p), k0rdent.AuthSecretName(c.Name)
	absent := c.Region == "" && s.Secret(c.Namespace, secret) == nil && !s.secretUnknown(c.Namespace, secret)
	rolls := rolloutOf(s, after, after.cluster(c.Namespace, c.Name)).Effect.Rolls() // KC043 says it then
	if kept := s.keepsSecret(&c); authentication == "" && kept != "" && !absent && !rolls {
		notes = append(notes, "secret "+c.Namespace+"/"+secret+" stays behind: "+kept)
	}
	return p, append(notes, RolloutNotes(s, after)...), nil
}
