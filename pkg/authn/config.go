// Package authn knows what an AuthenticationConfiguration means to the API server that it is for: it reads one as
// kube-apiserver does, judges it for a version of Kubernetes, and says in words who it lets in. It knows nothing of any
// product that writes such configurations, and it talks to nobody.
package authn

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/apis/apiserver/install"
)

// Config is a configuration as kube-apiserver holds it after reading it.
type Config struct {
	// Spec is the configuration in the form that kube-apiserver works with, whatever version it was written in.
	Spec *apiserver.AuthenticationConfiguration
	// APIVersion is the version that it was written in, such as "apiserver.config.k8s.io/v1beta1".
	APIVersion string
	// PassedOver is the line where a further document of the file begins, which kube-apiserver never looks at; 0 when
	// there is none.
	PassedOver int
}

// newScheme returns a scheme that knows all versions of configurations.
func newScheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	install.Install(scheme)
	return scheme
}

// Parse reads a configuration file, YAML or JSON, as kube-apiserver does: keys are case-sensitive, unknown and repeated
// keys are errors, and a second YAML document is passed over. A file that kube-apiserver refuses gives an *Unreadable,
// which never repeats the file's content: that may hold a private key by mistake.
func Parse(data []byte) (*Config, error) {
	if len(data) == 0 {
		return nil, &Unreadable{Mistakes: []Mistake{{Message: "the file is empty"}}}
	}
	codecs := serializer.NewCodecFactory(newScheme(), serializer.EnableStrict)
	object, kind, err := codecs.UniversalDecoder().Decode(data, nil, nil)
	if err != nil {
		return nil, explainMistakes(data, err)
	}
	spec, ok := object.(*apiserver.AuthenticationConfiguration)
	if !ok {
		lines := Lines(data)
		message := fmt.Sprintf("want kind AuthenticationConfiguration, not %q", kind.Kind)
		return nil, &Unreadable{Mistakes: []Mistake{{Line: lines("kind"), Path: "kind", Message: message}}}
	}
	return &Config{Spec: spec, APIVersion: kind.GroupVersion().String(), PassedOver: secondDocument(data)}, nil
}
