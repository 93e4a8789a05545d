package k0rdent

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// SecretKey is one key of a Secret.
type SecretKey struct {
	Namespace, Name, Key string
}

// ClusterAuthentication is what KCM reads of an object of this kind.
type ClusterAuthentication struct {
	Namespace, Name string
	// Managed says that AccessManagement made it, as a copy of the one in the system namespace.
	Managed bool
	// Configuration is nil when the object says nothing: authentication is off then, whatever CASecret says.
	Configuration *Configuration
	// CASecret is where the certificates of all issuers are; nil when each issuer has its own. Its namespace is filled in.
	// Its name may be empty, since the schema does not demand it.
	CASecret *SecretKey
	// CASecretElsewhere says that the Secret is in another namespace than the object. Nothing guards that: KCM reads it with
	// its own rights, and copies the content into the object's namespace.
	CASecretElsewhere bool
	// Unknown are the fields that the API server drops on the way in, and those that KCM drops at rendering, as sorted
	// paths: "spec.authenticationConfiguration.jwt[0].Issuer".
	Unknown []string
	// Object is the object that was read. It is not a copy.
	Object *unstructured.Unstructured
}

// ReadClusterAuthentication reads an object as the API server and KCM do: names of fields are case-sensitive, unknown
// ones are dropped (see Unknown), as are known ones of null, and a field that the schema demands, or one of another type,
// gives an error that names the path. Source: api/v1beta1/clusterauthentication_types.go and the schema made of it.
func ReadClusterAuthentication(u *unstructured.Unstructured) (ClusterAuthentication, error) {
	if u == nil {
		return ClusterAuthentication{}, errors.New("read clusterauthentication: there is none")
	}
	a := ClusterAuthentication{Namespace: u.GetNamespace(), Name: u.GetName(), Object: u}
	a.Managed = u.GetLabels()[LabelManaged] == "true"
	if err := a.read(u.Object); err != nil {
		return ClusterAuthentication{}, fmt.Errorf("read clusterauthentication %s/%s: %w", a.Namespace, a.Name, err)
	}
	return a, nil
}

// read fills in what the object says.
func (a *ClusterAuthentication) read(object map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if !slices.Contains([]string{"apiVersion", "kind", "metadata", "spec", "status"}, name) {
			a.Unknown = append(a.Unknown, child("", name))
		}
	}
	spec := object["spec"]
	if spec == nil {
		return nil
	}
	pruned, unknown, err := specShape().prune(spec, "spec")
	if err != nil {
		return err
	}
	a.Unknown = append(a.Unknown, unknown...)
	slices.Sort(a.Unknown)
	known, _ := pruned.(map[string]any)
	if c, ok := known["authenticationConfiguration"].(map[string]any); ok {
		if a.Configuration, err = toConfiguration(c); err != nil {
			return err
		}
	}
	if ca, ok := known["caSecret"].(map[string]any); ok {
		name, _ := ca["name"].(string)
		key, _ := ca["key"].(string)
		namespace, _ := ca["namespace"].(string)
		a.CASecretElsewhere = namespace != "" && namespace != a.Namespace
		if namespace == "" {
			namespace = a.Namespace
		}
		a.CASecret = &SecretKey{Namespace: namespace, Name: name, Key: key}
	}
	return nil
}

// NewClusterAuthentication returns an object that says this. What is empty is left out, but for jwt, which the schema
// demands. A nil ca gives none, and one whose namespace is empty or that of the object is written without a namespace.
func NewClusterAuthentication(namespace, name string, c Configuration, ca *SecretKey) (*unstructured.Unstructured, error) {
	body, err := runtime.DefaultUnstructuredConverter.ToUnstructured(&content{JWT: c.JWT, Anonymous: c.Anonymous})
	if err != nil {
		return nil, fmt.Errorf("make clusterauthentication %s/%s: %w", namespace, name, err)
	}
	if c.JWT == nil {
		body["jwt"] = []any{}
	}
	if authenticators, ok := body["jwt"].([]any); ok {
		dropEmptyMappings(authenticators)
	}
	for field, value := range map[string]string{"apiVersion": c.APIVersion, "kind": c.Kind} {
		if value != "" {
			body[field] = value
		}
	}
	spec := map[string]any{"authenticationConfiguration": body}
	if ca != nil {
		secret := map[string]any{"name": ca.Name, "key": ca.Key}
		if ca.Namespace != "" && ca.Namespace != namespace {
			secret["namespace"] = ca.Namespace
		}
		spec["caSecret"] = secret
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": APIVersion,
		"kind":       KindClusterAuthentication,
		"metadata":   map[string]any{"namespace": namespace, "name": name},
		"spec":       spec,
	}}, nil
}

// dropEmptyMappings removes the mappings that the upstream type always writes, and that say nothing.
func dropEmptyMappings(authenticators []any) {
	for _, authenticator := range authenticators {
		for _, mapping := range []string{"groups", "uid"} {
			object, ok := authenticator.(map[string]any)
			if !ok {
				continue
			}
			empty, ok, err := unstructured.NestedMap(object, "claimMappings", mapping)
			if err == nil && ok && len(empty) == 0 {
				unstructured.RemoveNestedField(object, "claimMappings", mapping)
			}
		}
	}
}

// CopyOf returns what AccessManagement makes of a ClusterAuthentication in another namespace, when there is none of that
// name yet: it never updates one. Labels, annotations and owners are not copied, and the Secret stays where it is. Source:
// createManagedObject in internal/controller/accessmanagement_controller.go.
func CopyOf(source *unstructured.Unstructured, namespace string) *unstructured.Unstructured {
	out := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": source.GetAPIVersion(),
		"kind":       source.GetKind(),
	}}
	out.SetNamespace(namespace)
	out.SetName(source.GetName())
	out.SetLabels(map[string]string{LabelManaged: "true"})
	spec, ok := source.Object["spec"].(map[string]any)
	if !ok {
		return out
	}
	spec = runtime.DeepCopyJSON(spec)
	out.Object["spec"] = spec
	if ca, ok := spec["caSecret"].(map[string]any); ok {
		if own, _ := ca["namespace"].(string); own == "" {
			ca["namespace"] = source.GetNamespace()
		}
	}
	return out
}
