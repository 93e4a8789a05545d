package kubeflow

import (
	"net/url"
	"regexp"
	"strings"
)

// Release is an age of Kubeflow: how what its components write differs from other ages.
type Release struct {
	// Name is the newest version of the age.
	Name string
	// principals says that policies name the gateway.
	principals bool
	// istioRBAC says that contributors get a ServiceRoleBinding instead of a policy.
	istioRBAC bool
	// keepsQuota says that a quota stays when the profile has none any more.
	keepsQuota bool
	// groups says that groups are told from users.
	groups bool
	// oneAdmin says that the list of administrators is one name.
	oneAdmin bool
	// name makes the name of both objects of a pair.
	name func(kind, user, roleKind, role string) string
}

// Releases returns the ages, oldest first. "planned" is what upstream has proposed, and has not released, for groups.
func Releases() []Release {
	return []Release{
		{Name: "1.0", istioRBAC: true, keepsQuota: true, oneAdmin: true, name: nameOf10},
		{Name: "1.2", istioRBAC: true, keepsQuota: true, oneAdmin: true, name: nameOf12},
		{Name: "1.6", keepsQuota: true, oneAdmin: true, name: nameOf13},
		{Name: "1.7", oneAdmin: true, name: nameOf13},
		{Name: "1.10", principals: true, oneAdmin: true, name: nameOf13},
		{Name: "2.0", principals: true, name: nameOf13},
		{Name: "planned", principals: true, groups: true, name: nameOf13},
	}
}

// Current returns the newest release.
func Current() Release { return Release{Name: "2.0", principals: true, name: nameOf13} }

var (
	noLetters         = regexp.MustCompile("[^a-z]+")
	noLettersOrDigits = regexp.MustCompile("[^a-z0-9]+")
	noLettersAnyCase  = regexp.MustCompile("[^a-zA-Z0-9]+")
)

// nameOf10 is the way of the releases up to 1.0: digits vanish.
func nameOf10(kind, user, roleKind, role string) string {
	return noLetters.ReplaceAllString(strings.ToLower(join(kind, url.QueryEscape(user), roleKind, role)), "-")
}

// nameOf12 is the way of 1.1 and 1.2: capitals vanish.
func nameOf12(kind, user, roleKind, role string) string {
	user = url.QueryEscape(noLettersOrDigits.ReplaceAllString(user, "-"))
	return noLettersOrDigits.ReplaceAllString(strings.ToLower(join(kind, user, roleKind, role)), "-")
}

// nameOf13 is the way since 1.3.
func nameOf13(kind, user, roleKind, role string) string {
	user = url.QueryEscape(noLettersAnyCase.ReplaceAllString(user, "-"))
	return noLettersAnyCase.ReplaceAllString(strings.ToLower(join(kind, user, roleKind, role)), "-")
}

func join(parts ...string) string { return strings.Join(parts, "-") }
