package clusterauth

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Phase is a step of the rotation of a CA.
type Phase int

// The phases. Between them, the issuer gets a certificate that the new CA has signed.
const (
	// Overlap lets API servers trust the old CA and the new one.
	Overlap Phase = 1
	// Finish lets them trust the new one only.
	Finish Phase = 2
)

// CAChangedAnnotation on a ClusterAuthentication changes with its Secret. KCM does not watch the Secret, but looks at
// all clusters of a ClusterAuthentication whenever anything of it changes.
const CAChangedAnnotation = "gatehouse.dev/ca-changed"

// Rotation is a change of the CA of a ClusterAuthentication.
type Rotation struct {
	// Namespace and Name are those of the ClusterAuthentication.
	Namespace, Name string
	// CA are the new certificates, in PEM.
	CA    []byte
	Phase Phase
	// Issuer is the URL of the issuer whose CA it is, where issuers have their own; empty when they have all the same.
	Issuer string
}

// RotateCA plans one phase of the rotation of a CA, in its Secret or, where issuers have their own, in the
// ClusterAuthentication. Of a Secret the plan has the one key that changes, and no other; all ClusterAuthentications that
// take their CA from there get [CAChangedAnnotation]. The notes say what rolls, which certificates that are still good are
// trusted no more, and what is to be done next. The error is a [Refusal] when the new bundle has a private key, no
// certificate or one that has expired, when there is no CA to change, or more than certificates in its Secret, or a private
// key in what the plan would show, and when Finish would cut off an issuer: its old CA is still good, and Overlap was not
// done; or several issuers have the bundle, and the new one has not a CA for each.
func RotateCA(s *State, r Rotation) (plan.Plan, []string, error) {
	a, err := s.Authentication(r.Namespace, r.Name)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("rotate CA: %w", err)
	}
	t := &turn{state: s, rotation: r, authentication: a}
	if t.fresh, err = t.newCertificates(); err != nil {
		return plan.Plan{}, nil, err
	}
	switch {
	case r.Phase != Overlap && r.Phase != Finish:
		return plan.Plan{}, nil, fmt.Errorf("rotate CA of %s: there is no phase %d, want 1 or 2", a.object(), r.Phase)
	case a.Problem != nil:
		return plan.Plan{}, nil, t.refuse("", "%w", a.Problem)
	case a.Configuration == nil || len(a.Configuration.JWT) == 0:
		return plan.Plan{}, nil, t.refuse("", "it has no issuers")
	case a.CAProblem != nil:
		return plan.Plan{}, nil, fmt.Errorf("rotate CA of %s: %w", a.object(), a.CAProblem)
	case a.CASecret != nil && len(a.CA) > 0:
		err = t.planSecret()
	default:
		err = t.planInline()
	}
	if err != nil {
		return plan.Plan{}, nil, err
	}
	return t.finish()
}

// turn is a phase while it is planned.
type turn struct {
	state          *State
	rotation       Rotation
	authentication Authentication
	fresh          []certificate
	steps          []plan.Step
	notes          []string
	// after is the state when the steps are done.
	after *State
}

func (t *turn) refuse(next, format string, args ...any) error {
	return Refuse(next, "rotate CA of %s: %w", t.authentication.object(), fmt.Errorf(format, args...))
}

// newCertificates reads the new bundle.
func (t *turn) newCertificates() ([]certificate, error) {
	list, others, err := certificates(t.rotation.CA)
	if slices.ContainsFunc(others, isPrivate) {
		return nil, t.refuse("take it out: KCM would copy it to every control plane; whoever may have seen it can sign for the issuer",
			"the new bundle has a private key in it")
	}
	if err != nil {
		return nil, t.refuse("", "the new bundle: %w", err)
	}
	for _, c := range list {
		switch {
		case c.expired(t.state.Now):
			return nil, t.refuse("", "%q of the new bundle expired on %s", c.Subject, c.NotAfter.Format(day))
		case t.state.Now.Before(c.NotBefore):
			t.note("%q of the new bundle is not valid before %s", c.Subject, c.NotBefore.Format(day))
		case !c.IsCA:
			t.note("%q of the new bundle is no CA: it is trusted only while the issuer shows this very certificate", c.Subject)
		}
	}
	if len(others) > 0 {
		t.note("blocks of the new bundle that are no certificates are left out: %s", join(others))
	}
	return list, nil
}

// day is how a date is written.
const day = "2006-01-02"

func (t *turn) note(format string, args ...any) {
	t.notes = append(t.notes, fmt.Sprintf(format, args...))
}

