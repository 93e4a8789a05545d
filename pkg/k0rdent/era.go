package k0rdent

import (
	"fmt"
	"regexp"
	"sync"

	"k8s.io/apimachinery/pkg/util/version"
)

// Era is how a release of KCM writes the file for the API server. There are only two ways.
type Era string

// The two eras. Source: KCM's pull request 2723, in release 1.10.0.
const (
	// AsWritten is that of KCM 1.6 to 1.9: apiVersion and kind are written as the user gave them, or not at all.
	AsWritten Era = "1.9"
	// ForcedV1 is that of KCM 1.10 and later: they always are apiserver.config.k8s.io/v1, AuthenticationConfiguration.
	ForcedV1 Era = "1.10"
	// Newest is the era of the newest release that is known.
	Newest = ForcedV1
)

// EraOf returns the era of a release of KCM, given as a version or as the name of a Release, see [KCMVersion]. A release
// before 1.6.0 is an error, since it has no ClusterAuthentication: pull request 2108 brought it.
func EraOf(kcmVersion string) (Era, error) {
	v, err := parseKCM(kcmVersion)
	switch {
	case err != nil:
		return "", err
	case before(v, 6, 0):
		return "", fmt.Errorf("parse KCM version %q: ClusterAuthentication came with 1.6.0", kcmVersion)
	case before(v, 10, 0):
		return AsWritten, nil
	}
	return ForcedV1, nil
}

// KCMVersion returns the version of KCM in a text, as "1.11.4" or "1.12.0-rc2": of a version, with "v" in front or
// without the last number, or of the name that KCM gives to a Release, as "kcm-1-11-4".
func KCMVersion(text string) (string, error) {
	v, err := parseKCM(text)
	if err != nil {
		return "", err
	}
	return v.String(), nil
}

// RemovesSecret says whether KCM of that version removes a cluster's Secret when authentication is taken off; it is true
// for a version that can't be read. Source: pull request 2853, in release 1.11.0.
func RemovesSecret(kcmVersion string) bool {
	v, err := parseKCM(kcmVersion)
	return err != nil || !before(v, 11, 0)
}

// kcmPattern is what a version of KCM looks like, with dots or, in names of objects, with dashes.
var kcmPattern = pattern(`^(?:kcm-)?v?(\d{1,6})[.-](\d{1,6})(?:[.-](\d{1,6}))?(?:-([0-9A-Za-z][0-9A-Za-z.-]*))?$`)

// pattern returns a pattern that is compiled when it is first asked for: most commands never need it.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// parseKCM reads a version of KCM in any form.
func parseKCM(text string) (*version.Version, error) {
	m := kcmPattern().FindStringSubmatch(text)
	if m == nil {
		return nil, fmt.Errorf("parse KCM version %q: want a version such as 1.11.4, or the name of a release such as kcm-1-11-4", text)
	}
	patch, preRelease := m[3], m[4]
	if patch == "" {
		patch = "0"
	}
	plain := fmt.Sprintf("%s.%s.%s", m[1], m[2], patch)
	if preRelease != "" {
		plain += "-" + preRelease
	}
	v, err := version.ParseSemantic(plain)
	if err != nil {
		return nil, fmt.Errorf("parse KCM version %q: %w", text, err)
	}
	return v, nil
}

// before says whether a version is lower than 1.minor.patch, whose pre-releases count as it itself: they had its changes.
func before(v *version.Version, minor, patch uint) bool {
	for i, want := range []uint{1, minor, patch} {
		if have := v.Components()[i]; have != want {
			return have < want
		}
	}
	return false
}
