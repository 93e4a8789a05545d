package authn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

func TestJudgeVersions(t *testing.T) {
	t.Parallel()
	jwt := func(v, issuer string) string {
		return header(v) + "jwt:\n- issuer: {url: 'https://issuer.example.com', " + issuer + "}\n  claimMappings: {" + safe + "}\n"
	}
	const plain = "audiences: [app]"
	two := strings.Replace(jwt("v1beta1", plain)+jwt("", plain)[len(header(""))+len("jwt:\n"):], "issuer.", "other.", 1)
	reserved := strings.Replace(jwt("v1beta1", plain), safe, safe+`, extra: [{key: kubernetes.io/a, valueExpression: claims.sub}]`, 1)
	email := strings.Replace(jwt("v1alpha1", plain), safe, `username: {expression: "'a:' + claims.email"}`, 1)
	tests := map[string]struct {
		config, kubernetes string
		want               []string
	}{
		"v1 in 1.33":                       {jwt("v1", plain), "1.33", []string{"AU030"}},
		"v1 in 1.34":                       {jwt("v1", plain), "1.34", []string{}},
		"v1 in 1.36.3":                     {jwt("v1", plain), "1.36.3", []string{}},
		"v1 in the newest":                 {jwt("v1", plain), "", []string{}},
		"v1 in what nobody knows yet":      {jwt("v1", plain), "1.60", []string{}},
		"v1beta1 in 1.29":                  {jwt("v1beta1", plain), "1.29", []string{"AU030"}},
		"v1beta1 in 1.30":                  {jwt("v1beta1", plain), "1.30", []string{}},
		"v1beta1 in 1.33":                  {jwt("v1beta1", plain), "1.33", []string{}},
		"v1beta1 in 1.34":                  {jwt("v1beta1", plain), "1.34", []string{"AU035"}},
		"v1alpha1 in 1.28":                 {jwt("v1alpha1", plain), "1.28", []string{"AU030"}},
		"v1alpha1 in 1.29":                 {jwt("v1alpha1", plain), "1.29", []string{"AU034"}},
		"v1alpha1 in 1.30":                 {jwt("v1alpha1", plain), "1.30", []string{}},
		"v1alpha1 in the newest":           {jwt("v1alpha1", plain), "", []string{"AU035"}},
		"internal":                         {header("__internal"), "", []string{"AU035", "AU072"}},
		"nothing in 1.29":                  {header("v1alpha1"), "1.29", []string{"AU031", "AU034", "AU072"}},
		"anonymous in 1.30":                {header("v1beta1") + "anonymous: {enabled: false}\n", "1.30", []string{"AU031"}},
		"anonymous in 1.31":                {header("v1beta1") + "anonymous: {enabled: false}\n", "1.31", []string{"AU034"}},
		"anonymous in 1.32":                {header("v1beta1") + "anonymous: {enabled: false}\n", "1.32", []string{}},
		"discovery in 1.29":                {jwt("v1alpha1", plain+`, discoveryURL: "https://d.example.com"`), "1.29", []string{"AU031", "AU034"}},
		"discovery in 1.30":                {jwt("v1beta1", plain+`, discoveryURL: "https://d.example.com"`), "1.30", []string{}},
		"audiences in 1.29":                {jwt("v1alpha1", "audiences: [a, b], audienceMatchPolicy: MatchAny"), "1.29", []string{"AU031", "AU034"}},
		"egress in 1.33":                   {jwt("v1beta1", plain+", egressSelectorType: cluster"), "1.33", []string{"AU031"}},
		"egress in 1.34":                   {jwt("v1", plain+", egressSelectorType: cluster"), "1.34", []string{}},
		"two in 1.29":                      {two, "1.29", []string{"AU030", "AU031"}},
		"two in 1.30":                      {two, "1.30", []string{}},
		"reserved extra in 1.31":           {reserved, "1.31", []string{"AU033"}},
		"reserved extra in 1.32":           {reserved, "1.32", []string{"AU013"}},
		"e-mail in 1.29":                   {email, "1.29", []string{"AU033", "AU034"}},
		"e-mail in 1.30":                   {email, "1.30", []string{"AU015"}},
		"expression that 1.33 has not":     {strings.Replace(jwt("v1beta1", plain), safe, safe+`, groups: {expression: '["a"].distinct()'}`, 1), "1.33", []string{"AU032"}},
		"expression that 1.34 has":         {strings.Replace(jwt("v1", plain), safe, safe+`, groups: {expression: '["a"].distinct()'}`, 1), "1.34", []string{}},
		"expression that no version has":   {strings.Replace(jwt("v1beta1", plain), safe, safe+`, groups: {expression: '["a"].shuffle()'}`, 1), "1.33", []string{"AU011"}},
		"expression that the newest lacks": {strings.Replace(jwt("v1", plain), safe, safe+`, groups: {expression: '["a"].shuffle()'}`, 1), "", []string{"AU011"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := authn.Options{Now: now}
			if tc.kubernetes != "" {
				o.Kubernetes = version.MustParseGeneric(tc.kubernetes)
			}
			got := authn.Judge(parse(t, tc.config), o)
			if diff := cmp.Diff(tc.want, ids(got)); diff != "" {
				t.Errorf("ids (-want +got):\n%s\n%v", diff, got)
			}
			refusals := slices.DeleteFunc(slices.Clone(tc.want), func(id string) bool {
				return slices.Contains([]string{"AU033", "AU034", "AU035", "AU072"}, id)
			})
			if diff := cmp.Diff(refusals, ids(authn.Refusals(parse(t, tc.config), o))); diff != "" {
				t.Errorf("refusals (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNewest(t *testing.T) {
	t.Parallel()
	// A rule of a version that nobody knows yet would judge otherwise.
	expression := "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n"
	o := authn.Options{Kubernetes: authn.Newest()}
	if diff := cmp.Diff(authn.Judge(parse(t, expression), authn.Options{}), authn.Judge(parse(t, expression), o)); diff != "" {
		t.Errorf("the newest judges otherwise than no version (-none +newest):\n%s", diff)
	}
	if authn.Newest().LessThan(version.MajorMinor(1, 34)) {
		t.Errorf("the newest is %s, and has no v1", authn.Newest())
	}
}
