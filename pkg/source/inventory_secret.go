package source

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const kindSecret = "Secret"

// secretResource is read of manifests only, and whole: other objects name Secrets of any namespace.
func secretResource() shelved {
	return shelved{
		want: inventory.Secrets, versions: []string{corev1.SchemeGroupVersion.Version}, resource: string(inventory.Secrets),
		kind: kindSecret, namespaced: true, whole: true, shelf: func() shelf { return newSecretShelf() },
	}
}

// secretShelf is the shelf of Secrets. Its errors don't show what a Secret holds, nor does it keep the annotation in which
// kubectl repeats that.
type secretShelf struct {
	typedShelf[corev1.Secret, *corev1.Secret]
}

func newSecretShelf() *secretShelf {
	s := &secretShelf{}
	s.into = func(inv *inventory.Inventory) *[]*corev1.Secret { return &inv.Secrets }
	s.label(corev1.SchemeGroupVersion.WithKind(kindSecret))
	return s
}

// Item implements [kube.Sink].
func (s *secretShelf) Item(data []byte, encoding kube.Encoding) error {
	if err := s.typedShelf.Item(data, encoding); err != nil {
		return errors.New("read object: the answer is broken")
	}
	forget(s.items[len(s.items)-1])
	return nil
}

// convert makes of a manifest what an API server stores: stringData goes over data.
func (s *secretShelf) convert(content map[string]any) (metav1.Object, []error, error) {
	data, err := secretData(content)
	if err != nil {
		return nil, nil, err
	}
	content = maps.Clone(content)
	delete(content, "data")
	delete(content, "stringData")
	object, unknown, err := s.typedShelf.convert(content)
	if err != nil {
		return nil, nil, err
	}
	if secret, ok := object.(*corev1.Secret); ok {
		forget(secret)
		if secret.Data = data; secret.Type == "" {
			secret.Type = corev1.SecretTypeOpaque
		}
	}
	return object, unknown, nil
}

// forget removes the annotation in which kubectl keeps what was applied.
func forget(secret *corev1.Secret) {
	delete(secret.Annotations, corev1.LastAppliedConfigAnnotation)
	if len(secret.Annotations) == 0 {
		secret.Annotations = nil
	}
}

// secretData returns what a Secret holds. Errors name the key, and not its value.
func secretData(content map[string]any) (map[string][]byte, error) {
	encoded, err := secretTexts(content, "data")
	if err != nil {
		return nil, err
	}
	plain, err := secretTexts(content, "stringData")
	if err != nil {
		return nil, err
	}
	data := make(map[string][]byte, len(encoded)+len(plain))
	for _, key := range slices.Sorted(maps.Keys(encoded)) {
		// An API server reads all before it puts one over the other, and so refuses what is broken in either.
		if data[key], err = base64.StdEncoding.DecodeString(encoded[key]); err != nil {
			return nil, fmt.Errorf("data.%s: want base64", key)
		}
	}
	for key, text := range plain {
		data[key] = []byte(text)
	}
	if len(data) == 0 {
		return nil, nil
	}
	return data, nil
}

// secretTexts returns the strings of a field of a Secret; null is the empty one.
func secretTexts(content map[string]any, field string) (map[string]string, error) {
	if content[field] == nil {
		return nil, nil
	}
	all, ok := content[field].(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s: want an object", field)
	}
	texts := make(map[string]string, len(all))
	for _, key := range slices.Sorted(maps.Keys(all)) {
		switch value := all[key].(type) {
		case nil:
			texts[key] = ""
		case string:
			texts[key] = value
		default:
			return nil, fmt.Errorf("%s.%s: want a string (quotes make it a string)", field, key)
		}
	}
	return texts, nil
}

// encrypted reports whether SOPS has encrypted a Secret, as is the custom where manifests are kept in Git: it then has a
// part that says how.
func encrypted(content map[string]any) bool {
	_, ok := content["sops"].(map[string]any)
	return ok
}

// encryptedGap is the gap that an encrypted object leaves.
func encryptedGap(r *shelved, namespace, name string) rbac.Gap {
	gap := rbac.Gap{What: r.called() + " " + name, Namespace: namespace, Cause: "it is encrypted"}
	if namespace != "" {
		gap.What += " in namespace " + namespace
	}
	return gap
}

// mayBeSecret returns the kind of secret objects that a text which can't be read may be of; empty when it is of none.
func (c *chunk) mayBeSecret() string {
	kind := cmp.Or(c.kind, itemKind(c.listKind))
	for _, secret := range secretKinds() {
		if kind == secret || c.kind == "" && bytes.Contains(c.text, []byte(secret)) {
			return secret
		}
	}
	return ""
}

// hideSecret returns an error on an object that can't be read without the secret that it holds: only the line is left of it.
func hideSecret(err error, kind string, line int) error {
	if at, ok := errors.AsType[*lineError](err); ok {
		line = at.line
	}
	return atLine(line, "%s: it can't be read; what it holds is not shown", kind)
}
