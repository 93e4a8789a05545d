package world

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// EntryOf says what an [Entry] is.
type EntryOf uint8

// What entries are, in the order in which they are shown.
const (
	OfNamespace EntryOf = iota
	OfRole
	OfBinding
	OfSubject
	OfClusterAuth
	OfCluster
	OfQueue
	OfToken // an AccessToken of Kalm's; the tokens of service accounts are found by these
)

// Entry is something that is found by its name.
type Entry struct {
	Of EntryOf
	// What is its kind in a word: "role", "user".
	What            string
	Namespace, Name string
	// Subject is set for [OfSubject].
	Subject *rbac.Subject
	// Text is what people call it: "team-vision/deployer", "user:alice@acme.example"; Folded is the same in lower case, in
	// which the bare name begins at Start.
	Text, Folded string
	Start        int
}

// Entries returns everything that has a name. The slice is shared. It takes a moment when it is first asked for.
func (w *World) Entries() []Entry { return w.entries() }

// enterPolicies enters what is in the snapshot.
func enterPolicies(s *standings, names *Names) []Entry {
	out := make([]Entry, 0, len(s.roles)+len(s.bindings)+len(s.subjects)+len(names.Namespaces))
	add := func(of EntryOf, what, namespace, name string) { out = append(out, newEntry(of, what, namespace, name)) }
	for _, ns := range names.Namespaces {
		add(OfNamespace, "namespace", "", ns)
	}
	for _, r := range s.roles {
		if r.Object != nil {
			add(OfRole, strings.ToLower(r.ID.Kind), r.ID.Namespace, r.ID.Name)
		}
	}
	for _, b := range s.bindings {
		kind, _, _ := strings.Cut(b.KindName(), "/")
		add(OfBinding, kind, b.Namespace, b.Name)
	}
	for _, s := range s.subjects {
		out = append(out, newSubjectEntry(&s.Subject))
	}
	return out
}

func (w *World) enter() []Entry {
	out := slices.Clip(w.policies())
	for _, of := range []struct {
		kind inventory.Kind
		of   EntryOf
		what string
	}{
		{inventory.ClusterAuthentications, OfClusterAuth, "clusterauthentication"},
		{inventory.ClusterDeployments, OfCluster, "cluster"},
	} {
		for _, u := range w.Inventory.Objects(of.kind) {
			out = append(out, newEntry(of.of, of.what, u.GetNamespace(), u.GetName()))
		}
	}
	for i := range w.Queues() {
		out = append(out, newEntry(OfQueue, "queue", "", w.Queues()[i].Name))
	}
	for _, u := range w.Inventory.Objects(inventory.AccessTokens) {
		out = append(out, newTokenEntry(u))
	}
	return append(out, w.ofKalm()...)
}

// newTokenEntry enters an AccessToken by the name that it was given, if it was, and by the sum that its object is called by.
func newTokenEntry(o *unstructured.Unstructured) Entry {
	e := newEntry(OfToken, "accesstoken", "", o.GetName())
	if name := o.GetLabels()[token.Label]; name != "" {
		e.Text = name + " " + o.GetName()
		e.fold(len(e.Text))
	}
	return e
}

// ofKalm enters those who have something in Kalm alone, and so are in no binding of the snapshot.
func (w *World) ofKalm() []Entry {
	if len(w.Inventory.Objects(inventory.KalmBindings)) == 0 {
		return nil
	}
	var out []Entry
	entered := map[rbac.Subject]bool{}
	for _, m := range w.Members() {
		if !m.OfKalm() || entered[m.Subject] {
			continue
		}
		entered[m.Subject] = true
		if len(w.Subject(m.Subject).Bindings) == 0 {
			out = append(out, newSubjectEntry(&m.Subject))
		}
	}
	return out
}

func newSubjectEntry(s *rbac.Subject) Entry {
	e := Entry{Of: OfSubject, What: subjectWord(s.Kind), Namespace: s.Namespace, Name: s.Name, Subject: s, Text: s.String()}
	e.fold(len(s.Name))
	return e
}

func newEntry(of EntryOf, what, namespace, name string) Entry {
	e := Entry{Of: of, What: what, Namespace: namespace, Name: name, Text: name}
	if namespace != "" {
		e.Text = namespace + "/" + name
	}
	e.fold(len(name))
	return e
}

// fold fills in how the entry is looked for. Folding may change the length of a name, and then all of it is the bare name.
func (e *Entry) fold(bare int) {
	e.Folded = strings.ToLower(e.Text)
	if len(e.Folded) == len(e.Text) {
		e.Start = len(e.Text) - bare
	}
}

func subjectWord(kind string) string {
	switch kind {
	case rbacv1.GroupKind:
		return "group"
	case rbacv1.ServiceAccountKind:
		return "service account"
	}
	return "user"
}
