package clusterauth

import (
	"fmt"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// secretStep makes the Secret with the CA, or changes the one key of it, in a step of the unit; there is none when its
// certificates are there. Only certificates go into it. The notes say who else takes the CA from there.
func (s *State) secretStep(at k0rdent.SecretKey, ca []byte, unit string) ([]plan.Step, []string, error) {
	list, others, err := certificates(ca)
	switch {
	case len(others) > 0:
		return nil, nil, Refuse("give a file with certificates only: KCM copies all of it to nodes", "read the CA: it holds %s", join(others))
	case err != nil:
		return nil, nil, fmt.Errorf("read the CA: %w", err)
	}
	object, bundle := "secret "+at.Namespace+"/"+at.Name, encode(list)
	old := s.Secret(at.Namespace, at.Name)
	if old == nil {
		made, err := plan.FromObjects(&corev1.Secret{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
			ObjectMeta: metav1.ObjectMeta{
				Namespace: at.Namespace, Name: at.Name, Labels: map[string]string{k0rdent.LabelComponent: k0rdent.ComponentKCM},
			},
			Data: map[string][]byte{at.Key: bundle},
			Type: corev1.SecretTypeOpaque,
		})
		if err != nil {
			return nil, nil, err
		}
		return []plan.Step{{Verb: plan.Create, Object: made[0], Unit: unit, Why: "it holds the CA of the issuer"}}, nil, nil
	}
	value, found := old.Data[at.Key]
	switch {
	case found && sameBundle(string(value), string(bundle)):
		return nil, []string{object + " has these certificates already"}, nil // other bytes would roll control planes for nothing
	case old.Immutable != nil && *old.Immutable:
		return nil, nil, Refuse("name another Secret", "%s is immutable", object)
	case !onlyCertificates(value):
		return nil, nil, Refuse(onlyHint+"; or name another key or Secret", "%w", impure(at))
	}
	if err := s.kept(at, value, list); err != nil {
		return nil, nil, err
	}
	before, after := keyOnly(old, at.Key, value), keyOnly(old, at.Key, bundle)
	if !found {
		// With no data at all, taking the change back would take all of it.
		before.Object["data"] = map[string]any{}
	}
	var notes []string
	for _, a := range s.authentications {
		if a.CASecret != nil && *a.CASecret == at {
			notes = append(notes, a.object()+" takes its CA from "+object+", too, and changes with it: when KCM looks at its clusters next")
		}
	}
	return []plan.Step{{
		Verb: plan.Update, Old: before, Object: after, Unit: unit, Why: "it holds the CA of the issuer",
	}}, notes, nil
}

// kept refuses new certificates in a Secret that others take their CA from, when they lose one that is still good: nobody
// could log in through it from one moment to the next.
func (s *State) kept(at k0rdent.SecretKey, value []byte, fresh []certificate) error {
	var others []string
	for _, a := range s.authentications {
		if a.takesFrom(at) {
			others = append(others, a.object())
		}
	}
	had, _, err := certificates(value)
	if err != nil || len(others) == 0 {
		return nil //nolint:nilerr // where there are no certificates nobody trusts any
	}
	var lost []string
	for _, c := range had {
		if !has(fresh, c) && !c.expired(s.Now) && !slices.ContainsFunc(fresh, c.renewedBy) {
			lost = append(lost, strconv.Quote(c.Subject))
		}
	}
	if len(lost) == 0 {
		return nil
	}
	return Refuse("kubectl clusterauth ca rotate exchanges a CA in two steps; or name another key or Secret",
		"key %s of secret %s/%s would lose %s, but is the CA of %s, too", at.Key, at.Namespace, at.Name, join(lost), join(others))
}
