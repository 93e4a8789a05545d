package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// maxNesting limits lists in lists.
const maxNesting = 8

// manifest reads the objects of one file into a gathering.
type manifest struct {
	file      string // as the user gave it
	namespace string // of objects that name none
	gathering *gathering
	tally     *tally
	// sieve and take are for readers of other objects: what to read, and where it goes. Without them it is RBAC's.
	sieve sieve
	take  func(*object) error
}

// chunk reads what a chunk holds.
func (m *manifest) chunk(ctx context.Context, c chunk) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	node, err := c.parse()
	if err != nil {
		if kind := c.mayBeSecret(); kind != "" {
			err = hideSecret(err, kind, c.line)
		}
	}
	if err != nil || node == nil {
		return err
	}
	return m.node(node, c.listKind, c.listVersion, 0)
}

// skip counts a document that is none of ours.
func (m *manifest) skip(kind string) { m.tally.skipped[kind]++ }

// node reads an object, or a list of objects.
func (m *manifest) node(node *yaml.Node, listKind, listVersion string, depth int) error {
	node = resolve(node)
	if node.Kind != yaml.MappingNode {
		if !isNull(node) {
			m.skip("")
		}
		return nil
	}
	fields, err := members(node, "")
	if err != nil {
		return err
	}
	o := &object{line: node.Line, node: node, fields: fields}
	if n := o.field("kind"); n != nil {
		if o.kind, err = text(n, "kind"); err != nil {
			return err
		}
	}
	if n := o.field("apiVersion"); n != nil {
		if o.apiVersion, err = text(n, "apiVersion"); err != nil {
			return err
		}
	}
	if items := o.field("items"); items != nil && resolve(items).Kind == yaml.SequenceNode {
		if depth == maxNesting {
			return atLine(node.Line, "lists nested deeper than %d", maxNesting)
		}
		// What isn't said here is said in the head of the list, when this is the rest of one.
		o.kind, o.apiVersion = cmp.Or(o.kind, listKind), cmp.Or(o.apiVersion, listVersion)
		for _, item := range resolve(items).Content {
			if err := m.node(item, o.kind, o.apiVersion, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	if o.kind == "" && listKind != "" {
		o.kind, o.apiVersion = itemKind(listKind), cmp.Or(o.apiVersion, listVersion)
	}
	return m.object(o)
}

// object reads an object of a known kind, and counts others.
func (m *manifest) object(o *object) error {
	if m.take != nil {
		return m.take(o)
	}
	group := groupOf(o.apiVersion)
	switch o.kind {
	case "":
		if isRBAC(o.apiVersion) {
			return atLine(o.line, "kind is missing")
		}
	case kindRole, kindClusterRole, kindRoleBinding, kindClusterRoleBinding:
		if o.apiVersion == "" {
			return atLine(o.line, "%s: apiVersion is missing", o.kind)
		}
		if group == rbacv1.GroupName {
			return m.rbac(o)
		}
	case kindNamespace, kindServiceAccount:
		if group == "" {
			return m.core(o)
		}
	case kindCRD:
		if group == groupCRD {
			return m.crd(o)
		}
	}
	m.pass(o)
	return nil
}

// pass counts an object that is not read.
func (m *manifest) pass(o *object) {
	switch {
	case m.sieve.wants(o.kind):
		m.skip(o.kind + "." + groupOf(o.apiVersion)) // of the same name, but not ours
	case !isList(o.kind):
		m.skip(o.kind)
	}
}

// rbac reads one of the four RBAC kinds.
func (m *manifest) rbac(o *object) error {
	origin, odd := m.at(o.line), m.odd(o)
	if err := m.version(o); err != nil {
		return err
	}
	if err := o.readMetadata(); err != nil {
		return err
	}
	m.place(o, o.kind == kindRole || o.kind == kindRoleBinding)
	m.tally.taken++
	if o.kind == kindRole || o.kind == kindClusterRole {
		role, err := o.readRole(odd)
		if err != nil {
			return err
		}
		role.Origin = origin
		m.gathering.addRole(role)
		return nil
	}
	binding, err := o.readBinding(odd)
	if err != nil {
		return err
	}
	binding.Origin = origin
	m.doubt(o, binding)
	m.gathering.addBinding(binding)
	return nil
}

// version checks the version of an RBAC object.
func (m *manifest) version(o *object) error {
	switch o.apiVersion {
	case rbacv1.SchemeGroupVersion.String():
	case rbacv1.GroupName + "/v1beta1":
		if m.tally.old++; m.tally.old == 1 {
			m.tally.firstOld = m.at(o.line)
		}
	default:
		return atLine(o.line, "%s: apiVersion %q is not known, want %s", o.kind, o.apiVersion, rbacv1.SchemeGroupVersion)
	}
	return nil
}

// odd returns what warns of keys that an object doesn't have.
func (m *manifest) odd(o *object) unknown {
	return func(line int, path string) {
		m.gathering.warn("%s: %s has no field %q: it is ignored", m.at(line), o.kind, path)
	}
}

// place brings an object into the scope of its kind.
func (m *manifest) place(o *object, namespaced bool) {
	origin := m.at(o.line)
	switch {
	case namespaced && o.meta.namespace == "":
		o.meta.namespace = m.namespace
		if m.tally.homeless++; m.tally.homeless == 1 {
			m.tally.firstHomeless = origin
		}
	case !namespaced && o.meta.namespace != "":
		m.gathering.warn("%s: %s %q is in no namespace: %q is ignored", origin, o.kind, o.meta.name, o.meta.namespace)
		o.meta.namespace = ""
	}
}

// doubt warns of what an API server refuses in a binding, and what can therefore grant nothing.
func (m *manifest) doubt(o *object, binding rbac.Binding) {
	where := fmt.Sprintf("%s: %s %q", binding.Origin, o.kind, o.meta.name)
	switch kind := binding.RoleRef.Kind; {
	case binding.RoleRef.APIGroup != rbacv1.GroupName:
		m.gathering.warn("%s: an API server refuses the apiGroup %q in roleRef", where, binding.RoleRef.APIGroup)
	case kind == kindRole && o.kind == kindRoleBinding, kind == kindClusterRole:
	default:
		m.gathering.warn("%s: an API server refuses the kind %q in roleRef", where, kind)
	}
	for i, s := range binding.Subjects {
		if _, ok := rbac.NewSubject(s, binding.Namespace); !ok {
			m.gathering.warn("%s: subjects[%d] is nobody: kind %q, namespace %q", where, i, s.Kind, s.Namespace)
		}
	}
}

// core reads a Namespace or a ServiceAccount.
func (m *manifest) core(o *object) error {
	if err := o.readMetadata(); err != nil {
		return err
	}
	m.place(o, o.kind == kindServiceAccount)
	if o.kind == kindNamespace {
		m.gathering.addNamespace(rbac.Namespace{Name: o.meta.name, Labels: o.meta.labels, Annotations: o.marks()})
		return nil
	}
	m.gathering.addServiceAccount(rbac.ObjectRef{Namespace: o.meta.namespace, Name: o.meta.name})
	return nil
}

func (m *manifest) crd(o *object) error {
	if err := o.readMetadata(); err != nil {
		return err
	}
	resources, err := o.readCRD()
	if err != nil {
		return err
	}
	m.gathering.custom = true
	m.gathering.addResources(resources...)
	return nil
}

// at is a line of the file, as origins and messages name it.
func (m *manifest) at(line int) string { return fmt.Sprintf("%s:%d", m.file, line) }

// wrap puts the file, and the line where it is known, before an error.
func (m *manifest) wrap(err error) error {
	if at, ok := errors.AsType[*lineError](err); ok {
		return fmt.Errorf("read %s: %w", m.at(at.line), at.err)
	}
	return fmt.Errorf("read %s: %w", m.file, err)
}
