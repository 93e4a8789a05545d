package authn

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Certificate is what a person wants to know of a certificate.
type Certificate struct {
	// Subject and Issuer are distinguished names as RFC 2253 writes them, such as "CN=Root,O=Acme".
	Subject   string    `json:"subject"`
	Issuer    string    `json:"issuer"`
	NotBefore time.Time `json:"notBefore"`
	NotAfter  time.Time `json:"notAfter"`
	// IsCA says whether the certificate may sign others.
	IsCA bool `json:"isCA"`
	// Fingerprint is the SHA-256 of the certificate, lower-case hex.
	Fingerprint string `json:"fingerprint"`
}

// Bundle is what is in a PEM file.
type Bundle struct {
	Certificates []Certificate `json:"certificates"`
	// Others are the PEM types of all other blocks, such as "PRIVATE KEY", in their order, and those of certificates
	// with PEM headers, which the API server passes over. A private key that is no proper block, as when it is indented or
	// cut off, is a last "PRIVATE KEY". Their content is never kept.
	Others []string `json:"others,omitempty"`
}

// Certificates returns the certificates of a PEM text. Errors are those of ReadBundle.
func Certificates(pem string) ([]Certificate, error) {
	b, err := ReadBundle([]byte(pem))
	return b.Certificates, err
}

// ReadBundle reads a PEM file as the API server reads a certificateAuthority: text around blocks is passed over, as are
// blocks that are no certificates. Errors, none of which holds content: no certificate at all, and a certificate that
// cannot be parsed, which is told by its place; the bundle then has the certificates before it.
func ReadBundle(data []byte) (Bundle, error) {
	out, err := readBlocks(data)
	known := slices.ContainsFunc(out.Others, func(kind string) bool { return strings.Contains(kind, privateKey) })
	if !known && bytes.Contains(data, []byte(privateKey)) {
		out.Others = append(out.Others, privateKey)
	}
	return out, err
}

// privateKey is what the types of all blocks with a private key contain, and what else tells of one.
const privateKey = "PRIVATE KEY"

// readBlocks reads the proper blocks.
func readBlocks(data []byte) (Bundle, error) {
	var out Bundle
	for rest := data; len(rest) > 0; {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if block == nil {
			break
		}
		if block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
			out.Others = append(out.Others, block.Type)
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return out, fmt.Errorf("read certificates: certificate %d cannot be parsed", len(out.Certificates)+1)
		}
		sum := sha256.Sum256(c.Raw)
		out.Certificates = append(out.Certificates, Certificate{
			Subject: c.Subject.String(), Issuer: c.Issuer.String(),
			NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(),
			IsCA:        c.IsCA,
			Fingerprint: hex.EncodeToString(sum[:]),
		})
	}
	if len(out.Certificates) > 0 {
		return out, nil
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return out, errors.New("read certificates: the bundle is empty")
	}
	return out, errors.New("read certificates: no certificate in PEM form")
}
