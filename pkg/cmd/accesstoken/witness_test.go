package accesstoken

import (
	"context"
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// stored is a server that has one AccessToken, with its token.
type stored struct {
	plan.Server
	object *unstructured.Unstructured
}

// Get implements [plan.Server].
func (s stored) Get(context.Context, *unstructured.Unstructured) (*unstructured.Unstructured, error) {
	return s.object.DeepCopy(), nil
}

const secret = "a-secret-that-nobody-must-ever-see-in-the-output-of-any-command-0"

// A server may quote the field that it refuses; what comes back to the user never has it, and stays what it was.
func TestWitnessRedacts(t *testing.T) {
	t.Parallel()
	w := &witness{secret: secret}
	invalid := apierrors.NewInvalid(schema.GroupKind{Group: kalm.Group, Kind: kalm.TokenKind}, "x",
		field.ErrorList{field.Invalid(field.NewPath("spec", "token"), secret, "it is too short")})
	for name, err := range map[string]error{"of the API": invalid, "of the connection": errors.New("send " + secret + ": no")} {
		got := w.redact(err)
		if strings.Contains(got.Error(), secret) || !strings.Contains(got.Error(), inventory.Hidden) {
			t.Errorf("%s: %v", name, got)
		}
	}
	if got := w.redact(invalid); !apierrors.IsInvalid(got) {
		t.Errorf("it is no refusal of the API any more: %v", got)
	}
	if err := errors.New("something else"); w.redact(err) != err { //nolint:errorlint // it has to be the same
		t.Error("another error was changed")
	}
	if w.redact(nil) != nil {
		t.Error("no error has become one")
	}
}

func TestWitnessHides(t *testing.T) {
	t.Parallel()
	object := kalm.NewToken(kalm.Token{Creator: "ann"}, secret)
	for _, token := range []string{secret, inventory.Digest(secret)} { // servers hide it too
		if err := unstructured.SetNestedField(object.Object, token, "spec", "token"); err != nil {
			t.Fatal(err)
		}
		w := &witness{Server: stored{object: object}, secret: secret}
		got, err := w.Get(t.Context(), object)
		if err != nil {
			t.Fatal(err)
		}
		if text, _, _ := unstructured.NestedString(got.Object, "spec", "token"); text != inventory.Hidden {
			t.Error("the object has another text in the place of its token")
		}
	}
}

func TestLooksSecret(t *testing.T) {
	t.Parallel()
	hex := strings.Repeat("0123456789abcdef", 4)
	for word, want := range map[string]bool{
		"ci": false, "secret/builder-token": false, "accesstoken/" + hex: false, hex: false, hex[:12]: false, "-": false,
		strings.Repeat("a-", 31) + "a": false,
		pasted:                         true, secret: true, kalmToken: false, strings.Repeat("Zx9", 40): true, "accesstoken/" + strings.Repeat("Zx9_", 16): true,
	} {
		if got := looksSecret(word); got != want {
			t.Errorf("%q: %v, want %v", word, got, want)
		}
	}
}
