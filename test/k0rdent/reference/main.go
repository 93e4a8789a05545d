// Command reference writes AuthenticationConfiguration files as k0rdent's controller does, from nothing but upstream's
// types and the library that the controller writes YAML with. It knows nothing of Gatehouse, so that its bytes can be held
// against those of Gatehouse.
//
// It reads JSON objects from stdin, one after the other (see spec), and writes one for each to stdout (see file). It ends
// with 1 when it can't read or write them.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"sigs.k8s.io/yaml"
)

// spec is what a ClusterAuthentication says, and the release that reads it.
type spec struct {
	// Forced says that the release is 1.10 or later.
	Forced        bool          `json:"forced"`
	Configuration configuration `json:"configuration"`
	// Secret says that the object names a Secret, which holds CA.
	Secret bool   `json:"secret"`
	CA     []byte `json:"ca"`
}

// configuration is the type of releases up to 1.9, which later ones read too.
type configuration struct {
	metav1.TypeMeta `json:",inline"`
	JWT             []apiserverv1.JWTAuthenticator   `json:"jwt"`
	Anonymous       *apiserverv1.AnonymousAuthConfig `json:"anonymous,omitempty"`
}

// file is what is written for it, or why nothing can be.
type file struct {
	Bytes []byte `json:"bytes,omitempty"`
	Hash  string `json:"hash,omitempty"`
	Error string `json:"error,omitempty"`
}

func main() {
	log.SetFlags(0)
	if err := run(os.Stdin, os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(in io.Reader, out io.Writer) error {
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var s spec
		switch err := decoder.Decode(&s); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read spec: %w", err)
		}
		var answer file
		if data, err := write(s); err != nil {
			answer.Error = err.Error()
		} else {
			answer.Bytes, answer.Hash = data, fmt.Sprintf("%x", sha256.Sum256(data))[:8]
		}
		if err := encoder.Encode(answer); err != nil {
			return fmt.Errorf("write file: %w", err)
		}
	}
}

// write returns the file of a spec.
func write(s spec) ([]byte, error) {
	c := s.Configuration
	if s.Secret && len(s.CA) > 0 {
		for i := range c.JWT {
			c.JWT[i].Issuer.CertificateAuthority = string(s.CA)
		}
	}
	if !s.Forced {
		return yaml.Marshal(c)
	}
	forced := apiserverv1.AuthenticationConfiguration{JWT: c.JWT, Anonymous: c.Anonymous}
	forced.APIVersion, forced.Kind = "apiserver.config.k8s.io/v1", "AuthenticationConfiguration"
	return yaml.Marshal(forced)
}
