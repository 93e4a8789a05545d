package profile

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// ObjectState says how one of the objects is that a workspace consists of.
type ObjectState struct {
	// Kind is in lower case: "rolebinding".
	Kind string `json:"kind"`
	Name string `json:"name"`
	// State is ok, missing, differs, or unknown when objects of the kind were not read.
	State string `json:"state"`
	// Why is one line; empty for ok.
	Why string `json:"why,omitempty"`
}

// The states of objects.
const (
	OK      = "ok"
	Missing = "missing"
	Differs = "differs"
	Unknown = "unknown"
)

// objectStates compares what a workspace should consist of with what was read, in the order in which it is made.
func objectStates(s *workspace.State, w *workspace.Workspace) []ObjectState {
	out := []ObjectState{}
	for _, wanted := range expected(s, w) {
		out = append(out, stateOf(s, w, wanted))
	}
	return out
}

// expected returns the objects that a workspace should consist of, as far as it can be told who owns it.
func expected(s *workspace.State, w *workspace.Workspace) []runtime.Object {
	switch w.Flavor {
	case workspace.Kalm:
		return nil // a namespace with a label; who owns it is a role like any other
	case workspace.Native:
		return []runtime.Object{nativeNamespace(Spec{Name: w.Name, Owner: w.Owner}), workspace.NativeOwnerBinding(w.Name, w.Owner)}
	case workspace.Kubeflow:
	}
	var out []runtime.Object
	read := kubeflow.Profile{Name: w.Name, Owner: kubeflowOwner(w.Owner)}
	switch {
	case w.Profile != nil:
		out = append(out, w.Profile)
		var err error
		if read, err = kubeflow.ReadProfile(w.Profile); err != nil {
			return out
		}
	case w.Owner.Name == "":
		return nil
	default:
		// Who may not read the Profile still sees who owns it; its quota he does not.
		out = append(out, kubeflow.NewProfile(w.Name, read.Owner, nil, nil))
	}
	for _, o := range kubeflow.ControllerObjects(read, s.ConfigFor(w.Name)) {
		if u, ok := o.(*unstructured.Unstructured); ok && u.GroupVersionKind().Group == kubeflow.PolicyKind.Group && !s.Istio {
			continue
		}
		out = append(out, o)
	}
	return out
}

func stateOf(s *workspace.State, w *workspace.Workspace, wanted runtime.Object) ObjectState {
	switch o := wanted.(type) {
	case *corev1.Namespace:
		out := ObjectState{Kind: "namespace", Name: o.Name}
		switch {
		case w.Namespace == nil && !wasRead(s, inventory.Namespaces):
			return out.unknown()
		case w.Namespace == nil:
			return out.missing()
		}
		return out.because(namespaceDiffers(w, o))
	case *rbacv1.RoleBinding:
		found, ok := pick(s.Bindings(w.Name), w.Name, o.Name)
		return compared(s, ObjectState{Kind: "rolebinding", Name: o.Name}, inventory.RoleBindings, ok, func() string { return bindingDiffers(found, o) })
	case *corev1.ServiceAccount:
		_, ok := pick(s.Inventory.ServiceAccounts, w.Name, o.Name)
		return compared(s, ObjectState{Kind: "serviceaccount", Name: o.Name}, inventory.ServiceAccounts, ok, func() string { return "" })
	case *corev1.ResourceQuota:
		found, ok := pick(s.Quotas(w.Name), w.Name, o.Name)
		return compared(s, ObjectState{Kind: "resourcequota", Name: o.Name}, inventory.Quotas, ok, func() string {
			if equality.Semantic.DeepEqual(normal(found.Spec), normal(o.Spec)) {
				return ""
			}
			return "its limits are not those of the profile"
		})
	case *unstructured.Unstructured:
		out := ObjectState{Kind: strings.ToLower(o.GetKind()), Name: o.GetName()}
		if o.GetKind() == kubeflow.ProfileKind.Kind {
			switch _, err := kubeflow.ReadProfile(o); {
			case w.Profile == nil && wasRead(s, inventory.Profiles):
				return out.missing()
			case w.Profile == nil:
				return out.unknown()
			case err != nil:
				return out.because(err.Error())
			}
			return out.because("")
		}
		found, ok := pick(s.Policies(w.Name), w.Name, o.GetName())
		return compared(s, out, inventory.Policies, ok, func() string { return policyDiffers(s, found, o) })
	}
	return ObjectState{Kind: strings.ToLower(wanted.GetObjectKind().GroupVersionKind().Kind), State: Unknown}
}

