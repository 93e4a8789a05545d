package authn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

func TestParseErrors(t *testing.T) {
	t.Parallel()
	const shape = `: a configuration begins with "apiVersion: apiserver.config.k8s.io/v1" and "kind: AuthenticationConfiguration"`
	v1 := header("v1")
	tests := map[string]struct{ file, want string }{
		"empty":           {"", "the file is empty"},
		"blank":           {" \n", "kind is missing" + shape},
		"no kind":         {"apiVersion: apiserver.config.k8s.io/v1\n", "kind is missing" + shape},
		"no version":      {"kind: AuthenticationConfiguration\n", "apiVersion is missing" + shape},
		"a word":          {"hello", "want a mapping, not a string" + shape},
		"a list":          {"[a]", "want a mapping, not a list" + shape},
		"unknown version": {header("v7"), `line 1: unknown apiVersion "apiserver.config.k8s.io/v7"` + shape},
		"unknown kind":    {"apiVersion: v1\nkind: Pod\n", `line 2: unknown kind "Pod" in apiVersion "v1"` + shape},
		"other kind":      {"apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n", `line 2: want kind AuthenticationConfiguration, not "AuthorizationConfiguration"`},
		"wrong case":      {v1 + "jwt:\n- Issuer:\n    url: a\n", `line 4: unknown field "jwt[0].Issuer": did you mean "issuer"`},
		"several": {
			v1 + "jwt:\n- issuer:\n    URL: a\n    audience: [b]\n  foo: bar\n",
			`line 5: unknown field "jwt[0].issuer.URL": did you mean "url"; line 6: unknown field "jwt[0].issuer.audience": did you mean "audiences"; line 7: unknown field "jwt[0].foo"`,
		},
		"wrong place":      {v1 + "jwt:\n- certificateAuthority: a\n", `line 4: unknown field "jwt[0].certificateAuthority": "certificateAuthority" belongs under jwt.issuer`},
		"several places":   {v1 + "jwt:\n- claim: a\n", `line 4: unknown field "jwt[0].claim": "claim" belongs under jwt.claimMappings.groups or jwt.claimMappings.uid or jwt.claimMappings.username or jwt.claimValidationRules`},
		"twice":            {v1 + "jwt: []\njwt: []\n", `line 4: key "jwt" is given twice`},
		"twice in JSON":    {`{"apiVersion":"apiserver.config.k8s.io/v1","kind":"AuthenticationConfiguration","jwt":[],"jwt":[]}`, `line 1: field "jwt" is given twice`},
		"a list for text":  {v1 + "jwt:\n- issuer:\n    url: [a]\n", "line 5: jwt.issuer.url: want a string, not a list"},
		"text for a list":  {v1 + "jwt:\n- issuer:\n    audiences: a\n", "line 5: jwt.issuer.audiences: want a list, not a string"},
		"a number":         {v1 + "jwt:\n- issuer:\n    url: 1\n", "line 5: jwt.issuer.url: want a string, not a number"},
		"text for a bool":  {v1 + "anonymous:\n  enabled: 'true'\n", "line 4: anonymous.enabled: want true or false, not a string"},
		"a bool for text":  {v1 + "jwt:\n- issuer:\n    egressSelectorType: yes\n", "line 5: jwt.issuer.egressSelectorType: want a string, not a boolean"},
		"text for mapping": {v1 + "anonymous: a\n", "line 3: anonymous: want a mapping, not a string"},
		"tab":              {v1 + "jwt:\n\t- a\n", "line 4: found character that cannot start any token"},
		"alias":            {v1 + "jwt: *a\n", "unknown anchor 'a' referenced"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := authn.Parse([]byte(tc.file))
			if c != nil || err == nil {
				t.Fatalf("parsed %v, want error %q", c, tc.want)
			}
			got := strings.Replace(strings.TrimPrefix(err.Error(), "read authentication configuration: "), "yaml: ", "", 1)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseKeepsSecrets holds that what a file has by mistake is not repeated.
func TestParseKeepsSecrets(t *testing.T) {
	t.Parallel()
	const secret = "c2VjcmV0"
	for _, file := range []string{
		"jwt:\n- issuer: {certificateAuthority: " + secret + "}\n",
		header("v1") + "jwt:\n- issuer: {certificateAuthority: {a: " + secret + "}}\n",
		header("v1") + "jwt: " + secret + "\n",
		header("v1") + "jwt:\n  " + secret + "\n\t" + secret + ": a\n",
		secret,
	} {
		_, err := authn.Parse([]byte(file))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("error of %q is %v", file, err)
		}
	}
	c := parse(t, strings.Replace(authenticator(safe, ""), "https://", "https://user:"+secret+"@", 1))
	o := authn.Options{}
	text := authn.Validate(c, o).ToAggregate().Error()
	for _, f := range authn.Judge(c, o) {
		text += f.Message + f.Why
	}
	if strings.Contains(text, secret) || !strings.Contains(text, "URL must not contain a username or password") {
		t.Errorf("password in %s", text)
	}
}

func TestJudgeUnreadable(t *testing.T) {
	t.Parallel()
	_, err := authn.Parse([]byte(header("v1") + "jwt:\n- issuer:\n    URL: a\n"))
	const why = "kube-apiserver does not start with this file, and on a reload keeps what it had"
	want := []finding.Finding{{
		ID: "AU021", Severity: finding.Error, Object: "file", Why: why, Location: finding.Location{File: "a.yaml", Line: 5},
		Message: `unknown field "jwt[0].issuer.URL": did you mean "url"`,
	}}
	got := authn.JudgeUnreadable(err, authn.Options{Object: "file", Location: finding.Location{File: "a.yaml"}})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	got = authn.JudgeUnreadable(errors.New("read a.yaml: it is gone"), authn.Options{})
	if diff := cmp.Diff([]finding.Finding{{ID: "AU020", Severity: finding.Error, Message: "read a.yaml: it is gone"}}, got); diff != "" {
		t.Errorf("findings of another error (-want +got):\n%s", diff)
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	file := header("v1") + "jwt:\n- issuer:\n    url: a\n    audiences:\n    - b\n    - c\n  claimMappings: &m\n    username: {claim: sub}\n- claimMappings: *m\n"
	lines := authn.Lines([]byte(file))
	got := map[string]int{}
	want := map[string]int{
		"": 0, "kind": 2, "jwt": 3, "jwt[0]": 4, "jwt[0].issuer": 4, "jwt[0].issuer.url": 5, "jwt[0].issuer.audiences[1]": 8,
		"jwt.issuer.url": 5, "jwt[0].issuer.discoveryURL": 4, "jwt[0].userValidationRules[0].expression": 4,
		"jwt[1].claimMappings.username.claim": 10, "jwt[1].issuer.url": 11, "jwt[7]": 3, "anonymous": 0, "anonymous.enabled": 0,
	}
	for path := range want {
		got[path] = lines(path)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	var node yaml.Node
	if err := yaml.Unmarshal([]byte("spec:\n  jwt:\n  - a: b\n"), &node); err != nil {
		t.Fatal(err)
	}
	if line := authn.NodeLines(node.Content[0].Content[1])("jwt[0].a"); line != 3 {
		t.Errorf("line below a node is %d, want 3", line)
	}
	if line := authn.Lines([]byte("\t"))("jwt") + authn.NodeLines(nil)("jwt"); line != 0 {
		t.Errorf("line of nothing is %d", line)
	}
}

func FuzzParse(f *testing.F) {
	for _, file := range []string{
		"", header("v1"), authenticator(safe, ""), authenticator(safe, "") + "---\na: b\n",
		header("v1") + "jwt: [{Issuer: {}}]\n", header("v1beta1") + "jwt: *a\n", "a: &a [*a, *a]\n", `{"kind": 1}`,
		header("v1") + "anonymous: {enabled: true, conditions: [{path: a}]}\n", authenticator(`username: {expression: "claims.a.b['c']"}`, ""),
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := authn.Parse(data)
		if (c == nil) == (err == nil) {
			t.Fatalf("configuration %v and error %v", c, err)
		}
		if err != nil {
			var unreadable *authn.Unreadable
			if !errors.As(err, &unreadable) || len(unreadable.Mistakes) == 0 || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %q tells no mistakes on one line", err)
			}
			return
		}
		if len(c.Spec.JWT) > 3 {
			return // what is judged is judged one by one
		}
		for _, found := range authn.Judge(c, authn.Options{Lines: authn.Lines(data)}) {
			if found.Message == "" || strings.Contains(found.Message, "\n") {
				t.Errorf("message %q is no line", found.Message)
			}
		}
		if got := len(authn.Explain(c, authn.Options{})); got != len(c.Spec.JWT) {
			t.Errorf("%d issuers are explained, of %d", got, len(c.Spec.JWT))
		}
	})
}

// FuzzLines holds that no YAML, however odd, ends the program or takes long, and that a line is one of the file.
func FuzzLines(f *testing.F) {
	for _, file := range []string{
		"", "a: &a [*a, *a]\n", "a: &a {b: *a}\n", "&a a: {<<: *a}\n", "a: &a {b: c}\nd: {<<: *a, e: f}\n", "? {a: b}\n: c\n", "? [a]\n: [b]\n", "- - - a\n",
		"a: {<<: [{b: c}, {d: e}]}\n", "? |\n  a.b[0]\n: c\n", "---\n---\na: b\n", "a: !!binary x\n", "a: &a\n  - &b [*a]\n  - *b\n", "*a : b\n", "{a: b, ]: c}", "\"a\\n\": b\r\n", "%TAG ! x:\n---\na: b",
		"a: &a [x,x,x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: [*d,*d,*d,*d]\n", strings.Repeat("[", 100), strings.Repeat("a: {", 50),
	} {
		f.Add([]byte(file), "a.b[0]")
	}
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		lines := authn.Lines(data)
		for _, p := range []string{path, "", "a", "a.b", "a[0]", "jwt[0].issuer.url", "]", "[", ".", "a[[..]"} {
			// Besides line feeds there are other ends of lines in YAML.
			if line := lines(p); line < 0 || line > 1+len(data) {
				t.Errorf("line of %q is %d in %q", p, line, data)
			}
		}
	})
}
