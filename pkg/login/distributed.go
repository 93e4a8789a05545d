package login

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"k8s.io/apiserver/pkg/authentication/authenticator"
)

// distributed looks at claims whose value is somewhere else. Of those kube-apiserver asks for one only, that of groups.
func (tr *trace) distributed(i *issuer, fixed registered, claims map[string]json.RawMessage) {
	for _, name := range slices.Sorted(maps.Keys(fixed.Names)) {
		source := fixed.Names[name]
		if _, ok := fixed.Sources[source]; !ok || source == "" {
			tr.refuse(Step{Name: "distributed claims"}, DistributedClaim,
				fmt.Sprintf("the claim %q is elsewhere (_claim_names), in source %q, which _claim_sources does not have", name, source))
			return
		}
	}
	groups := i.spec.ClaimMappings.Groups.Claim
	if groups == "" {
		return
	}
	if _, here := claims[groups]; here {
		return
	}
	if endpoint := fixed.Sources[fixed.Names[groups]].Endpoint; fixed.Names[groups] != "" && endpoint != "" {
		tr.remote = bare(endpoint)
	}
}

// bare returns a URL without what may be a secret in it.
func bare(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "a URL that cannot be read"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// authenticate asks the authenticators. They first begin to look for the keys of an endpoint of distributed claims when
// the first token comes, and refuse it: an API server accepts the next one, so that is waited for.
func (t *Tester) authenticate(ctx context.Context, token string, remote bool) (*authenticator.Response, bool, error) {
	if remote {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, t.options.Timeout)
		defer cancel()
	}
	for {
		response, ok, err := t.authenticator.AuthenticateToken(ctx, token)
		if err == nil || !remote || !strings.Contains(err.Error(), "verifier not initialized for issuer") {
			return response, ok, err
		}
		select {
		case <-ctx.Done():
			return response, ok, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}
