package kalm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

func TestNames(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ got, want string }{
		"namespace":   {kalm.BindingName("shop", kalm.Viewer, "alice@shop.example"), "shop-rolebinding-cbadc664e1e5ffc938f837bc076cb344"},
		"cluster":     {kalm.BindingName("kalm-system", kalm.ClusterOwner, "alice@shop.example"), "cluster-rolebinding-cbadc664e1e5ffc938f837bc076cb344"},
		"suspended":   {kalm.BindingName("kalm-system", kalm.Suspended, "alice@shop.example"), "kalm-system-rolebinding-cbadc664e1e5ffc938f837bc076cb344"},
		"token":       {kalm.TokenName("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		"permission":  {kalm.PermissionName("web"), "kalm-permission-web"},
		"own account": {kalm.RunnerAccount(kalm.Component{Name: "web"}), "component-web"},
		"permitted":   {kalm.RunnerAccount(kalm.Component{Name: "web", Permission: &kalm.Permission{}}), "kalm-permission-web"},
	}
	for name, tc := range tests {
		if tc.got != tc.want {
			t.Errorf("%s: got %s, want %s", name, tc.got, tc.want)
		}
	}
}

func TestBindingRoundTrip(t *testing.T) {
	t.Parallel()
	want := kalm.Binding{Namespace: "shop", Name: "shop-rolebinding-76986f23ea1ad109848dcf453ae73f38", Subject: "shop-team", Group: true, Role: kalm.Editor, Creator: "c@x", Expires: "2030-01-01T00:00:00Z"}
	made := want
	made.Name = ""
	u := kalm.NewBinding(made)
	if diff := cmp.Diff(want, kalm.ReadBinding(u), cmpopts.IgnoreFields(kalm.Binding{}, "Object")); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	if got := kalm.NewBinding(kalm.Binding{Subject: "a@x", Role: kalm.ClusterViewer, Creator: "c@x"}); got.GetNamespace() != kalm.SystemNamespace {
		t.Errorf("a binding without a namespace is in %q", got.GetNamespace())
	}
}

func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	secret := strings.Repeat("x", kalm.TokenLength)
	want := kalm.Token{
		Name: kalm.TokenName(secret), Memo: "m", Creator: "c@x", Expires: "2030-01-01T00:00:00Z", Deploy: true, Root: true,
		Rules: []kalm.Rule{{Verb: "edit", Namespace: "*", Kind: "components", Name: "web"}},
	}
	u := kalm.NewToken(want, secret)
	if err := unstructured.SetNestedMap(u.Object, map[string]any{"lastUsedAt": int64(1700000000), "usedCount": int64(3)}, "status"); err != nil {
		t.Fatal(err)
	}
	want.LastUsed, want.UsedCount = time.Unix(1700000000, 0).UTC(), 3
	got := kalm.ReadToken(u)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(kalm.Token{}, "Object")); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
	if err := kalm.CheckToken(got, secret); err != nil {
		t.Errorf("check what was made: %v", err)
	}
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text        string
		never, over bool
		fails       bool
	}{
		"blank":       {text: "", never: true},
		"past":        {text: past, over: true},
		"future":      {text: future},
		"other zone":  {text: "2026-06-01T13:00:00+02:00", over: true},
		"this moment": {text: "2026-06-01T12:00:00Z"},
		"a day":       {text: "2026-06-01", fails: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := kalm.ParseExpiry(tc.text)
			if (err != nil) != tc.fails {
				t.Fatalf("error is %v, want one: %t", err, tc.fails)
			}
			if err == nil && (e.Never() != tc.never || e.Over(now) != tc.over) {
				t.Errorf("never %t, over %t; want %t, %t", e.Never(), e.Over(now), tc.never, tc.over)
			}
			if err == nil && tc.text == past && kalm.FormatExpiry(e.At) != past {
				t.Errorf("written again: %s", kalm.FormatExpiry(e.At))
			}
		})
	}
}

