package k0rdent

import (
	"fmt"
	"strconv"

	"k8s.io/apimachinery/pkg/util/version"
)

// DefaultK0s returns the version of k0s that the templates of a release of KCM install if nobody says otherwise:
// "v1.36.3+k0s.2", or "v1.32.8" where only so much is known. It is empty for a release that is not known, or unreadable.
// Source: k0s.version in templates/cluster/*/values.yaml of each release.
func DefaultK0s(kcmVersion string) string {
	v, err := parseKCM(kcmVersion)
	if err != nil || before(v, 6, 0) || !before(v, 13, 0) {
		return ""
	}
	switch {
	case before(v, 9, 0):
		return "v1.32.8"
	case before(v, 10, 0):
		return "v1.35.1"
	case before(v, 11, 0):
		return "v1.35.4"
	case before(v, 11, 1):
		return "v1.36.3+k0s.0"
	case before(v, 11, 4):
		return "v1.36.3+k0s.1"
	}
	return "v1.36.3+k0s.2"
}

// k0sPattern is a version of Kubernetes, and the number of the build of k0s.
var k0sPattern = pattern(`^v?(\d{1,6}\.\d{1,6}(?:\.\d{1,6})?)(-(?:alpha|beta|rc)\.\d{1,6})?(?:[+-]k0s\.(\d{1,6}))?$`)

// KubernetesOf returns the version of Kubernetes in a version of k0s: 1.36.3 for "v1.36.3+k0s.2", and for "v1.36.3-k0s.2",
// as tags of images write it.
func KubernetesOf(k0sVersion string) (*version.Version, error) {
	v, _, err := parseK0s(k0sVersion)
	return v, err
}

// FixedAnonymous says whether k0s of that version leaves out its own flag on anonymous requests when the file speaks of
// them: since v1.36.3+k0s.1. Before, the API server does not start with such a file. It is false for a version that can't
// be read, for v1.36.3 of which the build is not said, and for all of 1.34 and 1.35, since it is not known which of their
// releases is the first to have it. Source: k0s' pull request 7976.
func FixedAnonymous(k0sVersion string) bool {
	v, build, err := parseK0s(k0sVersion)
	if err != nil || before(v, 36, 3) {
		return false
	}
	return !before(v, 36, 4) || build > 0
}

// parseK0s returns the two parts of a version of k0s. The build is 0 when it is not said.
func parseK0s(text string) (kubernetes *version.Version, build int, err error) {
	m := k0sPattern().FindStringSubmatch(text)
	if m == nil {
		return nil, 0, fmt.Errorf("parse k0s version %q: want a version such as v1.36.3+k0s.2", text)
	}
	if m[2] != "" {
		kubernetes, err = version.ParseSemantic(m[1] + m[2])
	} else {
		kubernetes, err = version.ParseGeneric(m[1])
	}
	if err != nil {
		return nil, 0, fmt.Errorf("parse k0s version %q: %w", text, err)
	}
	if m[3] != "" {
		if build, err = strconv.Atoi(m[3]); err != nil {
			return nil, 0, fmt.Errorf("parse k0s version %q: %w", text, err)
		}
	}
	return kubernetes, build, nil
}
