package kubeflow

import (
	"net/url"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// gpaLimit is the length at which Charmed Kubeflow's profiles automator cuts names off.
const gpaLimit = 63

// LegacyBindingNames returns the names, other than [BindingName]'s, that older releases of kfam and other programs give to
// the objects of the same contributor: kfam 1.1 and 1.2, in which capitals vanish; kfam up to 1.0, in which digits do;
// for users also deployKF's, and that of Charmed Kubeflow's profiles automator. They say who may have written an object,
// never to whom it belongs.
func LegacyBindingNames(userKind, name, short string) []string {
	end := "-" + clusterRoleKind + "-" + short
	all := []string{
		slug(isLowerOrDigit, strings.ToLower(userKind+"-"+slug(isLowerOrDigit, name)+end)),
		slug(isLower, strings.ToLower(userKind+"-"+url.QueryEscape(name)+end)),
	}
	if userKind == rbacv1.UserKind {
		plain := strings.ToLower(strings.Map(func(r rune) rune {
			if r < 0x80 && isLetterOrDigit(byte(r)) {
				return r
			}
			return '-'
		}, name))
		all = append(all, "user-"+plain+end, gpaName(name+"-"+short))
	}
	canonical := BindingName(userKind, name, short)
	var out []string
	for _, n := range all {
		if n != canonical && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out
}

// gpaName is the profiles automator's way to make a name.
func gpaName(text string) string {
	out := strings.Trim(strings.Map(func(r rune) rune {
		if r < 0x80 && (isLowerOrDigit(byte(r)) || r == '-') {
			return r
		}
		return '-'
	}, strings.ToLower(text)), "-")
	return out[:min(len(out), gpaLimit)]
}

func isLowerOrDigit(c byte) bool { return isLower(c) || isDigit(c) }

// RegistrationName returns the name for a profile that the dashboard offers to a user who logs in for the first time: the
// part of the address before "@", with what is no letter, digit or "_" replaced by "-", one for one, without "-" at its
// ends and without any "_". The dashboard does not check its length: see [CheckProfileName]. Source: registration page of
// centraldashboard, 1.3 to 2.0.
func RegistrationName(email string) string {
	local, _, _ := strings.Cut(email, "@")
	var b strings.Builder
	for _, r := range local {
		switch {
		case r < 0x80 && (isLetterOrDigit(byte(r)) || r == '_'):
			b.WriteRune(r)
		case r > 0xffff: // two characters to a browser
			b.WriteString("--")
		default:
			b.WriteByte('-')
		}
	}
	return strings.ToLower(strings.ReplaceAll(strings.Trim(b.String(), "-"), "_", ""))
}
