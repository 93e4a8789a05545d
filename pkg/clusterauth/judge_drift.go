package clusterauth

import (
	"fmt"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// judgeDrift judges whether what is there is what KCM would write.
func judgeDrift(s *State, c *Cluster) []finding.Finding {
	rendered, err := s.Expected(*c)
	if err != nil {
		return nil // other rules say so
	}
	var out []finding.Finding
	if different := diffSecret(s, c, rendered); rendered.Off && len(different) > 0 {
		out = append(out, judgeLeftover(s, c))
	} else if len(different) > 0 {
		message := different[0].Object + ": " + different[0].Message
		if n := len(different); n > 1 {
			message = fmt.Sprintf("%s differs in %d places from what KCM writes, such as %s", different[0].Object, n, different[0].Field)
		}
		why := "KCM writes it anew at its next look at the cluster, whenever that is: nothing watches the Secret with the CA."
		if resting := c.resting(); resting != "" {
			why = "KCM leaves it so for now: " + resting + "."
		}
		out = append(out, found("KC017", c.object(), message, why+" See kubectl clusterauth diff."))
	}
	if c.Released && c.resting() == "" && c.Hash != rendered.Hash && !rendered.Off && c.Uses() != UseNo {
		out = append(out, found("KC018", c.object(), fmt.Sprintf("its HelmRelease has hash %s, and KCM will write %s at its next look", orNone(c.Hash), rendered.Hash),
			"The control plane then rolls, without a change of anybody's at that time. See kubectl clusterauth plan."))
	}
	for _, d := range append(diffPlane(c), diffMachines(c)...) {
		out = append(out, found("KC019", c.object(), d.Object+": "+d.Message, "It has "+orNone(d.Have)+"."))
	}
	return out
}

// judgeLeftover judges a Secret that is left of an authentication that was taken off.
func judgeLeftover(s *State, c *Cluster) finding.Finding {
	why := "KCM removes it at its next look at the cluster."
	if resting := c.resting(); resting != "" {
		why = "KCM leaves it for now: " + resting + "."
	}
	if kept := s.keepsSecret(c); kept != "" {
		why = upper(kept) + ". Nothing reads it once the control plane has rolled: kubectl delete secret -n " + c.Namespace + " " + k0rdent.AuthSecretName(c.Name)
	}
	return found("KC024", c.object(), fmt.Sprintf("secret %s/%s is left of an authentication that is off", c.Namespace, k0rdent.AuthSecretName(c.Name)), why)
}

// keepsSecret says why KCM does not remove the Secret of a cluster whose authentication is off; empty when it does. What
// tells KCM that the Secret is its own is the condition.
func (s *State) keepsSecret(c *Cluster) string {
	switch {
	case !k0rdent.RemovesSecret(s.KCM.Version):
		return "KCM before 1.11 does not remove it"
	case c.AuthReady == nil:
		return "KCM removes it only from clusters with the condition " + k0rdent.ConditionAuthentication
	}
	return ""
}
