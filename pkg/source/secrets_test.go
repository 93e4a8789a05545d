package source_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// sesame stands for what nobody may see.
const sesame = "open-sesame"

func secretNames(names ...string) []types.NamespacedName {
	var out []types.NamespacedName
	for _, name := range names {
		namespace, name, _ := strings.Cut(name, "/")
		out = append(out, types.NamespacedName{Namespace: namespace, Name: name})
	}
	return out
}

func secretPath(namespace, name string) string {
	return "/api/v1/namespaces/" + namespace + "/secrets/" + name
}

// serveSecret answers with a Secret as an API server has stored it.
func serveSecret(server *kubetest.Server, namespace, name string) {
	stored := meta(namespace, name)
	stored.Annotations[lastApplied] = `{"stringData":{"key":"` + sesame + `"}}`
	server.Object(secretPath(namespace, name), &corev1.Secret{
		ObjectMeta: stored, Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"key": []byte(sesame)},
	})
}

func notThere(server *kubetest.Server, namespace, name string) {
	server.Handle(secretPath(namespace, name), func(w http.ResponseWriter, r *http.Request) {
		status := kubetest.Failure(http.StatusNotFound, metav1.StatusReasonNotFound, `secrets "`+name+`" not found`)
		status.Details = &metav1.StatusDetails{Kind: "secrets", Name: name}
		kubetest.Write(w, r, http.StatusNotFound, status)
	})
}

func connect(t *testing.T, server *kubetest.Server) *kube.Cluster {
	t.Helper()
	cluster, err := kube.New(server.Flags(t), "test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

func TestLiveSecrets(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	serveSecret(server, "b", "ca")
	serveSecret(server, "a", "ca")
	serveSecret(server, "a", "auth")
	notThere(server, "a", "gone")
	// In this order, and one of them twice.
	asked := secretNames("b/ca", "a/gone", "a/ca", "a/auth", "a/ca", "/ca", "a/")
	secrets, gaps, err := source.LiveSecrets(t.Context(), connect(t, server), asked)
	if err != nil {
		t.Fatal(err)
	}
	inv := &inventory.Inventory{Secrets: secrets}
	diff(t, "secrets", []string{"v1 Secret a/auth", "v1 Secret a/ca", "v1 Secret b/ca"}, names(inv))
	diff(t, "gaps", []rbac.Gap(nil), gaps)
	diff(t, "requests", []string{
		"GET " + secretPath("a", "auth"), "GET " + secretPath("a", "ca"), "GET " + secretPath("a", "gone"), "GET " + secretPath("b", "ca"),
	}, server.Requests())
	diff(t, "asked", secretNames("b/ca", "a/gone", "a/ca", "a/auth", "a/ca", "/ca", "a/"), asked) // it is not changed
	diff(t, "secret", &corev1.Secret{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "b", Name: "ca", UID: "7", ResourceVersion: "1"},
		Type:       corev1.SecretTypeOpaque, Data: map[string][]byte{"key": []byte(sesame)},
	}, inv.Secret("b", "ca"))
	if inv.Withheld("a", "gone") != nil || inv.Withheld("a", "ca") != nil {
		t.Error("a secret is said to be withheld")
	}
}

func TestLiveSecretsRefused(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	serveSecret(server, "a", "ca")
	server.Forbid(secretPath("a", "two"), "not two")
	server.Forbid(secretPath("a", "one"), "not one")
	server.Forbid(secretPath("b", "ca"), "not b")
	secrets, gaps, err := source.LiveSecrets(t.Context(), connect(t, server), secretNames("b/ca", "a/two", "a/ca", "a/one"))
	if err != nil {
		t.Fatal(err)
	}
	inv := &inventory.Inventory{Secrets: secrets, Gaps: gaps}
	diff(t, "secrets", []string{"v1 Secret a/ca"}, names(inv))
	diff(t, "gaps", []rbac.Gap{
		{What: "2 secrets in namespace a", Namespace: "a", Cause: "not one", Missing: rule("get", "", "secrets", "one", "two")},
		{What: "secrets ca in namespace b", Namespace: "b", Cause: "not b", Missing: rule("get", "", "secrets", "ca")},
	}, gaps)
	for name, withheld := range map[string]bool{"a/one": true, "a/two": true, "a/ca": false, "a/gone": false, "b/ca": true, "b/one": false} {
		namespace, name, _ := strings.Cut(name, "/")
		if got := inv.Withheld(namespace, name) != nil; got != withheld {
			t.Errorf("%s/%s withheld: %t", namespace, name, got)
		}
	}
	diff(t, "missing", gaps, inv.Missing(inventory.Secrets))
}

func TestLiveSecretsErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"server": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				kubetest.Write(w, r, http.StatusInternalServerError, kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "broken"))
			},
			want: "read secrets of namespace a: get secrets ca: broken",
		},
		"impersonation": {
			answer: func(w http.ResponseWriter, r *http.Request) {
				kubetest.Write(w, r, http.StatusForbidden, kubetest.Failure(http.StatusForbidden, metav1.StatusReasonForbidden, `User "me" cannot impersonate resource "users"`))
			},
			want: `read secrets of namespace a: get secrets ca: User "me" cannot impersonate resource "users"`,
		},
		"no base64": {
			answer: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = fmt.Fprintf(w, `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ca"}, "data": {"key": "%s"}}`, sesame)
			},
			want: "read secrets of namespace a: get secrets ca: read object: the answer is broken",
		},
		"number": {
			answer: func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ca"}, "immutable": "` + sesame + `"}`))
			},
			want: "read secrets of namespace a: get secrets ca: read object: the answer is broken",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			server.Handle(secretPath("a", "ca"), test.answer)
			secrets, gaps, err := source.LiveSecrets(t.Context(), connect(t, server), secretNames("a/ca"))
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			if secrets != nil || gaps != nil {
				t.Errorf("secrets %d, gaps %v", len(secrets), gaps)
			}
		})
	}
	stopped := errors.New("stopped by the user")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	if _, _, err := source.LiveSecrets(ctx, connect(t, kubetest.New(t)), secretNames("a/ca")); !errors.Is(err, stopped) {
		t.Errorf("stopped: %v", err)
	}
	if secrets, gaps, err := source.LiveSecrets(t.Context(), connect(t, kubetest.New(t)), nil); err != nil || len(secrets)+len(gaps) > 0 {
		t.Errorf("none: %d secrets, gaps %v, error %v", len(secrets), gaps, err)
	}
}

