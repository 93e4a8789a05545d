package login

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/coreos/go-oidc"
	"gopkg.in/go-jose/go-jose.v2"
	utilnet "k8s.io/apimachinery/pkg/util/net"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"
	upstream "k8s.io/apiserver/plugin/pkg/authenticator/token/oidc"
	certutil "k8s.io/client-go/util/cert"
)

// issuer is one entry of a configuration, with the authenticator that kube-apiserver makes of it.
type issuer struct {
	spec          apiserver.JWTAuthenticator
	options       Options
	authenticator authenticator.Token
	rules         expressions
	client        *http.Client

	// lifetime is the context of requests for keys, which may outlive the try that begins them. It has the client.
	lifetime context.Context
	mu       sync.Mutex
	// found is what discovery found; nil until it did. mu guards it.
	found *discovered
}

// newIssuer makes the authenticator of an entry, which kube-apiserver does at its start.
func newIssuer(ctx context.Context, compiler authenticationcel.Compiler, spec apiserver.JWTAuthenticator, o Options) (*issuer, error) {
	i := &issuer{spec: spec, options: o}
	var err error
	if i.client, err = newClient(spec.Issuer, o); err != nil {
		return nil, err
	}
	i.lifetime = oidc.ClientContext(ctx, i.client)
	// The keys come from a set of ours, with which a discovery URL may not be: the client knows it.
	local := spec
	local.Issuer.DiscoveryURL = ""
	i.authenticator, err = upstream.New(ctx, upstream.Options{
		JWTAuthenticator:     local,
		KeySet:               attemptKeys{},
		Client:               i.client,
		Compiler:             compiler,
		SupportedSigningAlgs: upstream.AllValidSigningAlgorithms(),
		DisallowedIssuers:    o.DisallowedIssuers,
	})
	if err != nil {
		return nil, err
	}
	i.rules, err = compile(compiler, spec)
	return i, err
}

// newClient returns what asks an issuer: it trusts the CA of the configuration only, if there is one. Unless keys are to
// be discovered it asks nobody.
func newClient(spec apiserver.Issuer, o Options) (*http.Client, error) {
	var roots *x509.CertPool
	if spec.CertificateAuthority != "" {
		var err error
		if roots, err = certutil.NewPoolFromBytes([]byte(spec.CertificateAuthority)); err != nil {
			return nil, fmt.Errorf("read certificateAuthority: %w", err)
		}
	}
	if !o.Discover {
		return &http.Client{Transport: offline{}}, nil
	}
	var transport http.RoundTripper = utilnet.SetTransportDefaults(&http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
	})
	if spec.DiscoveryURL != "" {
		to, err := url.Parse(spec.DiscoveryURL)
		if err != nil {
			return nil, fmt.Errorf("read discoveryURL: %w", err)
		}
		transport = &redirect{RoundTripper: transport, from: wellKnown(spec.URL), to: to}
	}
	return &http.Client{Transport: transport, Timeout: o.Timeout}, nil
}

// wellKnown is where an issuer says what it is, unless there is a discovery URL.
func wellKnown(issuerURL string) string {
	return strings.TrimSuffix(issuerURL, "/") + "/.well-known/openid-configuration"
}

// offline sends nothing.
type offline struct{}

func (offline) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("nothing is asked while offline")
}

func (offline) CloseIdleConnections() {}

// redirect asks another URL instead of one.
type redirect struct {
	http.RoundTripper
	from string
	to   *url.URL
}

func (r *redirect) RoundTrip(request *http.Request) (*http.Response, error) {
	if request.Method == http.MethodGet && request.URL.String() == r.from {
		request = request.Clone(request.Context())
		request.Host, request.URL = "", r.to
	}
	return r.RoundTripper.RoundTrip(request)
}

// CloseIdleConnections closes those of the transport below.
func (r *redirect) CloseIdleConnections() {
	(&http.Client{Transport: r.RoundTripper}).CloseIdleConnections()
}

// given returns the keys that a caller gave for this issuer.
func (i *issuer) given() (jose.JSONWebKeySet, bool) {
	if keys, ok := i.options.Keys[i.spec.Issuer.URL]; ok {
		return keys, true
	}
	keys, ok := i.options.Keys[""]
	return keys, ok
}
