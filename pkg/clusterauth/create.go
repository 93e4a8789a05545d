package clusterauth

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/version"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Spec is a ClusterAuthentication that is to be, with one issuer unless Configuration says otherwise.
type Spec struct {
	Namespace, Name string
	// Configuration is the whole of it; when set, the fields from Issuer to GuardSystem are not used. Its apiVersion and
	// kind are for a KCM up to 1.9, and left out for later ones; empty is v1beta1.
	Configuration *k0rdent.Configuration

	Issuer, DiscoveryURL string
	Audiences            []string
	// Username is that of the claim sub, without a prefix, when empty; no groups when Groups is.
	Username, Groups Mapping
	// UID is a claim, or nothing.
	UID string
	// UserRules are expressions that must hold for a user, with the message for the log of the API server.
	UserRules []Rule
	// GuardSystem adds rules that refuse names and groups that begin with "system:".
	GuardSystem bool

	// CA is the bundle of certificates of the issuer. It goes into the Secret of CASecret, which is made or updated, or
	// without one into the object. Of what is in the Secret only the certificates are kept.
	CA []byte
	// CASecret is the Secret with the CA; an empty namespace is that of the object, an empty key is "ca.crt".
	CASecret *k0rdent.SecretKey
	// Kubernetes is the oldest version that has to understand it; nil is the newest.
	Kubernetes *version.Version
}

// Mapping is how a part of a user comes from a token: by a claim with a prefix, or by an expression.
type Mapping struct {
	Claim, Expression string
	// Prefix goes with a claim, and may be empty.
	Prefix string
}

// Rule is an expression that must be true.
type Rule struct{ Expression, Message string }

// defaultCAKey is the key of a CA that cert-manager and most others use.
const defaultCAKey = "ca.crt"

// Create plans to make a ClusterAuthentication, and the Secret with its CA when both are given. The object gets the label
// that has it backed up, and the apiVersion and kind that a KCM up to 1.9 has to find in it. Of a Secret that is there the
// plan has the one key that changes, and no other. The notes say what rolls, and what [JudgeAuthentication] warns of. What
// the API server of a cluster would refuse, or KCM, is a [Refusal] with every reason; so are one of that name that is there
// already, a private key among its certificates, and a Secret that others would lose certificates in.
func Create(s *State, spec Spec) (plan.Plan, []string, error) {
	object := authenticationObject(spec.Namespace, spec.Name)
	p, notes, err := s.create(spec, object)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("create %s: %w", object, err)
	}
	return p, notes, nil
}

func (s *State) create(spec Spec, object string) (plan.Plan, []string, error) {
	if err := checkNames(spec); err != nil {
		return plan.Plan{}, nil, err
	}
	if s.authentication(spec.Namespace, spec.Name) != nil {
		return plan.Plan{}, nil, Refuse("kubectl edit, or another name", "it is there already")
	}
	configuration, err := spec.configuration(s.Era)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if spec.CASecret != nil {
		at := *spec.CASecret
		at.Namespace, at.Key = cmp.Or(at.Namespace, spec.Namespace), cmp.Or(at.Key, defaultCAKey)
		spec.CASecret = &at
	}
	u, err := k0rdent.NewClusterAuthentication(spec.Namespace, spec.Name, configuration, spec.CASecret)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if path := PrivateKeyIn(u); path != "" {
		return plan.Plan{}, nil, RefuseKey("a private key is in " + path)
	}
	u.SetLabels(map[string]string{k0rdent.LabelComponent: k0rdent.ComponentKCM})
	steps := []plan.Step{{Verb: plan.Create, Object: u, Unit: object}}
	var shared []string
	notes := []string{"it has the label " + k0rdent.LabelComponent + "=" + k0rdent.ComponentKCM + ", so that backups of k0rdent take it in"}
	if spec.CASecret != nil && len(spec.CA) > 0 {
		step, more, err := s.secretStep(*spec.CASecret, spec.CA, object)
		if err != nil {
			return plan.Plan{}, nil, err
		}
		steps, shared = append(steps, step...), more
	}
	p, err := plan.New("create "+object, steps...)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	after := s.After(p)
	a, err := after.Authentication(spec.Namespace, spec.Name)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	more, err := after.accepts(a, spec.Kubernetes)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	return p, slices.Concat(notes, more, shared, RolloutNotes(s, after), after.doubts(a, spec.Kubernetes)), nil
}

// doubts returns, as notes that warn, what is wrong with one that is accepted.
func (s *State) doubts(a Authentication, kubernetes *version.Version) []string {
	var out []string
	for _, found := range JudgeAuthentication(s, a, kubernetes) {
		if found.Severity != finding.Info {
			out = append(out, WarningNote+found.ID+" "+found.Message)
		}
	}
	return out
}

