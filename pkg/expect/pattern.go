package expect

import (
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// pattern is a subject, or many of one kind.
type pattern struct {
	// subject is who is meant; of a pattern its namespace and name hold stars.
	subject rbac.Subject
	many    bool
}

// parsePattern reads a subject as [rbac.ParseSubject] does, or one with stars behind its kind: "group:ml-*",
// "user:*@acme.example", "sa:team-*/*".
func parsePattern(text string) (pattern, error) {
	if !strings.Contains(text, "*") {
		s, err := rbac.ParseSubject(text)
		return pattern{subject: s}, err
	}
	kind, name, _ := strings.Cut(text, ":")
	p := pattern{many: true}
	switch strings.ToLower(kind) {
	case "user", "u":
		p.subject = rbac.Subject{Kind: rbacv1.UserKind, Name: name}
	case "group", "g":
		p.subject = rbac.Subject{Kind: rbacv1.GroupKind, Name: name}
	case "sa", "serviceaccount":
		ns, sa, ok := strings.Cut(name, "/")
		if !ok || ns == "" || sa == "" || strings.Contains(sa, "/") {
			return pattern{}, fmt.Errorf("parse subject %q: want sa:NAMESPACE/NAME", text)
		}
		p.subject = rbac.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: ns, Name: sa}
	default:
		return pattern{}, fmt.Errorf("parse subject %q: want user:NAME, group:NAME or sa:NAMESPACE/NAME for a pattern", text)
	}
	return p, nil
}

// matches reports whether the subject is meant.
func (p pattern) matches(s rbac.Subject) bool {
	if !p.many {
		return s == p.subject
	}
	return s.Kind == p.subject.Kind && glob(p.subject.Namespace, s.Namespace) && glob(p.subject.Name, s.Name)
}

// system reports whether the pattern asks for built-in subjects by the way it begins.
func (p pattern) system() bool {
	return !p.many || strings.HasPrefix(p.subject.Name, "system:") || strings.HasPrefix(p.subject.Namespace, "kube-system")
}

// glob reports whether the text is what the pattern says: a star stands for any text, also an empty one.
func glob(pattern, text string) bool {
	head, rest, star := strings.Cut(pattern, "*")
	if !star {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, head)
	if !ok {
		return false
	}
	for {
		part, next, more := strings.Cut(rest, "*")
		if !more {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], next
	}
}
