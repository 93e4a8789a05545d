package login

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/coreos/go-oidc"
	"gopkg.in/go-jose/go-jose.v2"
)

// largestAnswer limits what is read from an issuer, in bytes.
const largestAnswer = 4 << 20

// discovered is what an issuer says of its keys. Requests for them go through it, since it is a transport that remembers
// the answer: the set of keys itself tells nobody what is in it.
type discovered struct {
	http.RoundTripper
	url     string
	timeout time.Duration
	set     oidc.KeySet

	mu sync.Mutex
	// keys and err are of the last answer.
	keys []jose.JSONWebKey
	err  error
	// unreadable reports that err is of what the keys are, not of how they are fetched.
	unreadable bool
}

// discover asks the issuer where its keys are, once.
func (i *issuer) discover(ctx context.Context) (*discovered, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.found != nil {
		return i.found, nil
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, i.client), i.spec.Issuer.URL)
	if err != nil {
		return nil, err
	}
	var document struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, err
	}
	if document.Keys == "" {
		return nil, errors.New("it says nothing of its keys: jwks_uri is missing")
	}
	found := &discovered{RoundTripper: i.client.Transport, url: document.Keys, timeout: i.options.Timeout}
	client := *i.client
	client.Transport, client.Timeout = found, 0
	//nolint:contextcheck // later tries use the keys too, and outlive the context of this one
	found.set = oidc.NewRemoteKeySet(oidc.ClientContext(i.lifetime, &client), document.Keys)
	i.found = found
	return found, nil
}

// RoundTrip implements [http.RoundTripper].
func (d *discovered) RoundTrip(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), d.timeout)
	defer cancel() // the answer is read to its end below
	response, err := d.RoundTripper.RoundTrip(request.WithContext(ctx))
	if err != nil {
		d.remember(nil, err, false)
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	if closing := response.Body.Close(); err == nil {
		err = closing
	}
	if err == nil && len(body) > largestAnswer {
		err = fmt.Errorf("the answer is longer than %d MiB", largestAnswer>>20)
	}
	if err != nil {
		d.remember(nil, err, false)
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	if response.StatusCode != http.StatusOK {
		d.remember(nil, fmt.Errorf("the answer is %s", response.Status), false)
		return response, nil
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(body, &set); err != nil {
		d.remember(nil, err, true)
		return response, nil
	}
	d.remember(set.Keys, nil, false)
	return response, nil
}

func (d *discovered) remember(keys []jose.JSONWebKey, err error, unreadable bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys, d.err, d.unreadable = keys, err, unreadable
}

// last returns the keys of the last answer, or why there were none, and whether that is since they cannot be read.
func (d *discovered) last() (keys []jose.JSONWebKey, unreadable bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.keys, d.unreadable, d.err
}

// unreachable says that an issuer could not be asked, and why. The cause may have anything in it, the token too.
func (i *issuer) unreachable(what, at string, cause error, token string) error {
	if asked, ok := errors.AsType[*url.Error](cause); ok {
		cause = asked.Err // the URL is in front already
	}
	var waited interface{ Timeout() bool }
	text := clean(cause.Error(), token)
	// The library leaves no more than words of what ended the reading of an answer, and which of the two clocks
	// that run at once is named there is a matter of chance.
	if errors.As(cause, &waited) && waited.Timeout() || containsAny(text, "Client.Timeout", context.DeadlineExceeded.Error()) {
		text = fmt.Sprintf("no answer within %s", i.options.Timeout)
	}
	next := "is the issuer reachable from here? Give its keys to decide offline"
	switch {
	case containsAny(text, "x509:", "certificate"):
		next = "does the certificate of the issuer come from the certificateAuthority of the configuration?"
		if i.spec.Issuer.CertificateAuthority == "" {
			next = "the configuration has no certificateAuthority: the certificate of the issuer must come from one that the host trusts"
		}
	case containsAny(text, "issuer did not match"):
		next = "issuer.url must be, to the letter, what the issuer calls itself"
	}
	return &Undecided{Err: fmt.Errorf("%s %s: %s", what, at, text), Next: next, NeedsKeys: true}
}
