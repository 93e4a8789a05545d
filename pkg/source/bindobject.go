package source

import (
	"fmt"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// readBinding reads what a RoleBinding or ClusterRoleBinding has beside its metadata, with the defaults that an API
// server fills in.
func (o *object) readBinding(odd unknown) (rbac.Binding, error) {
	binding := rbac.Binding{Namespace: o.meta.namespace, Name: o.meta.name, Annotations: o.marks()}
	for _, m := range o.fields {
		var err error
		switch {
		case m.key == "roleRef":
			binding.RoleRef, err = readRoleRef(m.value, odd)
		case m.key == "subjects":
			binding.Subjects, err = readSubjects(m.value, odd)
		case !o.common(m.key):
			odd(m.line, m.key)
		}
		if err != nil {
			return binding, err
		}
	}
	if binding.RoleRef == (rbacv1.RoleRef{}) {
		return binding, atLine(o.line, "%s %q: roleRef is missing", o.kind, o.meta.name)
	}
	return binding, nil
}

func readRoleRef(node *yaml.Node, odd unknown) (rbacv1.RoleRef, error) {
	var ref rbacv1.RoleRef
	all, err := members(node, "roleRef")
	if err != nil {
		return ref, err
	}
	for _, m := range all {
		into := map[string]*string{"apiGroup": &ref.APIGroup, "kind": &ref.Kind, "name": &ref.Name}[m.key]
		if into == nil {
			odd(m.line, "roleRef."+m.key)
			continue
		}
		if *into, err = text(m.value, "roleRef."+m.key); err != nil {
			return ref, err
		}
	}
	switch {
	case ref.Name == "":
		return ref, atLine(node.Line, "roleRef.name is missing")
	case ref.Kind == "":
		return ref, atLine(node.Line, "roleRef.kind is missing")
	case ref.APIGroup == "":
		ref.APIGroup = rbacv1.GroupName
	}
	return ref, nil
}

func readSubjects(node *yaml.Node, odd unknown) ([]rbacv1.Subject, error) {
	nodes, err := elements(node, "subjects")
	if err != nil || len(nodes) == 0 {
		return nil, err
	}
	subjects := make([]rbacv1.Subject, 0, len(nodes))
	for i, n := range nodes {
		path := fmt.Sprintf("subjects[%d]", i)
		all, err := members(n, path)
		if err != nil {
			return nil, err
		}
		var s rbacv1.Subject
		for _, m := range all {
			into := map[string]*string{
				"kind": &s.Kind, "apiGroup": &s.APIGroup, "name": &s.Name, "namespace": &s.Namespace,
			}[m.key]
			if into == nil {
				odd(m.line, path+"."+m.key)
				continue
			}
			if *into, err = text(m.value, path+"."+m.key); err != nil {
				return nil, err
			}
		}
		switch {
		case s.Kind == "":
			return nil, atLine(n.Line, "%s: kind is missing", path)
		case s.Name == "":
			return nil, atLine(n.Line, "%s: name is missing", path)
		case s.APIGroup == "" && (s.Kind == rbacv1.UserKind || s.Kind == rbacv1.GroupKind):
			s.APIGroup = rbacv1.GroupName
		}
		subjects = append(subjects, s)
	}
	return subjects, nil
}
