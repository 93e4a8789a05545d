package contrib

import (
	"errors"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// parseRole reads --role: a role word, or a role of one's own, for which the word is empty.
func parseRole(text string) (workspace.Role, *rbacv1.RoleRef, error) {
	if text == "" {
		return "", nil, errors.New("want --role viewer, editor or owner, or clusterrole/NAME or role/NAME")
	}
	role, ref, err := contrib.ParseRole(text)
	if err != nil && !strings.Contains(text, "/") {
		return "", nil, cli.Hint(fmt.Errorf("bad --role %q: want viewer, editor or owner", text), roleHint(text))
	}
	return role, ref, err
}

func roleHint(text string) string {
	words := make([]string, 0, len(workspace.Roles()))
	for _, role := range workspace.Roles() {
		words = append(words, string(role))
	}
	if near := cli.Similar(text, words); len(near) > 0 {
		return "did you mean " + strings.Join(near, ", ") + "?"
	}
	return "a role of your own is --role clusterrole/" + text
}

// parseSubjects reads subjects. One that is named twice is a mistake.
func parseSubjects(texts []string) ([]rbac.Subject, error) {
	subjects := make([]rbac.Subject, 0, len(texts))
	seen := map[rbac.Subject]bool{}
	for _, text := range texts {
		s, err := contrib.ParseSubject(text)
		if err != nil {
			return nil, err
		}
		if seen[s] {
			return nil, fmt.Errorf("%s is named twice", s)
		}
		seen[s] = true
		subjects = append(subjects, s)
	}
	return subjects, nil
}
