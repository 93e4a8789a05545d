package clusterauth

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// judgeObject judges a cluster that can't be read.
func judgeObject(c *Cluster) finding.Finding {
	return found("KC028", c.object(), c.Problem.Error(), "KCM can't read it either, and the API server would not store it so.")
}

// judgeReference judges what a cluster refers to, and whether its template uses that.
func judgeReference(s *State, c *Cluster) []finding.Finding {
	var out []finding.Finding
	own := mapAt(c.Config, "auth")
	if c.ClusterAuth == "" {
		if secret := textAt(own, "configSecret", "name"); secret != "" {
			out = append(out, found("KC031", c.object(), "spec.config.auth brings Secret "+secret+" of its own",
				"KCM passes it on as it is: nothing validates the file, and nobody changes the hash when it changes."))
		}
		return out
	}
	if own != nil {
		out = append(out, found("KC030", c.object(), "spec.config.auth has no effect while clusterAuth is set", "KCM replaces all of it."))
	}
	if s.authentication(c.Namespace, c.ClusterAuth) == nil {
		return append(out, judgeMissing(s, c)...)
	}
	if c.Uses() == UseNo {
		out = append(out, found("KC004", c.object(), fmt.Sprintf("its template %s ignores clusterAuth %s", c.Template, c.ClusterAuth),
			"KCM makes the Secret and reports the authentication as ready, and the API server never hears of it."))
	}
	return out
}

// judgeMissing judges a reference to what is not there.
func judgeMissing(s *State, c *Cluster) []finding.Finding {
	if !s.known(inventory.ClusterAuthentications, c.Namespace) && len(s.Inventory.Objects(inventory.ClusterAuthentications)) == 0 ||
		s.unread(inventory.ClusterAuthentications, c.Namespace) {
		return nil
	}
	next, _ := s.absent(inventory.ClusterAuthentications, c.Namespace, c.ClusterAuth, s.authenticationNames(c.Namespace))
	why := "KCM stops before everything, also before the deletion of the cluster. Create it, or take spec.clusterAuth off."
	if next != "" {
		why += " " + upper(next)
	}
	message := fmt.Sprintf("clusterAuth %s is not there in namespace %s", c.ClusterAuth, c.Namespace)
	if c.Deleting {
		return []finding.Finding{found("KC002", c.object(), "it can't be deleted: "+message, why)}
	}
	return []finding.Finding{found("KC001", c.object(), message, why)}
}

// judgeReady tells what KCM says of itself, unless a cause is known.
func judgeReady(s *State, c *Cluster) []finding.Finding {
	var out []finding.Finding
	if c.ClusterAuth == "" || s.authentication(c.Namespace, c.ClusterAuth) == nil {
		return nil
	}
	failed := c.AuthReady != nil && c.AuthReady.Status == "False"
	if c.Region != "" && c.AuthReady == nil && c.resting() == "" {
		out = append(out, found("KC026", c.object(), "its Secret is to be written to namespace "+c.Namespace+" of region "+c.Region,
			"KCM does not make that namespace for it. When nothing else does, it stops before the HelmRelease."))
	}
	if _, err := s.Expected(*c); failed && err == nil {
		out = append(out, found("KC027", c.object(), "KCM reports "+k0rdent.ConditionAuthentication+" as false: "+c.AuthReady.Message,
			"Until it is true KCM does not update the cluster, also not its template."))
	}
	return out
}

// upper begins a sentence.
func upper(sentence string) string {
	r := slices.Clone([]rune(sentence))
	if len(r) > 0 && r[0] >= 'a' && r[0] <= 'z' {
		r[0] += 'A' - 'a'
	}
	return string(r)
}
