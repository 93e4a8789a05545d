package contrib

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// slugLength keeps names of native bindings short enough for a table; what is cut off is in the hash.
const slugLength = 63

// NativeBinding returns the role binding of a member of a native workspace. Its name is made of the subject's kind and
// name, the role, and eight digits of the SHA-256 of the exact subject (and of a role of one's own), so that subjects
// whose names look alike have bindings of their own.
func NativeBinding(namespace string, subject rbac.Subject, ref rbacv1.RoleRef) *rbacv1.RoleBinding {
	exact := subject.String()
	role := string(workspace.RoleOf(ref))
	word := workspace.Role(role).Short()
	if role == "" || ref.Name != word {
		role = strings.ToLower(ref.Kind) + "/" + ref.Name
		word = slug(ref.Name)
		exact += "\n" + role
	}
	sum := sha256.Sum256([]byte(exact))
	kind, name, _ := strings.Cut(subject.String(), ":")
	return &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace,
			Name: strings.Join([]string{
				"contrib", kind, strings.Trim(cut(slug(name)), "-"), word, hex.EncodeToString(sum[:4]),
			}, "-"),
			Annotations: map[string]string{workspace.RoleAnnotation: role},
		},
		RoleRef:  ref,
		Subjects: []rbacv1.Subject{subject.RBAC()},
	}
}

func cut(text string) string {
	if len(text) <= slugLength {
		return text
	}
	return text[:slugLength]
}

// slug makes a piece of a name: ASCII letters in lower case and digits, with a dash for whatever stands between them.
func slug(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			out = append(out, c)
		case c >= 'A' && c <= 'Z':
			out = append(out, c-'A'+'a')
		case len(out) > 0 && out[len(out)-1] != '-':
			out = append(out, '-')
		}
	}
	return strings.TrimSuffix(string(out), "-")
}
