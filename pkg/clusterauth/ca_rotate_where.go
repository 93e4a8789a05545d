package clusterauth

import (
	"encoding/base64"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// planSecret changes the key of the Secret, and marks all who take their CA from it.
func (t *turn) planSecret() error {
	a := t.authentication
	at := *a.CASecret
	secret := t.state.Secret(at.Namespace, at.Name)
	switch {
	case t.rotation.Issuer != "":
		return t.refuse("leave the issuer out", "all its issuers share the CA of secret %s/%s", at.Namespace, at.Name)
	case secret.Immutable != nil && *secret.Immutable:
		return t.refuse("make another Secret, and let spec.caSecret name that one", "secret %s/%s is immutable", at.Namespace, at.Name)
	}
	bundle, err := t.bundle(a.CA, t.sharing(at))
	if err != nil {
		return err
	}
	if !onlyCertificates(a.CA) {
		if string(bundle) == string(a.CA) {
			return nil // nothing changes, and nothing is shown
		}
		return t.refuse(onlyHint, "%w", impure(at))
	}
	if writer := writerOf(secret); writer != "" {
		t.note("%s writes secret %s/%s, and may put the old CA back", writer, at.Namespace, at.Name)
	}
	t.steps = append(t.steps, plan.Step{
		Verb: plan.Update, Unit: a.object(),
		Old: keyOnly(secret, at.Key, a.CA), Object: keyOnly(secret, at.Key, bundle),
		Why: "KCM puts it into the configuration of every issuer",
	})
	if string(bundle) == string(a.CA) {
		return nil
	}
	if others := len(secret.Data) - 1; others > 0 {
		t.note("secret %s/%s has %s that the plan neither shows nor touches", at.Namespace, at.Name, count(others, "other key"))
	}
	for _, other := range t.state.authentications {
		if !other.takesFrom(at) {
			continue
		}
		step, err := t.mark(other, changed(bundle))
		if err != nil {
			return err
		}
		t.steps = append(t.steps, step)
		if other.object() != a.object() {
			t.note("%s takes its CA from the same Secret, and changes with it", other.object())
		}
	}
	t.after = t.state.After(plan.Plan{Steps: t.steps})
	return nil
}

// takesFrom reports whether KCM reads its CA from that key of that Secret.
func (a Authentication) takesFrom(at k0rdent.SecretKey) bool {
	return a.Problem == nil && a.Configuration != nil && a.CASecret != nil && *a.CASecret == at
}

// sharing returns the URLs of all issuers whose CA is that key of that Secret, sorted.
func (t *turn) sharing(at k0rdent.SecretKey) []string {
	var out []string
	for _, a := range t.state.authentications {
		if a.takesFrom(at) {
			out = append(out, a.Issuers()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// mark sets the annotation by which KCM is made to look.
func (t *turn) mark(a Authentication, value string) (plan.Step, error) {
	updated := a.Object.DeepCopy()
	annotations := updated.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[CAChangedAnnotation] = value
	updated.SetAnnotations(annotations)
	return t.update(a, updated, "KCM does not watch the Secret, and looks at clusters when this object changes")
}

// update is the step that changes a ClusterAuthentication. The plan has all of it, so that it is refused when a private key
// is among the certificates that it gives to issuers.
func (t *turn) update(a Authentication, updated *unstructured.Unstructured, why string) (plan.Step, error) {
	for _, jwt := range a.Configuration.JWT {
		if read, _ := authn.ReadBundle([]byte(jwt.Issuer.CertificateAuthority)); slices.ContainsFunc(read.Others, isPrivate) {
			return plan.Step{}, t.refuse(privateHint, "a private key is in the CA that %s gives issuer %s, and the plan would show it", a.object(), jwt.Issuer.URL)
		}
	}
	objects, err := plan.FromObjects(a.Object, updated)
	if err != nil {
		return plan.Step{}, fmt.Errorf("rotate CA of %s: %w", a.object(), err)
	}
	return plan.Step{
		Verb: plan.Update, Old: objects[0], Object: objects[1], Why: why, Unit: t.authentication.object(),
	}, nil
}

// onlyHint is what to do about [impure].
const onlyHint = "leave only the certificates there, by hand: comments have to go, too"

// impure says that a Secret can't be changed, since a plan has what was there before.
func impure(at k0rdent.SecretKey) error {
	return fmt.Errorf("key %s of secret %s/%s has more than certificates in it, which a plan must not have", at.Key, at.Namespace, at.Name)
}

// keyOnly is a Secret of which only one key is told: what a plan shows, keeps and writes must not have the others. Since an
// update patches what differs, they stay as they are.
func keyOnly(secret *corev1.Secret, key string, value []byte) *unstructured.Unstructured {
	metadata := map[string]any{"namespace": secret.Namespace, "name": secret.Name}
	if secret.UID != "" {
		metadata["uid"] = string(secret.UID)
	}
	if secret.ResourceVersion != "" {
		metadata["resourceVersion"] = secret.ResourceVersion
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata":   metadata,
		"data":       map[string]any{key: base64.StdEncoding.EncodeToString(value)},
	}}
}

// planInline changes the certificates that the object itself gives to issuers.
func (t *turn) planInline() error {
	a := t.authentication
	chosen, err := t.chooseInline()
	if err != nil {
		return err
	}
	updated := a.Object.DeepCopy()
	authenticators, _, err := unstructured.NestedSlice(updated.Object, "spec", "authenticationConfiguration", "jwt")
	if err != nil {
		return fmt.Errorf("rotate CA of %s: %w", a.object(), err)
	}
	var urls []string
	for _, i := range chosen {
		urls = append(urls, a.Configuration.JWT[i].Issuer.URL)
	}
	bundle, err := t.bundle([]byte(a.Configuration.JWT[chosen[0]].Issuer.CertificateAuthority), urls)
	if err != nil {
		return err
	}
	for _, i := range chosen {
		authenticator, ok := authenticators[i].(map[string]any)
		if !ok {
			return fmt.Errorf("rotate CA of %s: jwt[%d] is no object", a.object(), i)
		}
		if sameBundle(a.Configuration.JWT[i].Issuer.CertificateAuthority, string(bundle)) {
			continue // other bytes would roll control planes for nothing
		}
		if err := unstructured.SetNestedField(authenticator, string(bundle), "issuer", "certificateAuthority"); err != nil {
			return fmt.Errorf("rotate CA of %s: %w", a.object(), err)
		}
	}
	if err := unstructured.SetNestedSlice(updated.Object, authenticators, "spec", "authenticationConfiguration", "jwt"); err != nil {
		return fmt.Errorf("rotate CA of %s: %w", a.object(), err)
	}
	step, err := t.update(a, updated, "its issuers have their CA in it")
	if err != nil {
		return err
	}
	t.steps = append(t.steps, step)
	t.after = t.state.With(step.Object)
	t.noteCopies()
	return nil
}

// chooseInline returns the issuers whose CA changes: the one that was named, or all that have one, which must be the same.
func (t *turn) chooseInline() ([]int, error) {
	var chosen []int
	first := ""
	for i, jwt := range t.authentication.Configuration.JWT {
		ca := jwt.Issuer.CertificateAuthority
		switch {
		case t.rotation.Issuer != "" && jwt.Issuer.URL != t.rotation.Issuer, t.rotation.Issuer == "" && ca == "":
			continue
		case ca == "":
			return nil, t.refuse("its API servers trust public CAs for it; there is nothing to rotate", "issuer %s has no CA of its own", jwt.Issuer.URL)
		case len(chosen) > 0 && !sameBundle(first, ca):
			return nil, t.refuse("name one of them: "+join(t.issuers()), "its issuers have different CAs")
		case len(chosen) == 0:
			first = ca
		}
		chosen = append(chosen, i)
	}
	switch {
	case len(chosen) > 0:
		return chosen, nil
	case t.rotation.Issuer != "":
		return nil, t.refuse("it has "+join(t.authentication.Issuers()), "it has no issuer %s", t.rotation.Issuer)
	}
	return nil, t.refuse("API servers trust public CAs for its issuers; there is nothing to rotate", "it names no CA")
}

// noteCopies tells of the copies that do not change with their source.
func (t *turn) noteCopies() {
	a := t.authentication
	if a.Managed {
		t.note("%s is a copy: change its source, too, or the next sync of copies takes this back", a.object())
		return
	}
	var copies []string
	for _, c := range t.state.copies {
		if a.Namespace == t.state.SystemNamespace && c.Name == a.Name && (c.State == Current || c.State == Stale) {
			copies = append(copies, c.Namespace)
		}
	}
	if len(copies) > 0 {
		t.note("copies of it keep the old CA until they are synced: those in %s", join(copies))
	}
}
