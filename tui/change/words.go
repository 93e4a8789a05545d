package change

import (
	"fmt"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// never is how somebody says that a role has no end.
const never = "never"

// ParseSubject reads a subject as "kubectl contrib" does: "bob@x.com", "group:team", "sa:namespace/name". The error may
// have a method Hint.
func ParseSubject(text string) (rbac.Subject, error) {
	return contrib.ParseSubject(strings.TrimSpace(text))
}

// ParseRole reads a role as --role of "kubectl contrib" does: a role word, or "clusterrole/NAME" or "role/NAME" for a role
// of one's own. One of the two results is empty. The error may have a method Hint.
func ParseRole(text string) (workspace.Role, *rbacv1.RoleRef, error) {
	return contrib.ParseRole(strings.TrimSpace(text))
}

// ParseExpiry reads the end of a role as --expires of "kubectl contrib" does: 12h, 7d, 2w, a day such as 2030-01-31 (0:00
// UTC), or RFC 3339. Nothing, and the word never, is the zero time: no end.
func ParseExpiry(text string, now time.Time) (time.Time, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, never) {
		return time.Time{}, nil
	}
	at, err := contrib.ParseExpiry(text, now)
	if err != nil {
		return time.Time{}, fmt.Errorf("bad end %q: %w", text, err)
	}
	return at, nil
}
