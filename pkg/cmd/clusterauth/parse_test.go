package clusterauth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

func TestParseSecretKey(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]*k0rdent.SecretKey{
		"": nil, "a:b": {Name: "a", Key: "b"}, "n/a:b": {Namespace: "n", Name: "a", Key: "b"}, "a:b:c": {Name: "a", Key: "b:c"},
	} {
		got, err := parseSecretKey(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{"a", ":b", "a:", "/a:b", "n/:b", "n/m/a:b", ":"} {
		if got, err := parseSecretKey(text); err == nil || got != nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func TestIsList(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"- a": true, "[]": true, "# c\n---\n- a": true, "a: b": false, "": false, "hello": false, "\x00\xff": false, "a: [": false,
	} {
		if got := isList([]byte(text), "f"); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestIssuerAndFile(t *testing.T) {
	t.Parallel()
	for flag, want := range map[string][2]string{
		"keys.json": {"", "keys.json"}, "a=b": {"", "a=b"}, "https://a.example=k": {"https://a.example", "k"},
		"https://a.example?b=c=-": {"https://a.example?b=c", "-"},
	} {
		issuer, name := issuerAndFile(flag)
		if got := [2]string{issuer, name}; got != want {
			t.Errorf("%q: %q, want %q", flag, got, want)
		}
	}
}

// TestUsage gives flags that don't go together: nothing is read, and nothing printed.
func TestUsage(t *testing.T) {
	t.Parallel()
	for call, test := range map[string]struct {
		code int
		says string
	}{
		"nix":             {1, "unknown command"},
		"list -n a -A":    {1, "not both"},
		"test-token -f a": {2, "a: no such file"},
		"test-token -f a --claims b --token-env C":                                                  {2, "one token at a time"},
		"test-token -f a --claims b --timeout 0s":                                                   {2, "bad --timeout"},
		"test-token -f a --claims b --then dance":                                                   {2, "want whocan"},
		"test-token -f a --claims b --then whocan":                                                  {2, "in which cluster"},
		"test-token -f a --claims b --cluster c":                                                    {2, "need --then"},
		"test-token -f a --claims b --then whocan --cluster c --in d":                               {2, "not both"},
		"test-token -f - --claims -":                                                                {2, "stdin comes once"},
		"create a -n b":                                                                             {1, "--issuer"},
		"create a -n b --issuer https://i":                                                          {1, "--audience"},
		"create a -n b --config c --issuer https://i":                                               {1, "--issuer would be lost"},
		"create a -n b --issuer https://i --audience c --username-expression d --username-prefix e": {1, "one or the other"},
		"create a -n b --issuer https://i --audience c --groups-expression d --groups-claim e":      {1, "one or the other"},
		"create a -n b --issuer https://i --audience c --user-rule a==b":                            {1, "want EXPRESSION=MESSAGE"},
		"create a -n b --issuer https://i --audience c --user-rule a!=b":                            {1, "want EXPRESSION=MESSAGE"},
		"create a -n b --issuer https://i --audience c --user-rule a=":                              {1, "want EXPRESSION=MESSAGE"},
		"create a -n b --issuer https://i --audience c --ca-secret d":                               {1, "want NAME:KEY"},
		"ca rotate a":                            {1, "--ca-file"},
		"ca nix":                                 {1, "want list, check or rotate"},
		"bind a --role viewer":                   {1, "who?"},
		"bind a --group b":                       {1, "want --role"},
		"attach a b/c":                           {1, `bad name "b/c"`},
		"validate --severity nix -f a":           {2, "bad --severity"},
		"validate --kubernetes-version 1.2 -f a": {2, "want 1.29 or newer"},
		"list --kcm-version nix --from .":        {1, "bad --kcm-version"},
		// Of several values all but the last would be lost.
		"explain -f a -f b":                              {1, "has one already"},
		"render -f a --filename b":                       {1, "has one already"},
		"render a --cluster b --cluster c":               {1, "has one already"},
		"explain -f a --claims b --claims c":             {1, "has one already"},
		"explain a --kcm-version 1.9 --kcm-version 1.10": {1, "has one already"},
		"create a --issuer https://i --issuer https://j": {1, "has one already"},
		"create a --ca-file b --ca-file c":               {1, "has one already"},
		"create a --config b --config c":                 {1, "has one already"},
		"ca rotate a --ca-file b --ca-file c":            {1, "has one already"},
		"test-token -f a --claims b --claims c":          {2, "has one already"},
		"test-token -f a --token-file b --token-file c":  {2, "has one already"},
		"test-token -f a --claims b --jwks c":            {2, "--jwks is for tokens"},
		"lint-template - --name a --name b":              {2, "has one already"},
		"validate -f a -A":                               {2, "leave -A out"},
		"validate a -A":                                  {2, "leave -A out"},
		"validate a -f b":                                {2, "not both"},
		"validate -f - -f -":                             {2, "stdin comes once"},
		"validate -f a -f b --from -":                    {2, "stdin comes once"},
		"validate --filename=":                           {2, "--filename is empty"},
		"validate --from=":                               {2, "--from is empty"},
		"render a --from=":                               {1, "--from is empty"},
		"ca list --kcm-version 1.9":                      {1, "unknown flag: --kcm-version"},
		"ca check --kcm-version 1.9":                     {2, "unknown flag: --kcm-version"},
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", strings.Fields(call)...)
			if got.Code != test.code || got.Stdout != "" || !strings.Contains(got.Stderr, test.says) {
				t.Errorf("want exit %d and %q, got: %s", test.code, test.says, got)
			}
		})
	}
}

// TestClaimsWithoutContent reads claims that are none: the error has nothing of them.
func TestClaimsWithoutContent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"secret": "hidden`, `["hidden"]`, `"hidden"`, `hidden`, `{"a": "hidden"} {"b": 1}`, "null", ""} {
		got := execute(t, text, "test-token", "-f", logins+"/auth.yaml", "--claims", "-")
		if got.Code != 2 || got.Stdout != "" || strings.Contains(got.Stderr, "hidden") {
			t.Errorf("%q: %s", text, got)
		}
	}
}

// TestReplaceFile keeps the mode of a file, and a link, and leaves the file alone when it can't be written.
func TestReplaceFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, link := filepath.Join(dir, "config"), filepath.Join(dir, "link")
	if err := os.WriteFile(file, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	info, statErr := os.Lstat(file)
	if err != nil || statErr != nil || string(data) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("%q, %v, %v, %v", data, info.Mode(), err, statErr)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	if err := replaceFile(filepath.Join(dir, "nowhere", "config"), []byte("new")); err == nil {
		t.Error("a file in no directory was written")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 2 {
		t.Errorf("%d files are left: %v", len(left), err)
	}
}
