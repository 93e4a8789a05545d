package token

import (
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// newSecret returns a name for a Secret that ends with the moment; with a later one when that is taken.
func (s *State) newSecret(namespace, token string) string {
	for at := s.now.UTC(); ; at = at.Add(time.Second) {
		name := token + "-" + at.Format("20060102-150405")
		if !slices.ContainsFunc(s.secretsOf(namespace, token), func(o *unstructured.Unstructured) bool { return o.GetName() == name }) {
			return name
		}
	}
}

// others tells of bindings that make more of a token than was asked for: those that name its account, left of an earlier
// one perhaps, or groups that it is in, and those that give its Role to somebody else. All but the last need the rules of
// access.
func (s *State) others(account rbac.Subject) []string {
	var notes []string
	if s.rights != nil {
		if paths := s.otherPaths(account); len(paths) > 0 {
			notes = append(notes, "the token may do more than was asked for, since its account is bound already: "+list(paths, 3))
		}
		if _, paths := inWords(s.groupRights(account), groupPathText); len(paths) > 0 {
			notes = append(notes, "the token may do more than was asked for, by groups that it is in: "+list(paths, 3))
		}
	}
	for _, b := range s.giving[types.NamespacedName{Namespace: account.Namespace, Name: account.Name}] {
		var names []string
		for _, subject := range b.Subjects {
			if read, ok := rbac.NewSubject(subject, b.Namespace); ok && read != account {
				names = append(names, read.String())
			}
		}
		if len(names) > 0 {
			notes = append(notes, fmt.Sprintf("rolebinding %s/%s gives the Role of the token to %s too", b.Namespace, b.Name, list(names, 3)))
		}
	}
	return notes
}
