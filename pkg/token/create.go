package token

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Request is what somebody wants a token for.
type Request struct {
	Namespace, Name string
	// Rules are those of the Role. With Rotate none means those that there are.
	Rules []rbacv1.PolicyRule
	// Expires is when the token ends.
	Expires time.Time
	// Audiences are whom the token is for; none stands for the API server.
	Audiences     []string
	Creator, Memo string
	// Rotate makes a new token in the place of one that is there.
	Rotate bool
}

// Draft is what is made for a token, before the token itself is asked for.
type Draft struct {
	Plan plan.Plan
	// After is what is left to do when the token is there: what it replaces is taken away.
	After plan.Plan
	Notes []string
	// Account is whose token it is, and Secret the name of the Secret in its namespace that the token is to be bound to.
	Account rbac.Subject
	Secret  string
	Rules   []rbacv1.PolicyRule
	// KalmRules are those of a token of Kalm, which has none of the three.
	KalmRules []kalm.Rule
}

// longestName leaves room for the moment that the name of a Secret ends with.
const longestName = validation.DNS1123LabelMaxLength - len("-20060102-150405")

// CheckName is an error for what can't be the name of a token: it is that of a service account, and the value of a label.
func CheckName(name string) error {
	if reasons := validation.IsDNS1123Label(name); len(reasons) > 0 {
		return fmt.Errorf("bad name %q: %s", name, strings.Join(reasons, ", "))
	}
	if len(name) > longestName {
		return fmt.Errorf("bad name %q: it is longer than %d characters", name, longestName)
	}
	return nil
}

// Create plans the objects of a token: the service account, its Role and RoleBinding, and the Secret to which the token is
// bound, whose name ends with the moment. What of that is there already must be ours: a service account of somebody else
// is refused, and one of ours too, unless the request says to rotate.
func Create(s *State, r Request) (Draft, error) {
	if err := CheckName(r.Name); err != nil {
		return Draft{}, err
	}
	d := Draft{
		Account: rbac.ServiceAccount(r.Namespace, r.Name), Rules: r.Rules,
		Secret: s.newSecret(r.Namespace, r.Name),
	}
	existing := s.Account(r.Namespace, r.Name)
	if r.Rotate {
		for _, kind := range []inventory.Kind{inventory.ServiceAccounts, inventory.TokenSecrets, inventory.Roles, inventory.RoleBindings} {
			if len(s.inv.Missing(kind)) > 0 {
				return Draft{}, fmt.Errorf("rotate token %s: not all %s can be read, so that what it replaces is not known", r.Name, kind.Called()[0])
			}
		}
	}
	switch {
	case existing != nil && !ours(existing):
		return Draft{}, fmt.Errorf("service account %s/%s is there, and not one of a token of ours: take another name", r.Namespace, r.Name)
	case existing != nil && !r.Rotate:
		return Draft{}, fmt.Errorf("token %s is there already: --rotate makes a new one in its place, and \"revoke\" takes it away", r.Name)
	case existing == nil && r.Rotate:
		return Draft{}, fmt.Errorf("there is no token %s in %s to be rotated", r.Name, r.Namespace)
	}
	if len(d.Rules) == 0 {
		made, known := s.Made(r.Namespace, r.Name)
		if !known {
			return Draft{}, fmt.Errorf("nothing says what the token %s may do: give --may", r.Name)
		}
		d.Rules = made
	}
	objects, err := r.objects(d)
	if err != nil {
		return Draft{}, err
	}
	var steps []plan.Step
	for _, object := range objects {
		step, err := s.step(object, existing)
		if err != nil {
			return Draft{}, err
		}
		step.Unit = "token " + r.Name
		steps = append(steps, step)
	}
	if d.Plan, err = plan.New(fmt.Sprintf("make token %s in %s", r.Name, r.Namespace), steps...); err != nil {
		return Draft{}, err
	}
	d.Notes = s.others(d.Account)
	var old []plan.Step
	for _, secret := range s.secretsOf(r.Namespace, r.Name) {
		old = append(old, deletion(secret, "a new token takes its place"))
		d.Notes = append(d.Notes, fmt.Sprintf("when the new token is there, secret %s is deleted, which ends the token that is bound to it", secret.GetName()))
	}
	d.After, err = plan.New(fmt.Sprintf("revoke the old token %s in %s", r.Name, r.Namespace), old...)
	return d, err
}

