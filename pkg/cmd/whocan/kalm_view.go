package whocan

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// kalmSubject writes a subject as commands take it: user:NAME, group:NAME, token:NAME.
func kalmSubject(s kalm.Subject) string {
	switch {
	case s.Token:
		return "token:" + s.Name
	case s.Group:
		return "group:" + s.Name
	}
	return "user:" + s.Name
}

// kalmVia writes a way in a line: the object that it begins with, and what it gives.
func kalmVia(w kalm.Way) string {
	first := w.Path[0]
	var via string
	switch {
	case first.Binding != nil && first.Injected:
		via = "rolebinding.core.kalm.dev/" + first.Binding.Name + " > " + first.String()
	case first.Binding != nil:
		via = "rolebinding.core.kalm.dev/" + first.Binding.Name + " > " + string(first.Binding.Role)
	case first.Token != nil && first.Injected:
		via = first.Token.Ref() + " > " + first.String()
	case first.Token != nil:
		_, rule, _ := w.Rule()
		return first.Token.Ref() + " > " + rule.String()
	}
	if tok, rule, ok := w.Rule(); ok && tok != first.Token {
		via += " > " + tok.Ref() + " > " + rule.String()
	}
	return via
}

// The places that are no namespace.
const (
	wholeCluster = "the whole cluster"
	anyNamespace = "any namespace"
)

// kalmPlace writes where something is wanted.
func kalmPlace(namespace string) string {
	if namespace == "" || namespace == kalm.All {
		return wholeCluster
	}
	return namespace
}

// text writes what was typed, and what Kalm's API asks its policy then if that is something else.
func (w *kalmWords) text(asked kalm.Asked, place string) string {
	wanted := kalmObject(asked.Wanted)
	switch object := kalmObject(asked.Request); {
	case asked.Free:
		return w.verb + " " + wanted + ", for which Kalm's API does not ask its policy"
	case asked.Cluster && (object != wanted || asked.Request.Action != asked.Wanted.Action || place != wholeCluster):
		return w.verb + " " + wanted + ", for which Kalm's API asks for " + string(asked.Request.Action) + " on " + object + " in " + wholeCluster
	case object != wanted:
		return w.verb + " " + wanted + " in " + place + ", for which Kalm's API asks for " + string(asked.Request.Action) + " on " + object + " there"
	}
	return w.verb + " " + wanted + " in " + place + ", by Kalm's policy"
}

func kalmObject(r kalm.Request) string {
	what := r.Object()
	if what == kalm.All {
		return "everything"
	}
	return strings.TrimSuffix(what, "/"+kalm.All)
}

func (r *kalmRow) where() string {
	if r.everywhere {
		return "everywhere"
	}
	return question.List(r.namespaces, 3)
}

func (r *kalmRow) marks() []string {
	var marks []string
	for _, f := range r.flags {
		marks = append(marks, string(f.Mark))
	}
	slices.Sort(marks)
	return slices.Compact(marks)
}

func kalmTable(rows []kalmRow) *metav1.Table {
	table := &metav1.Table{ColumnDefinitions: columns([]string{"Subject", "Where", "Via", "Odd"}, "Until", "Path")}
	for i := range rows {
		r := &rows[i]
		until := ""
		if b := r.way.Binding(); b != nil {
			until = b.Expires
		} else if tok := r.way.Path[0].Token; tok != nil {
			until = tok.Expires
		}
		var path []string
		for _, line := range r.way.Path {
			path = append(path, line.String())
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			kalmSubject(r.way.Subject), r.where(), kalmVia(r.way), strings.Join(r.marks(), ","), until, strings.Join(path, " | "),
		}})
	}
	return table
}

// kalmNames returns each subject once.
func kalmNames(rows []kalmRow) []string {
	var names []string
	for i := range rows {
		if name := kalmSubject(rows[i].way.Subject); i == 0 || name != names[len(names)-1] {
			names = append(names, name)
		}
	}
	return names
}

// kalmHeader starts the JSON of what Kalm's policy says.
type kalmHeader struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Complete   bool       `json:"complete"`
	Gaps       []rbac.Gap `json:"gaps,omitempty"`
	// Verb is what was typed, when it is none of Kalm's actions.
	Verb string `json:"verb,omitempty"`
	// Request is what was asked for, in Kalm's words, and Asked what Kalm's API asks its policy then.
	Request kalmRequestView `json:"request"`
	Asked   kalmRequestView `json:"asked"`
	Note    string          `json:"note,omitempty"`
	// Unchecked says that the policy is not asked: whoever is logged in may.
	Unchecked bool `json:"unchecked,omitempty"`
	// Broken says that Kalm's API says no to everybody, Stopped that it does not run.
	Broken  bool `json:"broken,omitempty"`
	Stopped bool `json:"stopped,omitempty"`
	// SpoiledBy are the objects that make it so.
	SpoiledBy []kalmFlagView `json:"spoiledBy,omitempty"`
}