// TestLiveSecretsAtOnce reads several at a time, and not all.
func TestLiveSecretsAtOnce(t *testing.T) {
	t.Parallel()
	const many, most = 40, 16
	var (
		server     = kubetest.New(t)
		lock       sync.Mutex
		now, peak  int
		full, some = make(chan struct{}), make([]string, 0, many)
	)
	for i := range many {
		name := fmt.Sprintf("s%02d", i)
		some = append(some, "a/"+name)
		server.Handle(secretPath("a", name), func(w http.ResponseWriter, r *http.Request) {
			lock.Lock()
			now++
			if peak = max(peak, now); now == most && peak == most {
				select {
				case <-full:
				default:
					close(full)
				}
			}
			lock.Unlock()
			select {
			case <-full: // as many as may be are here
			case <-r.Context().Done():
			}
			lock.Lock()
			now--
			lock.Unlock()
			kubetest.Write(w, r, http.StatusOK, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: name}})
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	secrets, _, err := source.LiveSecrets(ctx, connect(t, server), secretNames(some...))
	if err != nil || len(secrets) != many || peak != most {
		t.Errorf("%d secrets, at most %d at a time, error %v", len(secrets), peak, err)
	}
}

func TestFileInventorySecrets(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: a}\n"
	for name, test := range map[string]struct {
		text string
		want corev1.Secret
		said []string
	}{
		"data": {
			text: head + "type: kubernetes.io/tls\nimmutable: true\ndata: {tls.crt: b3Blbi1zZXNhbWU=, empty: '', nothing: null}\n",
			want: corev1.Secret{
				Type: corev1.SecretTypeTLS, Immutable: new(true),
				Data: map[string][]byte{"tls.crt": []byte(sesame), "empty": {}, "nothing": {}},
			},
		},
		"stringData goes over data": {
			text: head + "data: {a: b2xk, b: b2xk}\nstringData: {a: open-sesame, c: \"1\", d: null}\n",
			want: corev1.Secret{
				Type: corev1.SecretTypeOpaque,
				Data: map[string][]byte{"a": []byte(sesame), "b": []byte("old"), "c": []byte("1"), "d": {}},
			},
		},
		"lines of base64": {
			text: head + "data:\n  a: |\n    b3Blbi1z\n    ZXNhbWU=\n",
			want: corev1.Secret{Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"a": []byte(sesame)}},
		},
		"nothing": {text: head + "data: {}\nstringData:\n", want: corev1.Secret{Type: corev1.SecretTypeOpaque}},
		"JSON": {
			text: `{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "a"}, "stringData": {"a": "open-sesame"}}`,
			want: corev1.Secret{Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"a": []byte(sesame)}},
		},
		"an annotation repeats it": {
			text: strings.Replace(head, "namespace: a", "namespace: a, annotations: {"+lastApplied+": open-sesame, kept: x}", 1),
			want: corev1.Secret{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"kept": "x"}}, Type: corev1.SecretTypeOpaque},
		},
		"unknown field": {
			text: head + "strinData: {a: open-sesame}\n",
			want: corev1.Secret{Type: corev1.SecretTypeOpaque},
			said: []string{`warning: stdin:1: Secret "s": unknown field "strinData": it is ignored`},
		},
		"twice": {
			text: head + "stringData: {a: open-sesame}\n---\n" + head + "stringData: {a: other}\n",
			want: corev1.Secret{Type: corev1.SecretTypeOpaque, Data: map[string][]byte{"a": []byte("other")}},
			said: []string{"warning: stdin:6: secret/a/s replaces the one of stdin:1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv, said, err := readFiles(t, test.text, inventory.Want{Kinds: []inventory.Kind{inventory.Secrets}})
			if err != nil {
				t.Fatal(err)
			}
			test.want.TypeMeta = metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}
			test.want.Namespace, test.want.Name = "a", "s"
			diff(t, "secret", &test.want, inv.Secret("a", "s"))
			diff(t, "said", test.said, said)
			// Who doesn't ask for Secrets gets none.
			other, _, err := readFiles(t, test.text, inventory.Want{Kinds: []inventory.Kind{inventory.ClusterAuthentications}})
			if err != nil || len(other.Secrets) > 0 {
				t.Errorf("%d secrets that nobody asked for, error %v", len(other.Secrets), err)
			}
		})
	}
}