func TestChecks(t *testing.T) {
	t.Parallel()
	good := user("shop", "a@x", kalm.Viewer)
	change := func(f func(*kalm.Binding)) kalm.Binding {
		b := good
		f(&b)
		return b
	}
	secret := strings.Repeat("x", kalm.TokenLength)
	tests := map[string]struct {
		err  error
		want string
	}{
		"good binding":          {kalm.CheckBinding(good), ""},
		"no subject":            {kalm.CheckBinding(change(func(b *kalm.Binding) { b.Subject = "" })), "spec.subject is empty"},
		"no creator":            {kalm.CheckBinding(change(func(b *kalm.Binding) { b.Creator = "" })), "spec.creator is empty"},
		"unknown role":          {kalm.CheckBinding(change(func(b *kalm.Binding) { b.Role = "admin" })), "spec.role admin is none that Kalm has"},
		"no time":               {kalm.CheckBinding(change(func(b *kalm.Binding) { b.Expires = "soon" })), `parse expiredAt "soon": want a time in RFC 3339, or none`},
		"cluster role in shop":  {kalm.CheckBinding(change(func(b *kalm.Binding) { b.Role = kalm.ClusterViewer })), "role clusterViewer can be bound in namespace kalm-system only"},
		"suspended in shop":     {kalm.CheckBinding(change(func(b *kalm.Binding) { b.Role = kalm.Suspended })), "role suspended can be bound in namespace kalm-system only"},
		"role changed":          {kalm.CheckBindingChange(good, change(func(b *kalm.Binding) { b.Role = kalm.Owner })), ""},
		"creator changed":       {kalm.CheckBindingChange(good, change(func(b *kalm.Binding) { b.Creator = "c" })), "spec.creator cannot be changed"},
		"subject changed":       {kalm.CheckBindingChange(good, change(func(b *kalm.Binding) { b.Subject = "b@x" })), "spec.subject cannot be changed"},
		"to the whole cluster":  {kalm.CheckBindingChange(user("kalm-system", "a@x", kalm.Viewer), user("kalm-system", "a@x", kalm.ClusterViewer)), "role viewer cannot become clusterViewer: make another binding instead"},
		"placeholder suspended": {kalm.CheckBindingChange(user("kalm-system", "a@x", kalm.Placeholder), user("kalm-system", "a@x", kalm.Suspended)), ""},
		"token too short":       {kalm.CheckToken(kalm.Token{Name: kalm.TokenName("x"), Creator: "c", Rules: []kalm.Rule{rule(kalm.View, "*", "*", "*")}}, "x"), "spec.token has 1 characters, and needs 64"},
		"token misnamed":        {kalm.CheckToken(kalm.Token{Name: "x", Creator: "c", Rules: []kalm.Rule{rule(kalm.View, "*", "*", "*")}}, secret), "metadata.name is not the SHA-256 of the token"},
		"token for nothing":     {kalm.CheckToken(kalm.Token{Name: "x", Creator: "c"}, ""), "spec.rules is empty"},
		"rule of a namespace":   {kalm.CheckRule(rule(kalm.View, "Shop", "pods", "*")), "namespace Shop is neither * nor the name of one"},
		"rule of a name":        {kalm.CheckRule(rule(kalm.View, "shop", "pods", "1a")), "name 1a is neither * nor letters, digits and dashes that begin with a letter"},
		"rule of a verb":        {kalm.CheckRule(rule("get", "shop", "pods", "*")), `parse action "get" of Kalm: want view, edit or manage`},
		"rule of any kind":      {kalm.CheckRule(rule(kalm.View, "shop", "a\nb, c", "*")), ""},
		"kind that breaks out":  {kalm.CheckKind("a\nb"), `kind "a\nb" would break out of its line of Kalm's policy`},
		"kind with an asterisk": {kalm.CheckKind("comp*"), "kind comp* would stand for every kind that begins like it"},
		"every kind":            {kalm.CheckKind("*"), ""},
		"kind":                  {kalm.CheckKind("components"), ""},
		"subject":               {kalm.CheckSubject("a@x", false), ""},
		"subject with a comma":  {kalm.CheckSubject("a@x, b", false), "subject a@x, b would break out of its line of Kalm's policy"},
		"subject in capitals":   {kalm.CheckSubject("A@x", false), "subject A@x has capital letters: Kalm's login compares in small ones and its policy as written, so that it would give nothing"},
		"group in capitals":     {kalm.CheckSubject("Team", true), ""},
	}
	for name, tc := range tests {
		got := ""
		if tc.err != nil {
			got = tc.err.Error()
		}
		if diff := cmp.Diff(tc.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestParseRole(t *testing.T) {
	t.Parallel()
	for _, role := range kalm.Roles() {
		if got, err := kalm.ParseRole(strings.ToUpper(string(role))); err != nil || got != role {
			t.Errorf("%s: got %q, %v", role, got, err)
		}
	}
	if _, err := kalm.ParseRole("admin"); err == nil {
		t.Error("admin is no role of Kalm's")
	}
	if kalm.ClusterOwner.Word() != "owner" || kalm.Suspended.Word() != "" || kalm.Viewer.Everywhere() != kalm.ClusterViewer {
		t.Error("words of roles")
	}
}
