package clusterauth

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// taken returns the state after a change as far as the API server takes it, and for the objects that it does not take, as
// findings name them, why it doesn't. Webhooks judge an object only when it is written itself: a Secret with a CA comes
// through whatever it holds.
func taken(before, after *State) (*State, map[string][]finding.Finding) {
	if before == after {
		return after, nil
	}
	refused := map[string][]finding.Finding{}
	var there, gone []*unstructured.Unstructured
	leave := func(name string, why []finding.Finding, old, written *unstructured.Unstructured) {
		if refused[name] = why; old != nil {
			there = append(there, old)
		} else {
			gone = append(gone, written)
		}
	}
	for _, a := range after.authentications {
		var old *unstructured.Unstructured
		if was := before.authentication(a.Namespace, a.Name); was != nil {
			old = was.Object
		}
		if !isWritten(old, a.Object) {
			continue
		}
		if why := after.notTaken(a); len(why) > 0 {
			leave(a.object(), why, old, a.Object)
		}
	}
	for i := range after.clusters {
		c := &after.clusters[i]
		var old *unstructured.Unstructured
		if was := before.cluster(c.Namespace, c.Name); was != nil {
			old = was.Object
		}
		if c.Problem != nil && isWritten(old, c.Object) {
			leave(c.object(), []finding.Finding{judgeObject(c)}, old, c.Object)
		}
	}
	if len(refused) == 0 {
		return after, nil
	}
	return after.changed(there, gone), refused
}

// isWritten reports whether an object is another one than before, where it may not have been there.
func isWritten(old, object *unstructured.Unstructured) bool {
	return old == nil || !plan.Step{Verb: plan.Update, Old: old, Object: object}.Unchanged()
}

// partly says what KCM does to a cluster of which the API server does not take all of a change, for the reasons in why:
// nothing else than without the change, or what comes of the rest of it, which now is the state of. The cluster is that of
// the whole change.
func partly(before, now *State, c *Cluster, why []finding.Finding) Rollout {
	out := Rollout{Namespace: c.Namespace, Cluster: c.Name, Authentication: c.ClusterAuth, Effect: Refused}
	cause := why[0].Message
	if left := now.cluster(c.Namespace, c.Name); left != nil {
		out = rolloutOf(before, now, left)
		old := before.cluster(c.Namespace, c.Name)
		if old != nil && sameOutcome(rolloutOf(before, before, old), out) {
			out = Rollout{Namespace: c.Namespace, Cluster: c.Name, Authentication: out.Authentication, Effect: Refused, OldHash: out.OldHash}
		}
	}
	if out.Effect == Refused {
		out.Why = "the API server does not take the change: " + cause
	} else {
		out.Why += "; and the API server does not take all of the change: " + cause
	}
	for _, f := range why {
		f.Object = c.object()
		out.Warnings = append(out.Warnings, f)
	}
	finding.Sort(out.Warnings)
	return out
}

// sameOutcome reports whether the same happens to a cluster.
func sameOutcome(a, b Rollout) bool {
	return a.Effect == b.Effect && a.OldHash == b.OldHash && a.NewHash == b.NewHash && a.Why == b.Why
}

// notTaken says why the API server does not take a ClusterAuthentication: its schema, or KCM's webhook, refuses it. There
// are no findings when it does.
func (s *State) notTaken(a Authentication) []finding.Finding {
	const unchanged = "Nothing of it is written then."
	switch {
	case a.Problem != nil:
		return []finding.Finding{found("KC028", a.object(), a.Problem.Error(), unchanged)}
	case a.CAProblem != nil && s.mayHaveCA(a):
		return nil
	case a.CAProblem != nil:
		return []finding.Finding{found("KC015", a.object(), a.CAProblem.Error(), "KCM's webhook wants to see the CA. "+unchanged)}
	}
	why := slices.Clone(s.notAdmitted(a))
	if len(why) > 0 {
		why = append(why, judgeFields(a)...) // what is misspelt is missing
	}
	for i := range why {
		why[i].Message = a.object() + ": " + why[i].Message
	}
	return why
}

// notAdmitted returns why KCM's webhook does not take a ClusterAuthentication: it asks upstream's validator, with the
// newest compiler of expressions, about the configuration with the CA in it. No issuer is one that it disallows. Source:
// internal/util/validation/clusterauthentication.go.
func (s *State) notAdmitted(a Authentication) []finding.Finding {
	rendered, err := k0rdent.Render(a.ClusterAuthentication, a.CA, k0rdent.ForcedV1)
	if err != nil || rendered.Off {
		return nil // [State.Expected] says so
	}
	key := refusalKey{file: string(rendered.Bytes), withoutCA: a.CAUnread, admission: true}
	return s.refusals.of(key, func() []finding.Finding {
		config, err := a.config()
		options := authn.Options{Object: a.object()}
		if err != nil {
			return authn.JudgeUnreadable(err, options)
		}
		return starting(a, config, options)
	})
}
