package clusterauth

import (
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// diffRelease compares the values that KCM gives to Helm.
func diffRelease(s *State, c *Cluster, rendered k0rdent.Rendered) []Difference {
	object := "helmrelease " + c.Namespace + "/" + c.Name
	if !c.Released {
		if rendered.Off || c.resting() != "" || !c.missesRelease(s) {
			return nil
		}
		return []Difference{{
			Object: object, Want: "hash " + rendered.Hash, Message: "it is not there: KCM has not made it, or somebody has deleted it",
		}}
	}
	want := struct {
		name, hash string
		anonymous  bool
	}{hash: rendered.Hash, anonymous: rendered.Anonymous}
	if rendered.Off {
		want.name, want.hash = textAt(c.Config, "auth", "configSecret", "name"), textAt(c.Config, "auth", "configSecret", "hash")
		want.anonymous, _ = valueAt(c.Config, "auth", "configWithAnon").(bool)
	} else {
		want.name = k0rdent.AuthSecretName(c.Name)
	}
	name, hash := "KCM has not looked at the cluster since, or has stopped before it got here",
		"KCM has not looked at the cluster since: when it does, the control plane rolls"
	switch resting := c.resting(); {
	case resting != "":
		name = "it stays so for now; " + resting
		hash = name
	case c.Uses() == UseNo:
		hash = "KCM has not looked at the cluster since; its template ignores the value"
	}
	var out []Difference
	if want.name != c.SecretName {
		out = append(out, Difference{
			Object: object, Field: "spec.values.auth.configSecret.name", Want: want.name, Have: c.SecretName, Message: name,
		})
	}
	if want.hash != c.Hash {
		out = append(out, Difference{
			Object: object, Field: "spec.values.auth.configSecret.hash", Want: want.hash, Have: c.Hash, Message: hash,
		})
	}
	if want.anonymous != c.Anonymous {
		out = append(out, Difference{
			Object: object, Field: "spec.values.auth.configWithAnon", Want: strconv.FormatBool(want.anonymous), Have: strconv.FormatBool(c.Anonymous),
			Message: "the flag on anonymous requests does not go with the file",
		})
	}
	return out
}

// diffPlane compares the control plane to the values of the HelmRelease, which it is made from.
func diffPlane(c *Cluster) []Difference {
	if !c.PlaneRead || !c.Released || c.templateUses() == UseNo {
		return nil
	}
	d := Difference{Object: strings.ToLower(string(c.ControlPlane)) + " of " + c.Namespace + "/" + c.Name, Field: authenticationFlag, Have: c.Path}
	switch {
	case c.Hash != "" && c.Path == "":
		d.Want, d.Message = "a path with "+c.Hash, "the API server gets no configuration: Helm has not got there, or the template ignores it"
	case c.Hash != "" && !strings.Contains(c.Path, c.Hash):
		d.Want, d.Message = "a path with "+c.Hash, "Helm has not got there, or the template does not put the hash into the path, so that changes never roll"
	case c.Hash == "" && c.SecretName == "" && c.Path != "":
		d.Message = "the API server has a configuration that its HelmRelease does not give it"
	default:
		return nil
	}
	return []Difference{d}
}

// diffMachines compares what each machine was made with to the control plane.
func diffMachines(c *Cluster) []Difference {
	if !c.PlaneRead || c.ControlPlane != k0rdent.K0sControlPlane {
		return nil
	}
	var out []Difference
	for _, m := range c.Machines {
		if !m.Known || m.Path == c.Path || m.Deleting {
			continue
		}
		out = append(out, Difference{
			Object: "machine " + c.Namespace + "/" + m.Name, Field: "files[].path", Want: c.Path, Have: m.Path,
			Message: "it was made with another configuration, and is to be replaced",
		})
	}
	return out
}
