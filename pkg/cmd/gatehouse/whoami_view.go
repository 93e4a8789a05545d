package gatehouse

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// whoami is the answer.
type whoami struct {
	info authenticationv1.UserInfo
	id   rbac.Identity
	// login is nil when no cluster was asked.
	login              *login
	everywhere, grants []grant
	// folded counts bindings that are left out.
	folded int
	// gaps are what could not be read that may hold more roles.
	gaps []rbac.Gap
}

// whoamiView is the JSON of the answer. Fields are added, never renamed or removed, within one version.
type whoamiView struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Complete is false when something could not be read: then there may be more roles.
	Complete bool       `json:"complete"`
	Gaps     []rbac.Gap `json:"gaps,omitempty"`
	// Subject is the user as commands take it; User is the name as the cluster has it.
	Subject string              `json:"subject"`
	User    string              `json:"user"`
	UID     string              `json:"uid,omitempty"`
	Groups  []string            `json:"groups"`
	Extra   map[string][]string `json:"extra,omitempty"`
	Login   *login              `json:"login,omitempty"`
	// Everywhere are roles in the whole cluster, Namespaces those in namespaces, workspaces or not.
	Everywhere []grant `json:"everywhere"`
	Namespaces []grant `json:"namespaces"`
}

// view is the JSON; redact keeps credentials out of what a server says.
func (w *whoami) view(redact func(string) string) whoamiView {
	v := whoamiView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "WhoAmI", Complete: len(w.gaps) == 0, Gaps: w.gaps,
		Subject: w.id.Subject.String(), User: w.info.Username, UID: w.info.UID, Groups: append([]string{}, w.info.Groups...),
		Login: w.login, Everywhere: w.everywhere, Namespaces: w.grants,
	}
	for key, values := range w.info.Extra {
		if v.Extra == nil {
			v.Extra = map[string][]string{}
		}
		for _, value := range values {
			v.Extra[key] = append(v.Extra[key], redact(value))
		}
	}
	return v
}

// table shows a fact a line.
func (w *whoami) table(redact func(string) string) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Attribute", Type: "string"}, {Name: "Value", Type: "string"}, {Name: "Via", Type: "string"},
	}}
	add := func(attribute, value, via string) {
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{attribute, value, cmp.Or(via, "-")}})
	}
	add("user", w.info.Username, "")
	if w.info.UID != "" {
		add("uid", w.info.UID, "")
	}
	for _, group := range w.info.Groups {
		add("group", group, "")
	}
	for _, key := range slices.Sorted(maps.Keys(w.info.Extra)) {
		for _, value := range w.info.Extra[key] {
			add(key, redact(value), "")
		}
	}
	if w.login != nil {
		add("login", w.login.String(), w.login.place())
	}
	for _, g := range w.everywhere {
		add("everywhere", g.String(), w.via(g))
	}
	for _, g := range w.grants {
		add("in "+g.Namespace, g.String(), w.via(g))
	}
	return t
}

// String is the role, whether it gives anything, and until when.
func (g grant) String() string {
	text := g.Role
	if g.Missing {
		text += " (no such role)"
	}
	if g.Expires != nil {
		text += " until " + workspace.ExpiryText(*g.Expires)
	}
	return text
}

// via is the object that gives a role, and the group through which it does.
func (w *whoami) via(g grant) string {
	if g.Subject == "" || g.Subject == w.id.Subject.String() {
		return g.Via
	}
	return g.Via + " (" + g.Subject + ")"
}

// String says in words what is sent.
func (l *login) String() string {
	text := cmp.Or(strings.Join(l.Methods, ", "), "nothing")
	if l.Impersonating {
		text += ", impersonating"
	}
	return text
}

// place says where the credentials are from.
func (l *login) place() string {
	if l.User == "" {
		return "context " + l.Context
	}
	return "context " + l.Context + ", user " + l.User
}
