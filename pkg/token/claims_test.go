package token_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// signed puts claims into the form of a signed token.
func signed(claims string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(`{"alg":"none"}`)) + "." + encode([]byte(claims)) + "." + encode([]byte("signature"))
}

func TestRead(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		text  string
		want  *token.Claims
		fails string
	}{
		"bound": {
			text: signed(`{"iss":"https://k","sub":"system:serviceaccount:shop:ci","aud":["a","b"],"iat":1795348800,"exp":1795348800.9,
				"kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"ci","uid":"u1"},"secret":{"name":"ci-1","uid":"u2"}}}`),
			want: &token.Claims{
				Issuer: "https://k", Subject: "system:serviceaccount:shop:ci", Audiences: []string{"a", "b"}, Issued: at, Expires: at,
				Account: rbac.ServiceAccount("shop", "ci"), AccountUID: "u1", Bound: &token.Reference{Kind: "Secret", Namespace: "shop", Name: "ci-1", UID: "u2"},
			},
		},
		"of a pod": {
			text: signed(`{"sub":"x","aud":"one","kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"ci","uid":"u1"},"pod":{"name":"p","uid":"u3"},"node":{"name":"n","uid":"u4"}}}`),
			want: &token.Claims{
				Subject: "x", Audiences: []string{"one"}, Account: rbac.ServiceAccount("shop", "ci"), AccountUID: "u1",
				Bound: &token.Reference{Kind: "Pod", Namespace: "shop", Name: "p", UID: "u3"},
			},
		},
		"in a Secret": {
			text: signed(`{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"shop","kubernetes.io/serviceaccount/secret.name":"s",
				"kubernetes.io/serviceaccount/service-account.name":"ci","kubernetes.io/serviceaccount/service-account.uid":"u1"}`),
			want: &token.Claims{
				Issuer: "kubernetes/serviceaccount", Account: rbac.ServiceAccount("shop", "ci"), AccountUID: "u1",
				Bound: &token.Reference{Kind: "Secret", Namespace: "shop", Name: "s"},
			},
		},
		"of a person":      {text: "Bearer " + signed(`{"iss":"https://sso","sub":"ann"}`) + "\n", want: &token.Claims{Issuer: "https://sso", Subject: "ann"}},
		"an odd moment":    {text: signed(`{"exp":-1,"iat":1e300}`), want: &token.Claims{}},
		"opaque":           {text: "hidden-hidden"},
		"empty":            {text: " \n", fails: "the token is empty"},
		"two":              {text: "hidden hidden", fails: "more than one token"},
		"no base64":        {text: "hidden.hid~den.hidden", fails: "no base64"},
		"no JSON":          {text: "hidden.aGlkZGVu.hidden", fails: "no JSON"},
		"of another shape": {text: signed(`{"sub":"hidden","exp":"hidden"}`), fails: "no JSON object with the types"},
		"a path":           {text: signed(`{"kubernetes.io":{"namespace":"../../hid","serviceaccount":{"name":"ci"}}}`), fails: "a namespace that can't be"},
		"an old path":      {text: signed(`{"kubernetes.io/serviceaccount/namespace":"a/hid"}`), fails: "a namespace that can't be"},
		"an odd account":   {text: signed(`{"kubernetes.io":{"namespace":"shop","serviceaccount":{"name":"a/hid"}}}`), fails: "a service account that can't be"},
		"a list":           {text: signed(`["hidden"]`), fails: "no JSON object"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := token.Read(tt.text)
			if tt.fails != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fails) || strings.Contains(err.Error(), "hid") {
					t.Fatalf("error %v, want one with %q and nothing of the token", err, tt.fails)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Claims); diff != "" {
				t.Errorf("claims (-want +got):\n%s", diff)
			}
			if len(got.Sum) != 64 || got.Length == 0 {
				t.Errorf("sum %q, length %d", got.Sum, got.Length)
			}
		})
	}
}

// FuzzRead has no input make it fail otherwise than by an error, or repeat what it was given.
func FuzzRead(f *testing.F) {
	f.Add(signed(`{"aud":"x"}`))
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := token.Read(text); err != nil && len(text) > 8 && strings.Contains(err.Error(), text) {
			t.Errorf("the error repeats the token: %v", err)
		}
	})
}

func TestLife(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for life, want := range map[time.Duration]int64{
		time.Minute: 600, time.Hour: 3600, 3607 * time.Second: 3606, 3608 * time.Second: 3608, 1500 * time.Millisecond: 600, 720 * time.Hour: 2592000,
	} {
		if got := token.Life(now.Add(life), now); got != want {
			t.Errorf("%s: %d s, want %d", life, got, want)
		}
	}
}
