package workspace

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// slugLength keeps names of native bindings short enough for a table; what is cut off is in the hash.
const slugLength = 63

// Ref refers to the ClusterRole that the role stands for in a flavor. It refers to nothing for the empty role.
func (r Role) Ref(f Flavor) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: r.ClusterRole(f)}
}

// NativeBinding returns the role binding of a member of a native workspace. Its name is made of the subject's kind and
// name, the role, and eight digits of the SHA-256 of the exact subject (and of a role of one's own), so that subjects
// whose names look alike have bindings of their own.
func NativeBinding(namespace string, subject rbac.Subject, ref rbacv1.RoleRef) *rbacv1.RoleBinding {
	exact := subject.String()
	role := string(RoleOf(ref))
	word := Role(role).Short()
	if role == "" || ref.Name != word {
		role = strings.ToLower(ref.Kind) + "/" + ref.Name
		word = Slug(ref.Name)
		exact += "\n" + role
	}
	sum := sha256.Sum256([]byte(exact))
	kind, name, _ := strings.Cut(subject.String(), ":")
	name = Slug(name)
	name = strings.Trim(name[:min(len(name), slugLength)], "-")
	return nativeBinding(namespace, strings.Join([]string{"contrib", kind, name, word, hex.EncodeToString(sum[:4])}, "-"), role, subject, ref)
}

// NativeOwnerBinding returns the role binding that makes a subject the owner of a native workspace.
func NativeOwnerBinding(namespace string, owner rbac.Subject) *rbacv1.RoleBinding {
	return nativeBinding(namespace, OwnerBinding, string(Owner), owner, Owner.Ref(Native))
}

func nativeBinding(namespace, name, role string, subject rbac.Subject, ref rbacv1.RoleRef) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name, Annotations: map[string]string{RoleAnnotation: role},
		},
		RoleRef:  ref,
		Subjects: []rbacv1.Subject{subject.RBAC()},
	}
}

// Slug makes a piece of a name: ASCII letters in lower case and digits, with a dash for whatever stands between them. It
// is empty for a text that has neither.
func Slug(text string) string {
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