// TestFileInventorySecretEncrypted reads Secrets as SOPS leaves them: one of them must not keep all others from being read.
func TestFileInventorySecretEncrypted(t *testing.T) {
	t.Parallel()
	const text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: a}\ndata: {key: 'ENC[AES256_GCM,data:x,type:str]'}\n" +
		"sops: {version: 3.9.4}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: a}\n"
	inv, said, err := readFiles(t, text, inventory.Want{Kinds: []inventory.Kind{inventory.Secrets}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "secrets", []string{"v1 Secret a/plain"}, names(inv))
	diff(t, "said", []string(nil), said)
	diff(t, "gaps", []rbac.Gap{{What: "secrets s in namespace a", Namespace: "a", Cause: "it is encrypted"}}, inv.Gaps)
	if inv.Withheld("a", "s") == nil || inv.Withheld("a", "plain") != nil || inv.Withheld("a", "other") != nil {
		t.Errorf("gaps: %v", inv.Gaps)
	}
}

// TestFileInventorySecretErrors looks for what a Secret holds in what is said of it.
func TestFileInventorySecretErrors(t *testing.T) {
	t.Parallel()
	const (
		head   = "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: a}\n"
		hidden = "Secret: it can't be read; what it holds is not shown"
	)
	for name, test := range map[string]struct{ text, want string }{
		"no base64":      {head + "data: {key: " + sesame + "}\n", `read stdin:1: Secret "s": data.key: want base64`},
		"half base64":    {head + "data: {key: b3Blbi1zZXNhbWU}\n", `read stdin:1: Secret "s": data.key: want base64`},
		"overridden":     {head + "data: {key: " + sesame + "}\nstringData: {key: x}\n", `read stdin:1: Secret "s": data.key: want base64`},
		"number":         {head + "stringData: {pin: 133742}\n", `read stdin:1: Secret "s": stringData.pin: want a string (quotes make it a string)`},
		"old boolean":    {head + "stringData: {pin: yes}\n", `read stdin:1: Secret "s": stringData.pin: want a string (quotes make it a string)`},
		"object":         {head + "data: {key: {x: " + sesame + "}}\n", `read stdin:1: Secret "s": data.key: want a string (quotes make it a string)`},
		"text":           {head + "data: " + sesame + "\n", `read stdin:1: Secret "s": data: want an object`},
		"a list":         {head + "stringData: [" + sesame + "]\n", `read stdin:1: Secret "s": stringData: want an object`},
		"immutable":      {head + "immutable: " + sesame + "\n", `read stdin:1: Secret "s": immutable: want true or false, got string`},
		"infinite":       {head + "stringData:\n  pin: -.inf\n", "read stdin:5: " + hidden},
		"alias":          {head + "stringData:\n  pin: *" + sesame + "\n", "read stdin:1: " + hidden},
		"broken":         {head + "stringData: {pin: [" + sesame + "}\n", "read stdin:3: " + hidden},
		"broken in flow": {"{apiVersion: v1, kind: Secret, stringData: {pin: *" + sesame + "}}\n", "read stdin:1: " + hidden},
		"broken JSON":    {`{"apiVersion": "v1", "kind": "Secret", "stringData": {"pin": open-sesame}}`, "read stdin:1: " + hidden},
		"list": {
			"apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: a}\n- metadata: {name: s}\n  stringData:\n    pin: *" + sesame + "\n",
			"read stdin:5: " + hidden,
		},
		"key twice": {head + "stringData:\n  pin: a\n  pin: b\n", "read stdin:6: " + hidden},
		"no name":   {"apiVersion: v1\nkind: Secret\nmetadata: {}\n", "read stdin:3: Secret: metadata.name is missing"},
		"version":   {"apiVersion: v2\nkind: Secret\nmetadata: {name: s}\n", `read stdin:1: Secret: apiVersion "v2" is not known, want v1`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, said, err := readFiles(t, test.text, inventory.Want{Kinds: []inventory.Kind{inventory.Secrets}})
			if err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
			for _, shown := range append(said, fmt.Sprint(err)) {
				if strings.Contains(shown, sesame) || strings.Contains(shown, "133742") || strings.Contains(shown, "inf") {
					t.Errorf("shown: %s", shown)
				}
			}
		})
	}
}

