package kubeflow_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

var (
	outside = regexp.MustCompile("[^a-zA-Z0-9]+")
	allowed = regexp.MustCompile("^[a-z0-9]+(-[a-z0-9]+)*$")
)

// written is the algorithm step by step as it is written down: replace, escape, join, lower-case, collapse.
func written(kind, name, role string) string {
	escaped := url.QueryEscape(outside.ReplaceAllString(name, "-"))
	joined := strings.ToLower(strings.Join([]string{kind, escaped, "ClusterRole", role}, "-"))
	return outside.ReplaceAllString(joined, "-")
}

func FuzzBindingName(f *testing.F) {
	for _, name := range []string{
		"Bob.Smith@x.com", "josé@example.com", "张三", "", "--", "a\x00b", "\xff", "system:serviceaccount:ns:sa", "\u212a", "İ",
		strings.Repeat("x", 300), "a b+c%20", "*",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, kind := range []string{"User", "Group"} {
			for _, role := range kubeflow.Roles() {
				got := kubeflow.BindingName(kind, name, role)
				if want := written(kind, name, role); got != want {
					t.Fatalf("%s %q %s: %q, want %q", kind, name, role, got, want)
				}
				if !allowed.MatchString(got) {
					t.Fatalf("%s %q %s: %q has other characters than [a-z0-9-]", kind, name, role, got)
				}
				if again := kubeflow.BindingName(kind, strings.ToUpper(asciiOnly(name)), role); again != kubeflow.BindingName(kind, asciiOnly(name), role) {
					t.Fatalf("%q: capitals give %q", name, again)
				}
			}
		}
		if kubeflow.CheckPair(name, "edit") == nil {
			if errs := validation.IsDNS1123Subdomain(kubeflow.BindingName("User", name, "edit")); errs != nil {
				t.Fatalf("%q: passes the check, and no server takes its name: %v", name, errs)
			}
		}
		for _, old := range kubeflow.LegacyBindingNames("User", name, "edit") {
			if strings.Trim(old, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
				t.Fatalf("%q: old name %q", name, old)
			}
		}
		if own := kubeflow.RegistrationName(name); kubeflow.CheckProfileName(own) == nil && validation.IsDNS1123Label(own) != nil {
			t.Fatalf("%q: name %q passes the check", name, own)
		}
	})
}

// asciiOnly takes out what has upper-case forms in ASCII without being ASCII itself.
func asciiOnly(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 {
			return -1
		}
		return r
	}, text)
}
