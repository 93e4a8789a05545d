package kaiwo_test

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
)

func TestUserValue(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 62)
	for user, want := range map[string]string{
		"test@amd.com":            "test-amd.com",
		"Jane.Doe@Acme.Example":   "jane.doe-acme.example",
		"jane--doe..x@acme":       "jane-doe-x-acme",
		"jane-.doe@acme":          "jane-doe-acme",
		"@@jane@@":                "jane",
		".-jane-.":                "jane",
		"jürgen@acme":             "j-rgen-acme",
		"system:serviceaccount:a": "system-serviceaccount-a",
		long + "@acme":            long, // cut at 63, and the dash that is last goes
		"":                        "",
		"@":                       "",
		"a@.b":                    "a-b",
	} {
		if got := kaiwo.UserValue(user); got != want {
			t.Errorf("UserValue(%q) = %q, want %q", user, got, want)
		}
	}
}

func TestCLIUser(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{
		"jane-doe@amd.com":     "jane-amd-com",
		"jane.doe@amd.com":     "jane.doe-amd-com",
		"Jane@Acme.Example":    "jane-acme-example",
		"j+x@acme.example":     "j-x-acme-example",
		"-jane@acme.example":   "acme-example",
		"jane":                 "",
		"jane@acme":            "",
		"jane@acme.example\nx": "",
	} {
		got, ok := kaiwo.CLIUser(email)
		if got != want || ok != (want != "") {
			t.Errorf("CLIUser(%q) = %q, %v, want %q", email, got, ok, want)
		}
	}
}

func TestSpelt(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		written, username string
		want              kaiwo.Spelling
	}{
		"the same":              {"jane-doe@amd.com", "jane-doe@amd.com", kaiwo.SpeltExactly},
		"without prefix":        {"jane@amd.com", "oidc:jane@amd.com", kaiwo.SpeltShort},
		"without issuer":        {"jane@amd.com", "https://login.amd.com#jane@amd.com", kaiwo.SpeltShort},
		"of the command line":   {"jane-amd-com", "jane-doe@amd.com", kaiwo.SpeltAsCLI},
		"the same, with prefix": {"jane-amd-com", "oidc:jane-doe@amd.com", kaiwo.SpeltAsCLI},
		"label":                 {"jane-doe-amd.com", "jane-doe@amd.com", kaiwo.SpeltAsLabel},
		"label with prefix":     {"jane-doe-amd.com", "oidc:jane-doe@amd.com", kaiwo.SpeltAsLabel},
		"label of the whole":    {"oidc-jane-amd.com", "oidc:jane@amd.com", kaiwo.SpeltAsLabel},
		"somebody else":         {"joe@amd.com", "jane@amd.com", kaiwo.SpeltOtherwise},
		"nobody":                {"", "", kaiwo.SpeltOtherwise},
		"case is not the same":  {"Jane@amd.com", "jane@amd.com", kaiwo.SpeltOtherwise},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := kaiwo.Spelt(tt.written, tt.username); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// FuzzUserValue is that the value is always fit for a label, and stays what it is.
func FuzzUserValue(f *testing.F) {
	for _, seed := range []string{"jane@acme.example", "..", "a.-", strings.Repeat("a-", 80), strings.Repeat("x", 62) + ".y", "é"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, user string) {
		value := kaiwo.UserValue(user)
		if len(value) > 63 {
			t.Errorf("%q becomes %d bytes", user, len(value))
		}
		for _, r := range value {
			if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '-' {
				t.Errorf("%q becomes %q", user, value)
			}
		}
	})
}
