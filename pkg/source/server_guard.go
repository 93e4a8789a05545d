package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

// hidingOf returns what hides the secrets of a kind as inventories do; nil for kinds that are shown as they are.
func hidingOf(o *unstructured.Unstructured) hiding {
	if o.GroupVersionKind().Group != groupKalm {
		return nil
	}
	switch o.GetKind() {
	case kindAccessToken:
		return hideToken
	case kindSingleSignOn:
		return hideSSO
	}
	return nil
}

// guard keeps requests about an object that holds secrets out of the log.
func guard(ctx context.Context, o *unstructured.Unstructured) context.Context {
	if hidingOf(o) == nil && (o.GetKind() != kindSecret || o.GroupVersionKind().Group != corev1.GroupName) {
		return ctx
	}
	return kube.Quietly(ctx)
}

// guarded hides the secrets of an answer about an object.
func guarded(asked *unstructured.Unstructured, got *unstructured.Unstructured, err error) (*unstructured.Unstructured, error) {
	if err != nil {
		return nil, unquoted(asked, err)
	}
	if hide := hidingOf(got); hide != nil {
		hide(got)
	}
	return got, nil
}

// unquoted takes out of an error what the server says of fields of an object that holds secrets: it quotes what it finds
// wrong.
func unquoted(o *unstructured.Unstructured, err error) error {
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || hidingOf(o) == nil || status.ErrStatus.Details == nil || len(status.ErrStatus.Details.Causes) == 0 {
		return err
	}
	clean := &apierrors.StatusError{ErrStatus: *status.ErrStatus.DeepCopy()}
	var fields []string
	for i := range clean.ErrStatus.Details.Causes {
		cause := &clean.ErrStatus.Details.Causes[i]
		cause.Message = "not as the server wants it"
		fields = append(fields, cause.Field)
	}
	slices.Sort(fields)
	clean.ErrStatus.Message = fmt.Sprintf("%s %q is invalid: %s (what is in it is not shown, since it may be a secret)",
		o.GetKind(), o.GetName(), strings.Join(slices.Compact(fields), ", "))
	return clean
}

// checkPatch is [checkSecret] for a merge patch of an object.
func checkPatch(o *unstructured.Unstructured, patch []byte) error {
	if hidingOf(o) == nil {
		return nil
	}
	var body any
	if err := json.Unmarshal(patch, &body); err != nil {
		return fmt.Errorf("read patch: it is no JSON: %w", err)
	}
	return checkSecret(o, body)
}

// checkSecret refuses to write what stands for a secret in an object that was read: the secret would be lost.
func checkSecret(o *unstructured.Unstructured, body any) error {
	if hidingOf(o) == nil || !standsIn(body) {
		return nil
	}
	return fmt.Errorf("write %s %s: its secrets were hidden when it was read, and this would write over them", o.GetKind(), o.GetName())
}

// standsIn reports whether one of the texts in a value stands for a secret.
func standsIn(value any) bool {
	switch v := value.(type) {
	case string:
		_, _, digest := inventory.ReadDigest(v)
		return digest || v == inventory.Hidden
	case map[string]any:
		for _, inner := range v {
			if standsIn(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, standsIn)
	}
	return false
}