type kalmRequestView struct {
	Action    kalm.Action `json:"action"`
	Namespace string      `json:"namespace,omitempty"`
	Kind      string      `json:"kind"`
	Name      string      `json:"name,omitempty"`
}

func newKalmHeader(kind string, k *kalmWorld, w *kalmWords, asked kalm.Asked) kalmHeader {
	verb := w.verb
	if verb == string(w.request.Action) {
		verb = ""
	}
	return kalmHeader{
		APIVersion: apiVersion, Kind: kind, Complete: k.complete(), Gaps: k.gaps, Verb: verb,
		Request: kalmRequestView(w.request), Asked: kalmRequestView(asked.Request), Note: asked.Note, Unchecked: asked.Free,
		Broken: k.policy.Broken(), Stopped: k.policy.Stopped(), SpoiledBy: viewKalmFlags(k.spoilers()),
	}
}

type kalmWhoView struct {
	kalmHeader
	Subjects []kalmGrantView `json:"subjects"`
}

// kalmGrantView is one way of one subject.
type kalmGrantView struct {
	ID         string         `json:"id"`
	Everywhere bool           `json:"everywhere"`
	Namespaces []string       `json:"namespaces,omitempty"`
	Way        kalmWayView    `json:"via"`
	Odd        []kalmFlagView `json:"odd,omitempty"`
}

type kalmWayView struct {
	Binding *kalmBindingView `json:"binding,omitempty"`
	Token   *kalmTokenView   `json:"token,omitempty"`
	// Lines are those of Kalm's policy that allow it, from the subject to the permission.
	Lines []string `json:"lines"`
}

type kalmBindingView struct {
	Namespace string    `json:"namespace"`
	Name      string    `json:"name"`
	Role      kalm.Role `json:"role"`
	ExpiredAt string    `json:"expiredAt,omitempty"`
}

type kalmTokenView struct {
	Name      string    `json:"name"`
	Memo      string    `json:"memo,omitempty"`
	Rule      kalm.Rule `json:"rule"`
	ExpiredAt string    `json:"expiredAt,omitempty"`
}

type kalmFlagView struct {
	Mark   kalm.Mark `json:"mark"`
	Object string    `json:"object"`
	Text   string    `json:"text"`
}

func viewKalmWho(k *kalmWorld, w *kalmWords, asked kalm.Asked, rows []kalmRow) kalmWhoView {
	v := kalmWhoView{kalmHeader: newKalmHeader("KalmWhoCan", k, w, asked), Subjects: []kalmGrantView{}}
	for i := range rows {
		r := &rows[i]
		v.Subjects = append(v.Subjects, kalmGrantView{
			ID: kalmSubject(r.way.Subject), Everywhere: r.everywhere, Namespaces: r.namespaces, Way: viewKalmWay(r.way), Odd: viewKalmFlags(r.flags),
		})
	}
	return v
}

func viewKalmWay(w kalm.Way) kalmWayView {
	var v kalmWayView
	if b := w.Binding(); b != nil {
		v.Binding = &kalmBindingView{Namespace: b.Namespace, Name: b.Name, Role: b.Role, ExpiredAt: b.Expires}
	}
	tok, rule, ok := w.Rule()
	if first := w.Path[0]; !ok && first.Token != nil && first.Rule < len(first.Token.Rules) {
		tok, rule, ok = first.Token, first.Token.Rules[first.Rule], true // a line that its text has made
	}
	if ok {
		v.Token = &kalmTokenView{Name: tok.Name, Memo: tok.Memo, Rule: rule, ExpiredAt: tok.Expires}
	}
	for _, line := range w.Path {
		v.Lines = append(v.Lines, line.String())
	}
	return v
}

func viewKalmFlags(flags []kalm.Flag) []kalmFlagView {
	var out []kalmFlagView
	for _, f := range flags {
		out = append(out, kalmFlagView{Mark: f.Mark, Object: f.Object(), Text: f.Why()})
	}
	return out
}