// accepts reports what KCM, and the API server of a cluster, would refuse; it returns what could not be tried.
func (s *State) accepts(a Authentication, kubernetes *version.Version) ([]string, error) {
	if a.Problem != nil {
		return nil, Refuse("", "%w", a.Problem)
	}
	var notes []string
	if a.CAUnread {
		notes = append(notes, "its CA was not read, so that nothing was tried with it: "+a.CAProblem.Error())
	} else if a.CAProblem != nil {
		return nil, a.CAProblem
	}
	for _, found := range judgeWritten(s, a) {
		if found.Severity == finding.Error {
			return nil, Refuse(found.Why, "%s", found.Message)
		}
	}
	if HasPrivateKey(string(a.CA)) {
		return nil, RefuseKey("a private key is in " + a.caSource())
	}
	config, err := s.written(a)
	if err != nil {
		return nil, err
	}
	options := authn.Options{Kubernetes: kubernetes, DisallowedIssuers: []string{k0rdent.ServiceAccountIssuer}, Now: s.Now}
	next := "kubectl clusterauth validate explains each rule"
	if failures := authn.Validate(config, options); len(failures) > 0 {
		return nil, Refuse(next, "no API server would take it: %w", failures.ToAggregate())
	}
	if refusals := authn.Refusals(config, options); len(refusals) > 0 {
		var reasons []string
		for _, found := range refusals {
			reasons = append(reasons, found.ID+" "+found.Message)
			if found.ID == "AU030" && s.Era != k0rdent.AsWritten {
				next = "KCM 1.10 and later write that version for every cluster: upgrade those that are older first"
			}
		}
		return nil, Refuse(next, "no API server of Kubernetes %s would take it: %s", kubernetes, strings.Join(reasons, "; "))
	}
	return notes, nil
}

// written returns what API servers hold after reading what this KCM writes.
func (s *State) written(a Authentication) (*authn.Config, error) {
	config, err := a.config()
	if err == nil && s.Era == k0rdent.AsWritten {
		config.APIVersion = a.Configuration.APIVersion
	}
	return config, err
}

// checkNames refuses names that the API server refuses.
func checkNames(spec Spec) error {
	if faults := validation.IsDNS1123Label(spec.Namespace); len(faults) > 0 {
		return Refuse("", "namespace %q: %s", spec.Namespace, strings.Join(faults, "; "))
	}
	if faults := validation.IsDNS1123Subdomain(spec.Name); len(faults) > 0 {
		return Refuse("", "name %q: %s", spec.Name, strings.Join(faults, "; "))
	}
	if spec.CASecret != nil && spec.CASecret.Name == "" {
		return errors.New("the Secret with the CA has no name")
	}
	return nil
}

// configuration returns what the object is to say, for a KCM of that era.
func (spec Spec) configuration(era k0rdent.Era) (k0rdent.Configuration, error) {
	c, err := spec.authenticators()
	c.APIVersion, c.Kind = "", "" // it says nothing to later ones
	if era == k0rdent.AsWritten {
		// That KCM writes both as they are in the object, and without them no API server reads what it writes.
		c.APIVersion, c.Kind = configGroup+"/v1beta1", configKind
		if of := spec.Configuration; of != nil {
			c.APIVersion, c.Kind = cmp.Or(of.APIVersion, c.APIVersion), cmp.Or(of.Kind, c.Kind)
		}
	}
	return c, err
}

// authenticators returns the same, apiVersion and kind apart.
func (spec Spec) authenticators() (k0rdent.Configuration, error) {
	inline := ""
	if spec.CASecret == nil {
		inline = string(spec.CA)
	}
	if spec.Configuration != nil {
		c := *spec.Configuration
		c.JWT = slices.Clone(c.JWT)
		for i := range c.JWT {
			c.JWT[i].Issuer.CertificateAuthority = cmp.Or(inline, c.JWT[i].Issuer.CertificateAuthority)
		}
		return c, nil
	}
	if spec.Issuer == "" {
		return k0rdent.Configuration{}, Refuse("--issuer https://...", "there is no issuer")
	}
	jwt := apiserverv1.JWTAuthenticator{
		Issuer: apiserverv1.Issuer{URL: spec.Issuer, Audiences: spec.Audiences, CertificateAuthority: inline},
	}
	if spec.DiscoveryURL != "" {
		jwt.Issuer.DiscoveryURL = &spec.DiscoveryURL
	}
	if len(spec.Audiences) > 1 {
		jwt.Issuer.AudienceMatchPolicy = apiserverv1.AudienceMatchPolicyMatchAny
	}
	username := spec.Username
	if username == (Mapping{}) {
		username.Claim = "sub"
	}
	jwt.ClaimMappings.Username = username.prefixed()
	if spec.Groups != (Mapping{}) {
		jwt.ClaimMappings.Groups = spec.Groups.prefixed()
	}
	jwt.ClaimMappings.UID.Claim = spec.UID
	rules := spec.UserRules
	if spec.GuardSystem {
		rules = append(slices.Clone(rules),
			Rule{"!user.username.startsWith('system:')", "names that begin with system: are reserved"},
			Rule{"user.groups.all(group, !group.startsWith('system:'))", "groups that begin with system: are reserved"})
	}
	for _, r := range rules {
		jwt.UserValidationRules = append(jwt.UserValidationRules, apiserverv1.UserValidationRule{Expression: r.Expression, Message: r.Message})
	}
	return k0rdent.Configuration{JWT: []apiserverv1.JWTAuthenticator{jwt}}, nil
}

// prefixed returns the mapping in the form of configurations. A claim always has a prefix there, be it an empty one.
func (m Mapping) prefixed() apiserverv1.PrefixedClaimOrExpression {
	out := apiserverv1.PrefixedClaimOrExpression{Claim: m.Claim, Expression: m.Expression}
	if m.Claim != "" || m.Prefix != "" {
		out.Prefix = &m.Prefix
	}
	return out
}