// TestSecretsInNoSnapshot writes a snapshot of manifests with Secrets.
func TestSecretsInNoSnapshot(t *testing.T) {
	t.Parallel()
	const manifests = "apiVersion: v1\nkind: Secret\nmetadata: {name: very-own, namespace: a}\nstringData: {a: open-sesame}\n---\n" +
		"apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: x, namespace: a}\n"
	from, err := source.FilesWith([]string{"-"}, source.FilesOptions{Stdin: strings.NewReader(manifests)})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := from.Load(t.Context(), source.Want{Namespaces: true, ServiceAccounts: true, Resources: true})
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := source.WriteSnapshot(&file, snapshot); err != nil {
		t.Fatal(err)
	}
	again, _, err := readFiles(t, file.String(), inventory.Want{Kinds: []inventory.Kind{inventory.Secrets, inventory.ServiceAccounts}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{"v1 ServiceAccount a/x"}, names(again))
	lacks := slices.ContainsFunc(again.Gaps, func(gap rbac.Gap) bool { return gap.What == "secrets" })
	if !lacks || again.Withheld("a", "very-own") == nil {
		t.Errorf("gaps %v: the snapshot can't say which secrets there are", again.Gaps)
	}
	if text := unzip(t, file.Bytes()); strings.Contains(text, sesame) || strings.Contains(text, "very-own") {
		t.Errorf("the snapshot holds a secret: %s", text)
	}
}
