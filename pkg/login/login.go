// Package login tries a login before anybody has to: it gives a token, or claims that a token would have, to the
// authenticator that kube-apiserver has, and says who that is to the API server, or why it is nobody.
//
// The verdict is that of the authenticator, k8s.io/apiserver/plugin/pkg/authenticator/token/oidc, set up as kube-apiserver
// sets it up. The steps of a verdict explain it: they are what the authenticator looks at, looked at once more. Where
// the two disagree the authenticator is right, and a note of the verdict says so.
//
// Tokens are held in memory only, and are in no result and no error. Nothing is sent anywhere unless a tester is told to
// discover keys; then the issuer is asked for them, and never shown the token.
package login

import (
	"context"
	"fmt"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/apis/apiserver/validation"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/token/union"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

// defaultTimeout is how long an issuer is waited for when nobody says.
const defaultTimeout = 10 * time.Second

// Options say how a [Tester] tries logins. The zero value knows no keys: it decides about claims, not about tokens.
type Options struct {
	// Kubernetes is the version of the API server; nil is the newest that this program knows.
	Kubernetes *version.Version
	// Clock says what time it is; nil is the real clock.
	Clock clock.PassiveClock
	// Keys are those that tokens are signed with, by the URL of their issuer. Those of "" are of any issuer that has no
	// keys of its own. A set of which kube-apiserver cannot read a key refuses every signature; see [ReadKeys].
	Keys map[string]jose.JSONWebKeySet
	// Discover asks issuers for the keys that Keys does not have, as kube-apiserver does.
	Discover bool
	// Timeout limits how long one issuer is waited for; 0 means 10 seconds.
	Timeout time.Duration
	// DisallowedIssuers are URLs that no issuer may have, such as that of the cluster's service accounts.
	DisallowedIssuers []string
}

// Tester tries logins. It is safe for concurrent use.
type Tester struct {
	options       Options
	clock         clock.PassiveClock
	realTime      bool
	issuers       []*issuer
	authenticator authenticator.Token
	throwAway     throwAway
	cancel        context.CancelFunc
}

// New makes a tester of a configuration. It ends with ctx, or with Close. The error is that of a configuration that
// kube-apiserver does not start with, and names each mistake with its path; issuers are asked for nothing yet.
func New(ctx context.Context, config *authn.Config, o Options) (*Tester, error) {
	t := &Tester{options: o, clock: o.Clock}
	if t.clock == nil {
		t.clock = clock.RealClock{}
	}
	_, t.realTime = t.clock.(clock.RealClock)
	if t.options.Timeout <= 0 {
		t.options.Timeout = defaultTimeout
	}
	compiler := authn.Compiler(o.Kubernetes)
	mistakes := validation.ValidateAuthenticationConfiguration(compiler, config.Spec, o.DisallowedIssuers)
	if err := mistakes.ToAggregate(); err != nil {
		return nil, &Undecided{
			Err:  fmt.Errorf("kube-apiserver does not start with this configuration: %w", err),
			Next: "validate the configuration: that shows each mistake with its place",
		}
	}
	ctx, t.cancel = context.WithCancel(ctx)
	tokens := make([]authenticator.Token, 0, len(config.Spec.JWT))
	for i := range config.Spec.JWT {
		one, err := newIssuer(ctx, compiler, config.Spec.JWT[i], t.options)
		if err != nil {
			t.cancel()
			return nil, fmt.Errorf("set up issuer %s: %w", config.Spec.JWT[i].Issuer.URL, err)
		}
		t.issuers = append(t.issuers, one)
		tokens = append(tokens, one.authenticator)
	}
	t.authenticator = union.NewFailOnError(tokens...)
	return t, nil
}

// Close ends what runs in the background. The tester is of no use any more.
func (t *Tester) Close() {
	t.cancel()
	for _, i := range t.issuers {
		i.client.CloseIdleConnections()
	}
}

// Token tries a token as it stands behind "Bearer" in a request; space around it counts for nothing. A token that is refused,
// for whatever is wrong with it, is a verdict. The error is an [Undecided]: nobody can say what an API server makes of the
// token, as there are no keys of its issuer; the verdict then has the steps up to there.
func (t *Tester) Token(ctx context.Context, token string) (Verdict, error) {
	a := &attempt{}
	var note string
	if a.token, note = cut(token); note != "" {
		a.notes = append(a.notes, note)
	}
	return t.try(ctx, a)
}

// matching returns the issuer of a URL, or nil.
func (t *Tester) matching(url string) *issuer {
	for _, i := range t.issuers {
		if i.spec.Issuer.URL == url {
			return i
		}
	}
	return nil
}

// urls returns those of all issuers, in the order of the configuration.
func (t *Tester) urls() []string {
	out := make([]string, 0, len(t.issuers))
	for _, i := range t.issuers {
		out = append(out, i.spec.Issuer.URL)
	}
	return out
}