// objects returns the objects of a token as they should be.
func (r Request) objects(d Draft) ([]*unstructured.Unstructured, error) {
	may, err := json.Marshal(d.Rules)
	if err != nil {
		return nil, fmt.Errorf("encode rules: %w", err)
	}
	meta := func(name string, more map[string]string) metav1.ObjectMeta {
		annotations := map[string]string{workspace.ExpiresAnnotation: r.Expires.UTC().Format(time.RFC3339)}
		if r.Creator != "" {
			annotations[workspace.CreatorAnnotation] = r.Creator
		}
		if r.Memo != "" {
			annotations[workspace.MemoAnnotation] = r.Memo
		}
		maps.Copy(annotations, more)
		return metav1.ObjectMeta{Namespace: r.Namespace, Name: name, Labels: map[string]string{Label: r.Name}, Annotations: annotations}
	}
	var audience map[string]string
	if len(r.Audiences) > 0 {
		audience = map[string]string{AudienceAnnotation: strings.Join(r.Audiences, ",")}
	}
	automount := false
	return plan.FromObjects([]runtime.Object{
		&corev1.ServiceAccount{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
			ObjectMeta: meta(r.Name, map[string]string{MayAnnotation: string(may)}),
			// It is for the token: pods get no other of it.
			AutomountServiceAccountToken: &automount,
		},
		&rbacv1.Role{
			TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "Role"}, ObjectMeta: meta(r.Name, nil), Rules: d.Rules,
		},
		&rbacv1.RoleBinding{
			TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"}, ObjectMeta: meta(r.Name, nil),
			RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: r.Name},
			Subjects: []rbacv1.Subject{d.Account.RBAC()},
		},
		&corev1.Secret{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}, ObjectMeta: meta(d.Secret, audience), Type: SecretType,
		},
	}...)
}

// rulesObject returns the Role of a token with nothing but its rules.
func rulesObject(t Token, rules []rbacv1.PolicyRule) (*unstructured.Unstructured, error) {
	objects, err := plan.FromObjects(&rbacv1.Role{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "Role"},
		ObjectMeta: metav1.ObjectMeta{Namespace: t.Namespace, Name: t.Name, Labels: map[string]string{Label: t.Name}}, Rules: rules,
	})
	if err != nil {
		return nil, err
	}
	return objects[0], nil
}

// step returns what makes an object as it should be.
func (s *State) step(object *unstructured.Unstructured, account *corev1.ServiceAccount) (plan.Step, error) {
	namespace, name := object.GetNamespace(), object.GetName()
	var old *unstructured.Unstructured
	switch object.GetKind() {
	case "ServiceAccount":
		if account != nil {
			return update(object, account)
		}
	case "Role":
		old = s.roleObject(namespace, name)
	case "RoleBinding":
		if binding := s.binding(namespace, name); binding != nil {
			if binding.Labels[Label] != name || binding.RoleRef.Kind != "Role" || binding.RoleRef.Name != name {
				return plan.Step{}, fmt.Errorf("role binding %s/%s is there, and not one of a token of ours: take another name", namespace, name)
			}
			return update(object, binding)
		}
	}
	if old == nil {
		return plan.Step{Verb: plan.Create, Object: object, Why: why(object)}, nil
	}
	if old.GetLabels()[Label] != name {
		return plan.Step{}, fmt.Errorf("role %s/%s is there, and not one of a token of ours: take another name", namespace, name)
	}
	return updateTo(object, old), nil
}

func why(object *unstructured.Unstructured) string {
	switch object.GetKind() {
	case "Secret":
		return "the token is bound to it: deleting it revokes the token"
	case "Role":
		return "what the token may do"
	}
	return ""
}

func update(object *unstructured.Unstructured, old runtime.Object) (plan.Step, error) {
	converted, err := plan.FromObjects(old)
	if err != nil {
		return plan.Step{}, err
	}
	return updateTo(object, converted[0]), nil
}

// updateTo brings what is ours of an object to what it should be, and leaves the rest as it is.
func updateTo(object, old *unstructured.Unstructured) plan.Step {
	now := old.DeepCopy()
	for _, field := range []string{"rules", "subjects", "automountServiceAccountToken"} {
		if value, found := object.Object[field]; found {
			now.Object[field] = value
		}
	}
	labels, annotations := now.GetLabels(), now.GetAnnotations()
	for key, value := range object.GetLabels() {
		labels = with(labels, key, value)
	}
	for key, value := range object.GetAnnotations() {
		annotations = with(annotations, key, value)
	}
	now.SetLabels(labels)
	now.SetAnnotations(annotations)
	return plan.Step{Verb: plan.Update, Object: now, Old: old}
}

func with(m map[string]string, key, value string) map[string]string {
	if m == nil {
		m = map[string]string{}
	}
	m[key] = value
	return m
}
