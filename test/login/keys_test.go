package login

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"testing"

	"gopkg.in/go-jose/go-jose.v2"
)

// keyring is the keys that tokens are signed with, by a name that is their kid as well.
type keyring map[string]crypto.Signer

// newKeyring makes all keys. Those of "stranger" and "own" are not among the keys that most issuers publish.
func newKeyring(t *testing.T) keyring {
	t.Helper()
	ring := keyring{}
	for _, name := range []string{"rsa", "pss", "stranger"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		ring[name] = key
	}
	curves := map[string]elliptic.Curve{
		"p256": elliptic.P256(), "p384": elliptic.P384(), "p521": elliptic.P521(), "own": elliptic.P256(), "old": elliptic.P256(), "new": elliptic.P256(),
	}
	for name, curve := range curves {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		ring[name] = key
	}
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ring["ed25519"] = ed
	return ring
}

// published returns the public keys of these names as an issuer publishes them. Two of them are of one kid, as issuers have it that change
// their key and not its name.
func (ring keyring) published(names ...string) jose.JSONWebKeySet {
	set := jose.JSONWebKeySet{}
	for _, name := range names {
		kid := name
		if name == "old" || name == "new" {
			kid = "rotated"
		}
		set.Keys = append(set.Keys, jose.JSONWebKey{Key: ring[name].Public(), KeyID: kid, Use: "sig"})
	}
	return set
}

// hashes are those of algorithms, by the number at the end of their name.
var hashes = map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384, "512": crypto.SHA512}

// sign returns the signature of an algorithm over text. HS256 is keyed with the public key, as somebody would do it who hopes that the server
// mixes up the two kinds of keys; none gives no signature.
func (ring keyring) sign(algorithm, name, text string) ([]byte, error) {
	key := ring[name]
	if algorithm == "none" {
		return nil, nil
	}
	if algorithm == "EdDSA" {
		return key.Sign(rand.Reader, []byte(text), crypto.Hash(0))
	}
	hash, known := hashes[algorithm[len(algorithm)-3:]]
	if !known {
		return nil, fmt.Errorf("sign: algorithm %s is unknown", algorithm)
	}
	if algorithm[:2] == "HS" {
		public, err := jose.JSONWebKey{Key: key.Public()}.MarshalJSON()
		mac := hmac.New(hash.New, public)
		mac.Write([]byte(text)) // never fails
		return mac.Sum(nil), err
	}
	digest := hash.New()
	digest.Write([]byte(text)) // never fails
	sum := digest.Sum(nil)
	switch algorithm[:2] {
	case "PS":
		return key.Sign(rand.Reader, sum, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash})
	case "ES":
		return signECDSA(key, sum)
	default:
		return key.Sign(rand.Reader, sum, hash)
	}
}

// signECDSA returns a signature as a JWS has it: the two numbers one after the other, each as long as the curve's.
func signECDSA(signer crypto.Signer, sum []byte) ([]byte, error) {
	key, ok := signer.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("sign: %T is no key of a curve", signer)
	}
	r, s, err := ecdsa.Sign(rand.Reader, key, sum)
	if err != nil {
		return nil, err
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	return append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), nil
}
