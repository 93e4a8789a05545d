package clusterauth

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

// CABundle is what API servers trust some issuers of a ClusterAuthentication through.
type CABundle struct {
	// Namespace and Name are those of the ClusterAuthentication.
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Source says where the certificates are: "secret ns/name, key ca.crt", "inline" for the object itself, "system" for
	// those that the API server's machine trusts anyway.
	Source string `json:"source"`
	// Issuers are the URLs of the issuers that are trusted through it, in the order of the object.
	Issuers []string `json:"issuers"`
	// Certificates are in the order of the bundle.
	Certificates []CACertificate `json:"certificates,omitempty"`
	// PrivateKey says that a private key is among them, which KCM then copies to every control plane.
	PrivateKey bool `json:"privateKey,omitempty"`
	// Unneeded are the PEM types of other blocks that API servers pass over.
	Unneeded []string `json:"unneeded,omitempty"`
	// Problem says why the certificates, or the rest of them, could not be read; empty when they could. It never holds any
	// of the content.
	Problem string `json:"problem,omitempty"`
	// UsedBy are the ClusterDeployments that use it, sorted.
	UsedBy []string `json:"usedBy,omitempty"`
}

// CACertificate is a certificate, and how long it lasts.
type CACertificate struct {
	authn.Certificate
	// DaysLeft are whole days; fewer than 0 when it has expired.
	DaysLeft int `json:"daysLeft"`
}

// The sources of certificates that are no Secret.
const (
	inlineSource = "inline"
	systemSource = "system"
)

// CAList returns what the issuers of all ClusterAuthentications are trusted through, by namespace, name, and the order of
// the issuers. A Secret is one bundle of all issuers; otherwise each issuer has its own. Objects that turn nothing on have
// none.
func CAList(s *State) []CABundle {
	out := []CABundle{}
	for _, a := range s.authentications {
		out = append(out, a.bundles(s.Now)...)
	}
	return out
}

// bundles returns those of one ClusterAuthentication.
func (a Authentication) bundles(now time.Time) []CABundle {
	if a.Problem != nil || a.Configuration == nil || len(a.Configuration.JWT) == 0 {
		return nil
	}
	shared := CABundle{Namespace: a.Namespace, Name: a.Name, Source: a.caSource(), Issuers: a.Issuers(), UsedBy: a.UsedBy}
	switch {
	case a.CAProblem != nil:
		shared.Problem = a.CAProblem.Error()
		return []CABundle{shared}
	case a.CASecret != nil && len(a.CA) > 0:
		shared.fill(a.CA, now)
		return []CABundle{shared}
	}
	out := make([]CABundle, 0, len(a.Configuration.JWT))
	for _, jwt := range a.Configuration.JWT {
		own := shared
		own.Source, own.Issuers = systemSource, []string{jwt.Issuer.URL}
		if inlineCA(jwt) {
			own.Source = inlineSource
			own.fill([]byte(jwt.Issuer.CertificateAuthority), now)
		}
		out = append(out, own)
	}
	return out
}

// caSource names the Secret, empty for none.
func (a Authentication) caSource() string {
	if a.CASecret == nil {
		return ""
	}
	return fmt.Sprintf("secret %s/%s, key %s", a.CASecret.Namespace, a.CASecret.Name, a.CASecret.Key)
}

// fill reads the certificates.
func (b *CABundle) fill(data []byte, now time.Time) {
	read, err := authn.ReadBundle(data)
	if err != nil {
		b.Problem = err.Error()
	}
	for _, c := range read.Certificates {
		b.Certificates = append(b.Certificates, CACertificate{Certificate: c, DaysLeft: daysLeft(c, now)})
	}
	for _, kind := range read.Others {
		if isPrivate(kind) {
			b.PrivateKey = true
		} else {
			b.Unneeded = append(b.Unneeded, kind)
		}
	}
}

// daysLeft counts down, so that what has 23 hours left has no day left, and what expired an hour ago has -1.
func daysLeft(c authn.Certificate, now time.Time) int {
	return int(math.Floor(c.NotAfter.Sub(now).Hours() / 24))
}

// isPrivate reports whether blocks of a PEM type hold what must stay secret.
func isPrivate(kind string) bool { return bytes.Contains([]byte(kind), []byte("PRIVATE KEY")) }

// certificate is one of a bundle, with its bytes.
type certificate struct {
	authn.Certificate
	der []byte
}

// renewedBy reports whether the other one is of the same CA with the same key: what it has signed stays good.
func (c certificate) renewedBy(other certificate) bool {
	old, err := x509.ParseCertificate(c.der)
	renewed, err2 := x509.ParseCertificate(other.der)
	return err == nil && err2 == nil && bytes.Equal(old.RawSubject, renewed.RawSubject) &&
		bytes.Equal(old.RawSubjectPublicKeyInfo, renewed.RawSubjectPublicKeyInfo)
}

// authorities counts the CAs among certificates: what another of them has signed belongs to that one, and several of one
// name are one.
func authorities(list []certificate) int {
	names := map[string]bool{}
	var parsed []*x509.Certificate
	for _, c := range list {
		if p, err := x509.ParseCertificate(c.der); err == nil {
			parsed = append(parsed, p)
		}
	}
	for _, p := range parsed {
		own := bytes.Equal(p.RawIssuer, p.RawSubject)
		if own || !slices.ContainsFunc(parsed, func(o *x509.Certificate) bool { return bytes.Equal(o.RawSubject, p.RawIssuer) }) {
			names[string(p.RawSubject)] = true
		}
	}
	return len(names)
}

// expired reports whether it is of no use any more.
func (c certificate) expired(now time.Time) bool { return now.After(c.NotAfter) }

// certificates returns those of a bundle, each once, and the types of all other blocks. The error is that of
// [authn.ReadBundle].
func certificates(data []byte) ([]certificate, []string, error) {
	read, err := authn.ReadBundle(data)
	if err != nil {
		return nil, read.Others, err
	}
	var out []certificate
	for rest, next := data, 0; next < len(read.Certificates); {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
			continue
		}
		c := certificate{Certificate: read.Certificates[next], der: block.Bytes}
		next++
		if !has(out, c) {
			out = append(out, c)
		}
	}
	return out, read.Others, nil
}

// onlyCertificates reports whether a text is what [encode] writes of some certificates, white space aside, so that it may
// be shown: it has no text around them, and no block of another kind.
func onlyCertificates(data []byte) bool {
	var all []certificate
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if _, err := x509.ParseCertificate(block.Bytes); err != nil {
			return false
		}
		all = append(all, certificate{der: block.Bytes})
	}
	return bytes.Equal(bytes.Join(bytes.Fields(data), nil), bytes.Join(bytes.Fields(encode(all)), nil))
}

// has reports whether a certificate is among others.
func has(list []certificate, c certificate) bool {
	return slices.ContainsFunc(list, func(o certificate) bool { return o.Fingerprint == c.Fingerprint })
}

// hasAll reports whether all of them are among others.
func hasAll(list, of []certificate) bool {
	return !slices.ContainsFunc(of, func(c certificate) bool { return !has(list, c) })
}

// encode writes certificates and nothing else, as PEM with a newline at the end.
func encode(list []certificate) []byte {
	var out []byte
	for _, c := range list {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.der})...)
	}
	return out
}
