package accesstoken

import (
	"cmp"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

const apiVersion = "gatehouse.dev/v1alpha1"

// listView is the JSON of a list. Fields are added, never renamed or removed, within one version.
type listView struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Complete   bool        `json:"complete"`
	Gaps       []rbac.Gap  `json:"gaps,omitempty"`
	Items      []tokenView `json:"items"`
}

// tokenView is the JSON of one token.
type tokenView struct {
	Kind      token.Kind `json:"kind"`
	Namespace string     `json:"namespace,omitempty"`
	Name      string     `json:"name"`
	// Object is what the cluster keeps of it, as findings name it.
	Object  string `json:"object"`
	Account string `json:"account,omitempty"`
	// Secret is the one that the token is bound to, or that holds it.
	Secret    string     `json:"secret,omitempty"`
	Creator   string     `json:"creator,omitempty"`
	Memo      string     `json:"memo,omitempty"`
	Audiences []string   `json:"audiences,omitempty"`
	Created   *time.Time `json:"created,omitempty"`
	// LastUsed is a day; absent when nothing says it.
	LastUsed string     `json:"lastUsed,omitempty"`
	Expires  *time.Time `json:"expires,omitempty"`
	// Ends is "never", "ended", "revoked", "invalid", "unknown" or "later".
	Ends string    `json:"ends"`
	May  token.May `json:"may"`
}

func viewList(l *loaded, tokens []token.Token, now time.Time) listView {
	v := listView{
		APIVersion: apiVersion, Kind: "TokenList", Complete: len(l.Inventory.Gaps) == 0, Gaps: l.Inventory.Gaps, Items: []tokenView{},
	}
	for _, t := range tokens {
		v.Items = append(v.Items, viewToken(l.state, t, now))
	}
	return v
}

func viewToken(s *token.State, t token.Token, now time.Time) tokenView {
	v := tokenView{
		Kind: t.Kind, Namespace: t.Namespace, Name: t.Name, Object: t.Object(), Secret: t.Secret, Creator: t.Creator, Memo: t.Memo,
		Audiences: t.Audiences, Created: known(t.Created), Expires: known(t.Expires), Ends: ends(t, now), May: s.MayOf(t),
	}
	if t.Account != (rbac.Subject{}) {
		v.Account = t.Account.String()
	}
	if !t.LastUsed.IsZero() {
		v.LastUsed = t.LastUsed.Format(time.DateOnly)
	}
	return v
}

func known(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}

// ends is a word for when a token ends.
func ends(t token.Token, now time.Time) string {
	switch {
	case t.Revoked():
		return "revoked"
	case t.Invalid != "":
		return "invalid"
	case t.BadExpiry != "":
		return "unknown"
	case t.Expires.IsZero() && t.Kind == token.Bound:
		return "unknown"
	case t.Expires.IsZero():
		return "never"
	case t.Ended(now):
		return "ended"
	}
	return "later"
}

// listTable is the table of tokens; with moments there are these in it, and not how far away they are.
func listTable(s *token.State, tokens []token.Token, now time.Time, moments bool) *metav1.Table {
	made := "Age"
	if moments {
		made = "Made"
	}
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Namespace", Type: "string"},
		{Name: "Name", Type: "string"},
		{Name: "Kind", Type: "string"},
		{Name: "May", Type: "string"},
		{Name: "Made by", Type: "string"},
		{Name: made, Type: "string"},
		{Name: "Used", Type: "string"},
		{Name: "Ends", Type: "string"},
		{Name: "Object", Type: "string", Priority: 1},
		{Name: "Memo", Type: "string", Priority: 1},
	}}
	for _, k := range tokens {
		end := ends(k, now)
		if end == "later" {
			end = duration.HumanDuration(k.Expires.Sub(now))
		}
		used, age := "", ""
		if !k.LastUsed.IsZero() {
			used = k.LastUsed.Format(time.DateOnly)
		}
		if !k.Created.IsZero() {
			age = duration.HumanDuration(now.Sub(k.Created))
		}
		if moments {
			age = momentText(k.Created)
			if !k.Expires.IsZero() && (end == "ended" || !k.Ended(now)) {
				end = momentText(k.Expires)
			}
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			dash(k.Namespace), shortName(k), string(k.Kind), s.MayOf(k).Short(), dash(k.Creator), dash(age), dash(used), end,
			objects(k), dash(k.Memo),
		}})
	}
	return t
}

// momentText is a time for programs; empty when it is not known.
func momentText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339)
}

// shortName is the name of a token, without most of one that is in hex: its beginning names it too.
func shortName(t token.Token) string {
	const most = 12
	if t.Kind == token.Kalm && len(t.Name) == 64 && strings.Trim(t.Name, "0123456789abcdef") == "" {
		return t.Name[:most]
	}
	return t.Name
}

// objects names what the cluster keeps of a token.
func objects(t token.Token) string {
	if t.Kind == token.Bound && t.Secret != "" {
		return t.Object() + ", secret " + t.Secret
	}
	return t.Object()
}

func dash(text string) string { return cmp.Or(text, "-") }
