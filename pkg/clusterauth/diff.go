package clusterauth

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Difference is one place where what is there differs from what k0rdent would write, or from what it should follow from.
type Difference struct {
	// Object is what differs: "secret team-a/dev-auth-config", "helmrelease team-a/dev", "machine team-a/dev-0".
	Object string `json:"object"`
	// Field is a path in it, or in the configuration that it holds; empty for the object itself.
	Field string `json:"field,omitempty"`
	// Want and Have are its values in words; empty is nothing. Certificates are shown as a checksum.
	Want string `json:"want,omitempty"`
	Have string `json:"have,omitempty"`
	// Message says in one line what it means.
	Message string `json:"message"`
}

// Diff compares what KCM writes for a cluster with what is there, along the way that it goes: the Secret, the values of
// the HelmRelease, the control plane and each machine. What was not read is not compared: [Unseen] tells. When KCM could
// not write anything, that is the only difference.
func Diff(s *State, cluster Cluster) []Difference {
	rendered, err := s.Expected(cluster)
	if err != nil {
		return []Difference{{Object: cluster.object(), Message: "nothing can be expected: " + err.Error()}}
	}
	out := diffSecret(s, &cluster, rendered)
	out = append(out, diffRelease(s, &cluster, rendered)...)
	out = append(out, diffPlane(&cluster)...)
	return append(out, diffMachines(&cluster)...)
}

// Unseen says in lines what [Diff] could not compare, and why.
func Unseen(s *State, cluster Cluster) []string {
	var out []string
	name := k0rdent.AuthSecretName(cluster.Name)
	switch {
	case cluster.Deleting && cluster.Region == "":
	case cluster.Region != "":
		out = append(out, fmt.Sprintf("secret %s/%s, the control plane and its machines: they are in region %s", cluster.Namespace, name, cluster.Region))
	case s.Secret(cluster.Namespace, name) == nil && s.secretUnknown(cluster.Namespace, name):
		out = append(out, fmt.Sprintf("secret %s/%s: it was not read", cluster.Namespace, name))
	}
	if !cluster.Released && !s.known(inventory.HelmReleases, cluster.Namespace) {
		out = append(out, fmt.Sprintf("helmrelease %s/%s: it was not read", cluster.Namespace, cluster.Name))
	}
	if cluster.Region == "" && !cluster.PlaneRead && cluster.ControlPlane != k0rdent.Managed && cluster.ControlPlane != k0rdent.None {
		out = append(out, "its control plane: none was found")
	}
	if cluster.Region == "" && cluster.ControlPlane == k0rdent.K0sControlPlane && !s.known(inventory.Machines, cluster.Namespace) {
		out = append(out, "its machines: they were not read")
	}
	return out
}

// diffSecret compares the Secret that KCM writes.
func diffSecret(s *State, c *Cluster, rendered k0rdent.Rendered) []Difference {
	name := k0rdent.AuthSecretName(c.Name)
	d := Difference{Object: "secret " + c.Namespace + "/" + name}
	secret := s.Secret(c.Namespace, name)
	switch {
	case c.Deleting || c.Region != "" || secret == nil && (rendered.Off || c.DryRun || s.secretUnknown(c.Namespace, name)):
		return nil
	case secret == nil:
		d.Want, d.Message = "hash "+rendered.Hash, "it is not there: KCM has not written it, or somebody has deleted it"
		return []Difference{d}
	case rendered.Off && textAt(c.Config, "auth", "configSecret", "name") == name:
		return nil // it is the user's own
	case rendered.Off:
		d.Message = "it is there although authentication is off"
		return []Difference{d}
	}
	have, found := secret.Data[k0rdent.AuthSecretKey]
	if !found {
		d.Field, d.Want, d.Message = "data."+k0rdent.AuthSecretKey, "hash "+rendered.Hash, "the key is not there"
		return []Difference{d}
	}
	var out []Difference
	if keys := slices.Sorted(maps.Keys(secret.Data)); len(keys) > 1 {
		keys = slices.DeleteFunc(keys, func(k string) bool { return k == k0rdent.AuthSecretKey })
		out = append(out, Difference{
			Object: d.Object, Field: "data", Have: join(keys), Message: "KCM removes other keys when it writes the Secret",
		})
	}
	if bytes.Equal(have, rendered.Bytes) {
		return out
	}
	return append(out, c.diffFile(d.Object, rendered.Bytes, have)...)
}

// diffFile says in which fields two files differ, or that it is only in how they are written.
func (c *Cluster) diffFile(object string, want, have []byte) []Difference {
	var a, b map[string]any
	if err := yaml.Unmarshal(want, &a); err != nil {
		return []Difference{{Object: object, Message: "what KCM writes can't be read"}}
	}
	if err := yaml.Unmarshal(have, &b); err != nil {
		return []Difference{{Object: object, Field: "data." + k0rdent.AuthSecretKey, Message: "it is no YAML: no API server starts with it"}}
	}
	var out []Difference
	for _, l := range differing("", a, b) {
		out = append(out, Difference{
			Object: object, Field: l.path, Want: shown(l.path, l.want), Have: shown(l.path, l.have), Message: meaning(l.path),
		})
	}
	if len(out) == 0 {
		message := "it means the same and is written otherwise, so that KCM will write it anew and the control plane roll"
		switch resting := c.resting(); {
		case resting != "":
			message = "it means the same and is written otherwise; " + resting
		case c.Uses() == UseNo:
			message = "it means the same and is written otherwise, so that KCM will write it anew; the template ignores it"
		}
		out = append(out, Difference{
			Object: object, Want: "hash " + k0rdent.Hash(want), Have: "hash " + k0rdent.Hash(have), Message: message,
		})
	}
	return out
}

// meaning says what a difference in a field of the file means.
func meaning(path string) string {
	switch {
	case path == "apiVersion" || path == "kind":
		return "another version of KCM has written it"
	case strings.HasSuffix(path, "certificateAuthority"):
		return "issuers are trusted by other certificates"
	case strings.Contains(path, "claimMappings"):
		return "users get other names or groups"
	case strings.Contains(path, "ValidationRules"):
		return "other rules refuse users"
	case strings.HasPrefix(path, "anonymous"):
		return "anonymous requests are treated otherwise"
	}
	return "other tokens are accepted"
}

// shown returns a value for people. Of what may hold a key by mistake only a checksum is shown.
func shown(path string, value any) string {
	if value == nil {
		return ""
	}
	if strings.HasSuffix(path, "certificateAuthority") {
		return checksum(fmt.Sprint(value))
	}
	if s, ok := value.(string); ok {
		return s
	}
	data, err := yaml.Marshal(masked(value))
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(data))
}

// masked returns a value with checksums in place of certificates.
func masked(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for name, inner := range v {
			if name == "certificateAuthority" {
				out[name] = checksum(fmt.Sprint(inner))
				continue
			}
			out[name] = masked(inner)
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, inner := range v {
			out = append(out, masked(inner))
		}
		return out
	}
	return value
}

// checksum returns how long a text is, and the begin of its SHA-256.
func checksum(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%d bytes, sha256 %s", len(text), hex.EncodeToString(sum[:6]))
}
