package source

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// The kinds beside Secret that hold secrets.
const (
	kindAccessToken  = "AccessToken"
	kindSingleSignOn = "SingleSignOnConfig"
)

// secretKinds are the kinds whose text is never part of an error.
func secretKinds() []string { return []string{kindSecret, kindAccessToken, kindSingleSignOn} }

// hiding takes what is secret out of an object. It changes the object.
type hiding func(*unstructured.Unstructured)

// hideToken puts the digest of the token into an AccessToken in place of it. What is a digest already, by which the object is
// called, stays.
func hideToken(o *unstructured.Unstructured) {
	forgetApplied(o)
	spec, _ := o.Object["spec"].(map[string]any)
	switch token := spec["token"].(type) {
	case nil:
	case string:
		if sum, _, ok := inventory.ReadDigest(token); !ok || sum != o.GetName() {
			spec["token"] = inventory.Digest(token)
		}
	default:
		spec["token"] = inventory.Hidden
	}
}

// hideSSO hides what a SingleSignOnConfig logs in with elsewhere, and the hash of the password of its first administrator. Of
// a connector, whose config depends on its type, no more is left than what is known to be no secret.
func hideSSO(o *unstructured.Unstructured) {
	forgetApplied(o)
	spec, _ := o.Object["spec"].(map[string]any)
	hide(spec, "issuerClientSecret")
	if user, ok := spec["temporaryUser"].(map[string]any); ok {
		hide(user, "passwordHash")
		hide(user, "password")
	}
	connectors, _ := spec["connectors"].([]any)
	for _, c := range connectors {
		connector, _ := c.(map[string]any)
		config, ok := connector["config"].(map[string]any)
		if !ok {
			hide(connector, "config")
		}
		for key := range config {
			if !isOpen(key) {
				hide(config, key)
			}
		}
	}
}

// isOpen reports whether a field of a connector's config is no secret. Source: controller/api/v1alpha1/singlesignonconfig_types.go
// of kalmhq/kalm, and the connectors of dexidp/dex 2.24.
func isOpen(key string) bool {
	switch key {
	case "clientID", "baseURL", "redirectURI", "hostName", "org", "orgs", "groups", "teams", "teamNameField", "loadAllGroups",
		"useLoginAsID", "issuer", "scopes", "hostedDomains", "tenant", "host", "bindDN", "userSearch", "groupSearch",
		"insecureNoSSL", "insecureSkipVerify", "insecureSkipEmailVerified", "insecureEnableGroups", "getUserInfo", "userIDKey",
		"userNameKey", "claimMapping", "basicAuthUnsupported", "onlySecurityGroups", "groupNameFormat", "useGroupsAsWhitelist":
		return true
	}
	return false
}

// hide puts a mark in the place of a field, if it is there and not empty.
func hide(fields map[string]any, key string) {
	if value, ok := fields[key]; ok && value != nil && value != "" {
		fields[key] = inventory.Hidden
	}
}

// bare leaves of a Secret its metadata and the type.
func bare(kind string) hiding {
	return func(o *unstructured.Unstructured) {
		forgetApplied(o)
		o.Object = map[string]any{
			"apiVersion": o.Object["apiVersion"], "kind": o.Object["kind"], "metadata": o.Object["metadata"], "type": kind,
		}
	}
}

// forgetApplied removes the annotation in which kubectl keeps what was applied.
func forgetApplied(o *unstructured.Unstructured) {
	metadata, _ := o.Object["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	if delete(annotations, corev1.LastAppliedConfigAnnotation); len(annotations) == 0 {
		delete(metadata, "annotations")
	}
}

// unfold makes of the protobuf of a Go type what its JSON would give, without fields that are null.
func unfold[T any, P typedObject[T]](data []byte) (map[string]any, error) {
	item := P(new(T))
	if err := unmarshal(item, data); err != nil {
		return nil, err
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(item)
	if err != nil {
		return nil, err
	}
	dropNull(content)
	return content, nil
}

func dropNull(value any) {
	switch v := value.(type) {
	case map[string]any:
		for key, field := range v {
			if field == nil {
				delete(v, key)
				continue
			}
			dropNull(field)
		}
	case []any:
		for _, item := range v {
			dropNull(item)
		}
	}
}
