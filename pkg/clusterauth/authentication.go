package clusterauth

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Authentication is a ClusterAuthentication with what it refers to.
type Authentication struct {
	k0rdent.ClusterAuthentication
	// Problem says why the API server would not store the object as it is; all but its name is then unknown.
	Problem error
	// CA is what KCM puts into the configuration for every issuer; nil when it names no Secret, or CAProblem says why not.
	CA []byte
	// CAProblem says why there is no CA although a Secret is named. It is a [Refusal].
	CAProblem error
	// CAUnread says that the Secret may be there, and was not read; CAProblem is set.
	CAUnread bool
	// Certificates are those of CA, nil when there are none.
	Certificates []authn.Certificate
	// UsedBy are the ClusterDeployments of its namespace that refer to it, sorted.
	UsedBy []string
}

// Issuers returns the URLs of its issuers, in its order.
func (a Authentication) Issuers() []string {
	if a.Configuration == nil {
		return nil
	}
	out := make([]string, 0, len(a.Configuration.JWT))
	for _, jwt := range a.Configuration.JWT {
		out = append(out, jwt.Issuer.URL)
	}
	return out
}

// object names it as findings do.
func (a Authentication) object() string { return authenticationObject(a.Namespace, a.Name) }

func authenticationObject(namespace, name string) string {
	return "clusterauthentication " + namespace + "/" + name
}

