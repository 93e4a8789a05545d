package clusterauth

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// AuthenticationAnnotation on a binding in a cluster is the namespace and name of the ClusterAuthentication that lets in
// whom it binds.
const AuthenticationAnnotation = "gatehouse.dev/clusterauthentication"

// Binding says what people who log in through an issuer may do in a cluster.
type Binding struct {
	// Group or User, one of them, is a name as the issuer has it in its claims, or already with the prefix that the
	// configuration puts in front.
	Group, User string
	// Role is viewer, editor or owner, which are Kubernetes' view, edit and admin, or the name of a ClusterRole.
	Role string
	// Namespace is where they may do it; empty is everywhere.
	Namespace string
	// Issuer is the URL of the issuer; empty when there is only one.
	Issuer string
}

// Bind returns the manifests, for the cluster that uses the ClusterAuthentication, by which a group or user gets a role
// there, under the name that the API server sees: with the prefix of the mapping. Where a CEL expression makes the name, it
// is taken as it was given, and the notes say so. The error is a [Refusal] when the name is one of Kubernetes' own, no
// claim gives such names, or a name can't be that of an object.
func Bind(a Authentication, b Binding) ([]*unstructured.Unstructured, []string, error) {
	refuse := func(next, format string, args ...any) error {
		return Refuse(next, "bind for %s: %w", a.object(), fmt.Errorf(format, args...))
	}
	switch {
	case a.Problem != nil:
		return nil, nil, refuse("", "%w", a.Problem)
	case a.Configuration == nil || len(a.Configuration.JWT) == 0:
		return nil, nil, refuse("", "it has no issuers, so that it lets in nobody")
	case (b.Group == "") == (b.User == ""):
		return nil, nil, refuse("", "want a group or a user")
	}
	jwt, err := a.chooseIssuer(b.Issuer)
	if err != nil {
		return nil, nil, refuse(hintOf(err), "%w", err)
	}
	subject, notes, err := effective(jwt, b)
	if err != nil {
		return nil, nil, refuse(hintOf(err), "%w", err)
	}
	role := clusterRole(b.Role)
	if reasons := content.IsPathSegmentName(role); role == "" || len(reasons) > 0 {
		return nil, nil, refuse("", "role %q is none of viewer, editor and owner, and no name of a ClusterRole", b.Role)
	}
	if reasons := validation.IsDNS1123Label(b.Namespace); b.Namespace != "" && len(reasons) > 0 {
		return nil, nil, refuse("", "bad namespace %q: %s", b.Namespace, reasons[0])
	}
	if role == "cluster-admin" && b.Namespace == "" {
		notes = append(notes, "cluster-admin may do everything in the cluster, and give it to others")
	}
	object, err := bindingObject(a, b, subject, role)
	if err != nil {
		return nil, nil, fmt.Errorf("bind for %s: %w", a.object(), err)
	}
	return []*unstructured.Unstructured{object}, notes, nil
}

// effective returns the subject as the API server sees it.
func effective(jwt apiserverv1.JWTAuthenticator, b Binding) (rbacv1.Subject, []string, error) {
	mapping, given, kind := jwt.ClaimMappings.Groups, b.Group, rbacv1.GroupKind
	if b.User != "" {
		mapping, given, kind = jwt.ClaimMappings.Username, b.User, rbacv1.UserKind
	}
	word := strings.ToLower(kind)
	var notes []string
	name := given
	switch {
	case mapping.Expression != "":
		notes = append(notes, "names of "+word+"s are made by an expression, so that "+given+" is taken as it is: explain shows what "+
			"comes out for a token")
	case mapping.Claim == "":
		return rbacv1.Subject{}, nil, Refuse("bind users, or map a claim to groups", "issuer %s gives no groups", jwt.Issuer.URL)
	case mapping.Prefix != nil && *mapping.Prefix != "":
		if strings.HasPrefix(given, *mapping.Prefix) {
			notes = append(notes, given+" has the prefix "+*mapping.Prefix+" already, and is taken as it is")
		} else {
			name = *mapping.Prefix + given
			notes = append(notes, "the API server sees "+word+" "+given+" of the issuer as "+name)
		}
	}
	for _, candidate := range []string{given, name} {
		if err := reserved(candidate, word); err != nil {
			return rbacv1.Subject{}, nil, err
		}
	}
	return rbacv1.Subject{APIGroup: rbacv1.GroupName, Kind: kind, Name: name}, notes, nil
}

// reserved says why a name is not to be bound.
func reserved(name, word string) error {
	switch {
	case !strings.HasPrefix(name, "system:"):
		return nil
	case name == rbac.GroupMasters:
		return Refuse("use the ClusterRole cluster-admin for a group of your own",
			"members of system:masters may do everything whatever is bound, and can't be stopped")
	case name == rbac.GroupAuthenticated, name == rbac.GroupUnauthenticated, name == rbac.UserAnonymous:
		return Refuse("name a group of the issuer", "%s is everybody, not only who logs in through the issuer", name)
	}
	return Refuse("name a "+word+" of the issuer", "%s is a name of Kubernetes' own: nobody should have it from an issuer", name)
}

// clusterRole returns the ClusterRole of a role word, or the word itself.
func clusterRole(role string) string {
	switch role {
	case "viewer":
		return "view"
	case "editor":
		return "edit"
	case "owner":
		return "admin"
	}
	return role
}

// bindingObject returns the binding, whose name is the same for the same content.
func bindingObject(a Authentication, b Binding, subject rbacv1.Subject, role string) (*unstructured.Unstructured, error) {
	sum := sha256.Sum256([]byte(subject.Kind + "\x00" + subject.Name + "\x00" + role))
	name := strings.Join([]string{"clusterauth", strings.ToLower(subject.Kind), slug(subject.Name), hex.EncodeToString(sum[:4])}, "-")
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role}
	binding := rbacv1.RoleBinding{RoleRef: ref, Subjects: []rbacv1.Subject{subject}}
	binding.Name, binding.Namespace = name, b.Namespace
	binding.Annotations = map[string]string{AuthenticationAnnotation: a.Namespace + "/" + a.Name}
	binding.APIVersion, binding.Kind = rbacv1.SchemeGroupVersion.String(), "RoleBinding"
	if b.Namespace != "" {
		objects, err := plan.FromObjects(&binding)
		if err != nil {
			return nil, err
		}
		return objects[0], nil
	}
	everywhere := rbacv1.ClusterRoleBinding{
		TypeMeta: binding.TypeMeta, ObjectMeta: binding.ObjectMeta, RoleRef: ref, Subjects: binding.Subjects,
	}
	everywhere.Kind = "ClusterRoleBinding"
	objects, err := plan.FromObjects(&everywhere)
	if err != nil {
		return nil, err
	}
	return objects[0], nil
}

// slug returns what is left of a name when only signs that a name of an object may have everywhere are kept, at most 40.
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	})
	out := strings.Join(words, "-")
	out = strings.TrimSuffix(out[:min(len(out), 40)], "-")
	if out == "" {
		return "name"
	}
	return out
}