// compared fills in the state of an object that was found or not.
func compared(s *workspace.State, out ObjectState, kind inventory.Kind, found bool, why func() string) ObjectState {
	switch {
	case found:
		return out.because(why())
	case wasRead(s, kind):
		return out.missing()
	}
	return out.unknown()
}

func (o ObjectState) unknown() ObjectState {
	o.State, o.Why = Unknown, "objects of its kind were not read"
	return o
}

func (o ObjectState) missing() ObjectState {
	o.State, o.Why = Missing, "it is not there"
	return o
}

func (o ObjectState) because(why string) ObjectState {
	if o.State, o.Why = OK, why; why != "" {
		o.State = Differs
	}
	return o
}

func namespaceDiffers(w *workspace.Workspace, wanted *corev1.Namespace) string {
	var why []string
	if w.Flavor == workspace.Kubeflow {
		if by := w.Namespace.Annotations[kubeflow.OwnerAnnotation]; by != wanted.Annotations[kubeflow.OwnerAnnotation] {
			why = append(why, "its annotation \"owner\" is \""+by+"\"")
		}
		if w.Profile != nil && w.Profile.GetUID() != "" && !isOwnedBy(w.Namespace, w.Profile) {
			why = append(why, "it does not go with the profile when that is deleted")
		}
	} else if w.Owner.Name == "" {
		why = append(why, "it names no owner")
	}
	if isTerminating(w.Namespace) {
		why = append(why, "it is being deleted")
	}
	return strings.Join(why, "; ")
}

func bindingDiffers(found, wanted *rbacv1.RoleBinding) string {
	var why []string
	if found.RoleRef != wanted.RoleRef {
		why = append(why, "its role is "+found.RoleRef.Name+", not "+wanted.RoleRef.Name)
	}
	for _, subject := range wanted.Subjects {
		if who, ok := rbac.NewSubject(subject, wanted.Namespace); ok && !naming(found, who) {
			why = append(why, "it does not name "+who.String())
		}
	}
	if len(found.Subjects) > len(wanted.Subjects) {
		why = append(why, "it names others too")
	}
	for _, key := range []string{kubeflow.UserAnnotation, kubeflow.RoleAnnotation} {
		if value, marked := wanted.Annotations[key]; marked && found.Annotations[key] != value {
			why = append(why, "its annotation \""+key+"\" is \""+found.Annotations[key]+"\"")
		}
	}
	return strings.Join(why, "; ")
}

func policyDiffers(s *workspace.State, found, wanted *unstructured.Unstructured) string {
	cfg := s.ConfigFor(found.GetNamespace())
	why := kubeflow.PolicyDiffers(found, cfg)
	if users := kubeflow.PolicyUsers(found, cfg); len(users) > 0 && !slices.Equal(users, kubeflow.PolicyUsers(wanted, cfg)) {
		why = append(why, "it lets in "+strings.Join(users, ", "))
	}
	for _, key := range []string{kubeflow.UserAnnotation, kubeflow.RoleAnnotation} {
		if value := wanted.GetAnnotations()[key]; found.GetAnnotations()[key] != value {
			why = append(why, "its annotation \""+key+"\" is \""+found.GetAnnotations()[key]+"\"")
		}
	}
	return strings.Join(why, "; ")
}
