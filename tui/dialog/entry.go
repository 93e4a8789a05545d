package dialog

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/tui/field"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// workspaceName is what the workspace is called in a form. Which roles can be given depends on it.
const workspaceName = "workspace"

// entry is one thing that a form asks for.
type entry struct {
	name  string
	field field.Field
	// want says what may be typed.
	want string
	// take reads what was typed into a wish, and returns how it was understood; that may be empty.
	take  func(wish *change.Wish, typed string) (string, error)
	words vocabulary
}

// fact is what a form says and does not ask.
type fact struct{ name, value string }

func workspaceEntry(wish *change.Wish) *entry {
	return &entry{
		name: workspaceName, field: field.New(wish.Workspace), want: "the name of a namespace", words: workspaceWords,
		take: func(wish *change.Wish, typed string) (string, error) {
			wish.Workspace = strings.TrimSpace(typed)
			// The length first: it takes a while to look at all of what somebody pasted by mistake.
			if len(wish.Workspace) > validation.DNS1123LabelMaxLength || len(validation.IsDNS1123Label(wish.Workspace)) > 0 {
				return "", fmt.Errorf("%q is no name of a namespace", wish.Workspace)
			}
			return "", nil
		},
	}
}

func subjectEntry() *entry {
	return &entry{
		name: "subject", field: field.New(""), want: "a user, group:NAME or sa:NAMESPACE/NAME", words: subjectWords,
		take: func(wish *change.Wish, typed string) (string, error) {
			var err error
			if wish.Subject, err = change.ParseSubject(typed); err != nil {
				return "", err
			}
			return subjectText(wish.Subject), nil
		},
	}
}

// subjectText says what kind of subject it is.
func subjectText(s rbac.Subject) string {
	switch s.Kind {
	case rbacv1.GroupKind:
		return "the group " + s.Name
	case rbacv1.ServiceAccountKind:
		return fmt.Sprintf("the service account %s of %s", s.Name, s.Namespace)
	}
	return "the user " + s.Name
}

// roleEntry asks for a role. One of Kalm's is a word, and nothing else.
func roleEntry(system workspace.Flavor) *entry {
	e := &entry{name: "role", field: field.New(""), want: "viewer, editor or owner, or clusterrole/NAME or role/NAME", words: roleWords}
	if system == workspace.Kalm {
		e.want, e.words = "viewer, editor or owner: Kalm has no others", wordsOfRoles
	}
	e.take = func(wish *change.Wish, typed string) (string, error) {
		var err error
		if wish.Role, wish.RoleRef, err = change.ParseRole(typed); err != nil {
			return "", err
		}
		if system == workspace.Kalm && wish.RoleRef != nil {
			return "", fmt.Errorf("%s is a role of Kubernetes': Kalm knows viewer, editor and owner", roleText(wish))
		}
		return roleText(wish), nil
	}
	return e
}

// roleText returns the role of a wish as commands take it; empty when it has none.
func roleText(wish *change.Wish) string {
	return contrib.Grant{Role: wish.Role, RoleRef: wish.RoleRef}.RoleText()
}

// expiryEntry asks for the end of a role. Where that is all there is to say, it must be said.
func expiryEntry(now time.Time, required bool) *entry {
	e := &entry{name: "expires", field: field.New(""), words: expiryWords}
	e.want = "a time from now (12h, 7d, 2w), a day (2030-01-31), or never"
	if !required {
		e.want += "; if left out, as before or never"
	}
	e.take = func(wish *change.Wish, typed string) (string, error) {
		if required && strings.TrimSpace(typed) == "" {
			return "", errors.New("say when the role ends, or never")
		}
		var err error
		if wish.Expires, err = change.ParseExpiry(typed, now); err != nil {
			return "", err
		}
		// Left out, it leaves an end that is there as it is.
		wish.Never = !required && wish.Expires.IsZero() && strings.TrimSpace(typed) != ""
		return expiryText(wish.Expires), nil
	}
	return e
}

func expiryText(at time.Time) string {
	if at.IsZero() {
		return "never"
	}
	return at.UTC().Format("2006-01-02 15:04 UTC")
}

// questions returns what a wish says already, and what it still needs. What can't be otherwise is not asked.
func questions(wish *change.Wish, now time.Time) ([]fact, []*entry) {
	subject := fact{"subject", contrib.Label(wish.Subject)}
	switch wish.Verb {
	case change.SetRole:
		return []fact{{workspaceName, wish.Workspace}, subject, {"role now", roleText(wish)}}, []*entry{roleEntry(wish.System)}
	case change.Expire:
		return []fact{
			{workspaceName, wish.Workspace}, subject, {"role", roleText(wish)}, {"expires now", expiryText(wish.Expires)},
		}, []*entry{expiryEntry(now, true)}
	case change.Add, change.Remove, change.Fix, change.Undo:
	}
	if wish.Subject.Name != "" {
		return []fact{subject}, []*entry{workspaceEntry(wish), roleEntry(wish.System), expiryEntry(now, false)}
	}
	return nil, []*entry{workspaceEntry(wish), subjectEntry(), roleEntry(wish.System), expiryEntry(now, false)}
}
