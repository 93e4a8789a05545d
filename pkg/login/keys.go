package login

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"

	"gopkg.in/go-jose/go-jose.v2"
)

// ReadKeys reads the public keys of an issuer: a JWKS, a single JWK, or public keys in PEM. A key that no API server
// verifies a token with is passed over, and a note says why, by its place in the set, from 1. A set without any other key
// is an error, and so is what is no set. Neither has anything of a key but its type, curve and ID.
//
// A JWK that kube-apiserver cannot even read is noted too, but is in the set, as one that verifies nothing. It stands for
// what kube-apiserver does with such a set, which is to read none of its keys: a [Tester] that is given the set, or one that
// others were added to, refuses the tokens of its issuer by [Key].
func ReadKeys(data []byte) (keys jose.JSONWebKeySet, notes []string, err error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	switch {
	case len(data) == 0:
		return keys, nil, errors.New("read keys: it is empty")
	case bytes.HasPrefix(data, []byte("-----BEGIN")):
		keys.Keys, notes, err = readPEM(data)
	default:
		keys.Keys, notes, err = readJWKS(data)
	}
	if err == nil && len(keys.Keys) == 0 {
		err = errors.New("no key that an API server could verify a token with")
		if len(notes) > 0 {
			err = fmt.Errorf("%w: %s", err, notes[0])
		}
	}
	if err != nil {
		return jose.JSONWebKeySet{}, notes, fmt.Errorf("read keys: %w", err)
	}
	return keys, notes, nil
}

func readJWKS(data []byte) (keys []jose.JSONWebKey, notes []string, err error) {
	var set struct {
		Keys *[]json.RawMessage `json:"keys"`
		Type string             `json:"kty"`
		// Documents have these, and are taken for keys.
		URL string `json:"jwks_uri"`
	}
	if err := json.Unmarshal(data, &set); err != nil {
		return nil, nil, errors.New("want a set of keys (JWKS), a key (JWK) or a public key in PEM: it is no JSON object of that form")
	}
	members := []json.RawMessage{data}
	switch {
	case set.Keys != nil:
		members = *set.Keys
	case set.Type == "" && set.URL != "":
		return nil, nil, errors.New("it is what an issuer says of itself: the keys are what its jwks_uri answers")
	case set.Type == "":
		return nil, nil, errors.New(`want a set of keys (JWKS), which has "keys", or a key (JWK), which has "kty"`)
	}
	for n, raw := range members {
		key, readable, note := readJWK(raw)
		note = fmt.Sprintf("key %d%s", n+1, note)
		switch {
		case !readable:
			keys = append(keys, jose.JSONWebKey{Key: unreadable(note)})
			notes = append(notes, note+"; kube-apiserver reads no key at all of a set with such a one")
		case key.Key == nil:
			notes = append(notes, note)
		default:
			keys = append(keys, key)
		}
	}
	return keys, notes, nil
}

// unreadable stands in a set of keys for one that kube-apiserver cannot read, and says which one and why. No signature is
// checked with it, since it is of no type that a key has.
type unreadable string

// cannotBeRead returns why kube-apiserver reads none of these keys; empty when it reads them.
func cannotBeRead(keys []jose.JSONWebKey) string {
	for _, key := range keys {
		if why, ok := key.Key.(unreadable); ok {
			return string(why)
		}
	}
	return ""
}

// readJWK reads a key, and reports whether kube-apiserver can read it, by the library that it has. The note says why the
// key, which then is empty, is of no use.
func readJWK(raw json.RawMessage) (key jose.JSONWebKey, readable bool, note string) {
	var read jose.JSONWebKey
	readable = json.Unmarshal(raw, &read) == nil
	var member struct {
		Type    string          `json:"kty"`
		Curve   string          `json:"crv"`
		ID      string          `json:"kid"`
		Private json.RawMessage `json:"d"`
	}
	if err := json.Unmarshal(raw, &member); err != nil {
		return key, readable, ": it is no JSON object of a key"
	}
	id := ""
	if member.ID != "" {
		id = fmt.Sprintf(" (%q)", member.ID)
	}
	switch {
	case member.Type == "oct":
		return key, readable, id + ": WARNING: it is a secret, of an algorithm that no API server takes, and does not belong into a set of public keys; passed over"
	case member.Private != nil && string(member.Private) != "null":
		return key, readable, id + ": WARNING: it is a private key, which nobody but the issuer may have; refused: give the public key"
	case member.Type == "OKP" && member.Curve == "Ed25519":
		return key, readable, id + ": it is an Ed25519 key, and no API server takes tokens that are signed with EdDSA; passed over"
	case member.Type == "OKP" || member.Type == "EC" && member.Curve != "P-256" && member.Curve != "P-384" && member.Curve != "P-521":
		return key, readable, fmt.Sprintf("%s: its curve %q is unknown", id, member.Curve)
	case member.Type != "RSA" && member.Type != "EC":
		return key, readable, fmt.Sprintf("%s: its type %q is unknown", id, member.Type)
	}
	switch {
	case !readable:
		return key, readable, id + ": it is damaged"
	case !read.Valid() || !read.IsPublic():
		return key, readable, id + ": it is no valid key; passed over"
	}
	return read, readable, ""
}

func readPEM(data []byte) (keys []jose.JSONWebKey, notes []string, err error) {
	for n := 1; ; n++ {
		block, rest := pem.Decode(data)
		if block == nil {
			if n == 1 {
				return nil, nil, errors.New("the PEM is damaged")
			}
			if len(bytes.TrimSpace(data)) > 0 {
				notes = append(notes, "what follows the last block of PEM is passed over")
			}
			return keys, notes, nil
		}
		data = rest
		key, note := ofBlock(block)
		if note != "" {
			notes = append(notes, fmt.Sprintf("block %d (%s): %s", n, block.Type, note))
			continue
		}
		keys = append(keys, jose.JSONWebKey{Key: key})
	}
}

// ofBlock reads the key of a block of PEM, or says why it is passed over.
func ofBlock(block *pem.Block) (key any, note string) {
	var err error
	switch block.Type {
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY":
		return nil, "WARNING: it is a private key, which nobody but the issuer may have; refused: give the public key"
	case "CERTIFICATE":
		return nil, "it is a certificate, and a token is signed with a key; passed over: give the JWKS of the issuer"
	default:
		return nil, "want PUBLIC KEY; passed over"
	}
	switch key.(type) {
	case *rsa.PublicKey, *ecdsa.PublicKey:
		return key, ""
	}
	if err != nil {
		return nil, "it is damaged; passed over"
	}
	return nil, "no API server takes tokens that are signed with a key of its type; passed over"
}