// readAuthentications reads all of them; the inventory has them in order.
func readAuthentications(s *State) []Authentication {
	users := map[string][]string{}
	for _, cluster := range s.Inventory.Objects(inventory.ClusterDeployments) {
		if name := textAt(cluster.Object, "spec", "clusterAuth"); name != "" {
			key := cluster.GetNamespace() + "/" + name
			users[key] = append(users[key], cluster.GetName())
		}
	}
	var out []Authentication
	for _, object := range s.Inventory.Objects(inventory.ClusterAuthentications) {
		a := Authentication{UsedBy: users[object.GetNamespace()+"/"+object.GetName()]}
		slices.Sort(a.UsedBy)
		a.ClusterAuthentication, a.Problem = k0rdent.ReadClusterAuthentication(object)
		a.Namespace, a.Name, a.Object = object.GetNamespace(), object.GetName(), object
		if a.Problem == nil && a.Configuration != nil && a.CASecret != nil {
			a.readCA(s)
		}
		out = append(out, a)
	}
	slices.SortFunc(out, func(a, b Authentication) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// readCA reads the CA as KCM does: the key must be there, and may be empty.
func (a *Authentication) readCA(s *State) {
	at := *a.CASecret
	secret := s.Secret(at.Namespace, at.Name)
	switch {
	case at.Name == "":
		a.CAProblem = Refuse("set spec.caSecret.name", "read the CA of %s: spec.caSecret has no name", a.object())
		return
	case secret == nil && s.secretUnknown(at.Namespace, at.Name):
		a.CAUnread = true
		a.CAProblem = Refuse(s.secretHint(at.Namespace, at.Name), "read the CA of %s: secret %s/%s was not read", a.object(), at.Namespace, at.Name)
		return
	case secret == nil:
		a.CAProblem = Refuse("KCM stops at every cluster that uses it until the Secret is there",
			"read the CA of %s: secret %s/%s is not there", a.object(), at.Namespace, at.Name)
		return
	}
	data, found := secret.Data[at.Key]
	if !found {
		a.CAProblem = Refuse("KCM stops at every cluster that uses it until the key is there",
			"read the CA of %s: secret %s/%s has no key %q", a.object(), at.Namespace, at.Name, at.Key)
		return
	}
	a.CA = data
	// What the bundle lacks is for findings to say: KCM copies it whatever it holds.
	if bundle, err := authn.ReadBundle(data); err == nil {
		a.Certificates = bundle.Certificates
	}
}

// secretHint says what makes a Secret readable.
func (s *State) secretHint(namespace, name string) string {
	if gap := s.Inventory.Withheld(namespace, name); gap != nil && gap.Missing == nil {
		return gap.Cause
	}
	for _, gap := range s.Inventory.Missing(inventory.Secrets) {
		if gap.Missing != nil && (gap.Namespace == "" || gap.Namespace == namespace) {
			return "it takes the rule " + rbac.RuleText(gap.Missing) + " in " + namespace
		}
	}
	return "add secret " + namespace + "/" + name + " to what is read"
}

// PrivateKeyIn returns the field of a ClusterAuthentication that has a private key among the certificates of an issuer, such
// as "spec.authenticationConfiguration.jwt[0].issuer.certificateAuthority", the first of several; empty for none, and for
// objects of other kinds. Who shows the object would show the key.
func PrivateKeyIn(object *unstructured.Unstructured) string {
	if object == nil || object.GetKind() != k0rdent.KindClusterAuthentication {
		return ""
	}
	for i, jwt := range mapsAt(object.Object, "spec", "authenticationConfiguration", "jwt") {
		if HasPrivateKey(textAt(jwt, "issuer", "certificateAuthority")) {
			return fmt.Sprintf("spec.authenticationConfiguration.jwt[%d].issuer.certificateAuthority", i)
		}
	}
	return ""
}

// HasPrivateKey reports whether a private key is in a text of PEM blocks, whole or broken.
func HasPrivateKey(text string) bool { return strings.Contains(text, "PRIVATE KEY-----") }

// RefuseKey returns the [Refusal] to show, or to pass on, what has a private key in it; why says where it is.
func RefuseKey(why string) error {
	return Refuse("take it out, and have the key replaced: whoever can read the configuration has it, and so has every control plane", "AU060 %s", why)
}

// Authentications returns all ClusterAuthentications by namespace and name.
func (s *State) Authentications() []Authentication { return slices.Clone(s.authentications) }

// Authentication returns one of them. The error is a [Refusal].
func (s *State) Authentication(namespace, name string) (Authentication, error) {
	if a := s.authentication(namespace, name); a != nil {
		return *a, nil
	}
	next, err := s.absent(inventory.ClusterAuthentications, namespace, name, s.authenticationNames(namespace))
	return Authentication{}, Refuse(next, "find %s: %w", authenticationObject(namespace, name), err)
}

// authentication returns one of them, or nil.
func (s *State) authentication(namespace, name string) *Authentication {
	i, found := slices.BinarySearchFunc(s.authentications, [2]string{namespace, name}, func(a Authentication, want [2]string) int {
		return cmp.Or(cmp.Compare(a.Namespace, want[0]), cmp.Compare(a.Name, want[1]))
	})
	if !found {
		return nil
	}
	return &s.authentications[i]
}

// authenticationNames returns the names of those of a namespace.
func (s *State) authenticationNames(namespace string) []string {
	var out []string
	for _, a := range s.authentications {
		if a.Namespace == namespace {
			out = append(out, a.Name)
		}
	}
	return out
}

var errAbsent = errors.New("it is not there")

// absent says why an object was not found, and what to do: the names are those that its namespace has of the kind.
func (s *State) absent(kind inventory.Kind, namespace, name string, names []string) (next string, err error) {
	if !s.Inventory.Served[kind] {
		return "", fmt.Errorf("there are no %s in %s", kind, cmp.Or(s.Inventory.Source, "what was read"))
	}
	for _, gap := range s.Inventory.Missing(kind) {
		if concerns(gap, kind, namespace) {
			if gap.Missing != nil {
				next = "it takes the rule " + rbac.RuleText(gap.Missing)
			}
			return next, fmt.Errorf("%s could not be read: %s", kind, gap.Cause)
		}
	}
	if near := rbac.Nearest(name, names); len(near) > 0 {
		return "did you mean " + near[0] + "?", errAbsent
	}
	var elsewhere []string
	for _, object := range s.Inventory.Objects(kind) {
		if object.GetName() == name {
			elsewhere = addOnce(elsewhere, object.GetNamespace())
		}
	}
	switch {
	case len(elsewhere) > 0:
		next = "there is one of this name in " + join(elsewhere)
	case len(names) > 0:
		next = "namespace " + namespace + " has " + join(names[:min(5, len(names))])
	}
	return next, errAbsent
}