// bundle returns what comes in place of old, through which the issuers of these URLs are trusted.
func (t *turn) bundle(old []byte, issuers []string) ([]byte, error) {
	had, others, err := certificates(old)
	if err != nil {
		// What API servers can't read they can't trust, so nothing is lost.
		t.note("the old bundle is of no use, and not kept: %v", err)
		had = nil
	}
	if slices.ContainsFunc(others, isPrivate) {
		// A preview shows what was there before.
		return nil, t.refuse(privateHint, "a private key is in its CA, and the plan would show it")
	}
	if t.rotation.Phase == Finish {
		good := slices.DeleteFunc(slices.Clone(had), func(c certificate) bool { return c.expired(t.state.Now) })
		if !hasAll(had, t.fresh) && len(good) > 0 {
			return nil, t.refuse("run it without --finish first, and wait for the roll",
				"its CA does not have the new certificates yet, so that nobody could log in until the issuer has changed, too")
		}
		if hasAll(t.fresh, had) && hasAll(had, t.fresh) {
			return old, nil
		}
		return encode(t.fresh), t.giveUp(had, issuers)
	}
	if hasAll(had, t.fresh) {
		t.note("the new certificates are there already")
		return old, nil
	}
	both := make([]certificate, 0, len(had)+len(t.fresh))
	for _, c := range had {
		if c.expired(t.state.Now) {
			t.note("%q expired on %s, and is not kept", c.Subject, c.NotAfter.Format(day))
			continue
		}
		both = append(both, c)
	}
	for _, c := range t.fresh {
		if !has(both, c) {
			both = append(both, c)
		}
	}
	return encode(both), nil
}

// privateHint is what to do about a private key that the plan would show.
const privateHint = "leave only the certificates there, by hand, and have the issuer's key replaced: every control plane has it"

// giveUp notes which certificates of a bundle are trusted no more although they are still good. It refuses that when
// several issuers have the bundle, and there is not a CA for each of them among the new ones: nothing tells whose is whose.
func (t *turn) giveUp(had []certificate, issuers []string) error {
	var names []string
	for _, c := range had {
		if has(t.fresh, c) || c.expired(t.state.Now) || slices.ContainsFunc(t.fresh, c.renewedBy) {
			continue
		}
		names = append(names, strconv.Quote(c.Subject))
		t.note("%q, good until %s, is trusted no more", c.Subject, c.NotAfter.Format(day))
	}
	if len(names) == 0 || authorities(t.fresh) >= len(issuers) {
		return nil
	}
	next := "give the CA of every issuer that keeps its own, too, in --ca-file; where they share one, wait until the old one has ended"
	if t.authentication.CASecret == nil || len(t.authentication.CA) == 0 {
		next = "name one of them with --issuer, or give the CA of each in --ca-file"
	}
	return t.refuse(next, "%s are all trusted through this bundle, which would lose %s and have fewer CAs than issuers: that may keep people out",
		join(issuers), join(names))
}

// finish puts the plan together, and says what follows from it.
func (t *turn) finish() (plan.Plan, []string, error) {
	a := t.authentication
	summary := "let API servers trust the old and the new CA of " + a.object()
	if t.rotation.Phase == Finish {
		summary = "let API servers trust the new CA of " + a.object() + " only"
	}
	p, err := plan.New(summary, t.steps...)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("rotate CA of %s: %w", a.object(), err)
	}
	if len(p.Changes().Steps) == 0 {
		return p, append(t.notes, "nothing to do"), nil
	}
	t.notes = append(t.notes, RolloutNotes(t.state, t.after)...)
	if t.rotation.Phase == Overlap {
		t.note("this is the first of two rolls. Once it is through, give %s a certificate of the new CA, try a login, "+
			"then run it again with --finish, which rolls the same control planes again", join(t.issuers()))
		return p, t.notes, nil
	}
	for _, name := range a.UsedBy {
		if c := t.state.cluster(a.Namespace, name); c != nil && c.Rolling != "" {
			t.note("%s is rolling still: %s", c.object(), c.Rolling)
		}
	}
	t.note("from now on nobody can log in through %s unless it shows a certificate of the new CA", join(t.issuers()))
	return p, t.notes, nil
}

// issuers returns those whose CA changes.
func (t *turn) issuers() []string {
	if t.rotation.Issuer != "" {
		return []string{t.rotation.Issuer}
	}
	var out []string
	for _, jwt := range t.authentication.Configuration.JWT {
		if len(t.authentication.CA) > 0 || inlineCA(jwt) {
			out = append(out, jwt.Issuer.URL)
		}
	}
	return out
}

// changed returns the value of [CAChangedAnnotation] for a bundle, so that the same change asks for the same.
func changed(bundle []byte) string { return k0rdent.Hash(bundle) }

// sameBundle reports whether two texts hold the same certificates.
func sameBundle(a, b string) bool {
	one, err := authn.ReadBundle([]byte(a))
	other, err2 := authn.ReadBundle([]byte(b))
	if err != nil || err2 != nil {
		return strings.TrimSpace(a) == strings.TrimSpace(b)
	}
	return slices.EqualFunc(one.Certificates, other.Certificates, func(x, y authn.Certificate) bool {
		return x.Fingerprint == y.Fingerprint
	})
}
