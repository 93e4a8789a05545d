package screen

import (
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// whoCanPage answers the place's question: who may do something, or why somebody may or may not. While it is half typed,
// the page says what comes next.
func whoCanPage(w *world.World, p Place) (*Page, error) {
	a := parse(p.Query)
	if next := a.next(w); next != "" {
		return unanswered(next), nil
	}
	req, notes, err := a.resolve(w, p)
	if err != nil {
		return unanswered(err.Error()), nil
	}
	if a.why {
		return whyPage(w, a, req, notes), nil
	}
	return whoPage(w, a, req, notes), nil
}

// unanswered is the page of a question that can't be answered yet.
func unanswered(next string) *Page {
	list := (&answer{}).table().Of(nil)
	list.Empty = next
	return &Page{Title: WhoCan.Title(), List: list}
}

// partial says what answers about a namespace, or when it is empty about all, are missing.
func partial(w *world.World, namespace string) []string {
	notes := rightsNotes(w, namespace)
	if !w.Complete {
		notes = append(notes, "roles and bindings are still being read: there may be more")
	}
	return notes
}

// askedAs returns the words that ask the same in a shell, behind "kubectl whocan": who can, or, of a subject, why.
func askedAs(req question.Request, subject string, groups []string) []string {
	var words []string
	if subject != "" {
		words = append(words, "why", subject)
	}
	a := req.Action
	words = append(words, a.Verb)
	if a.IsURL() {
		return append(words, a.Path)
	}
	if words = append(words, resourceWord(a)); a.Name != "" {
		words = append(words, a.Name)
	}
	switch {
	case req.Namespaced && a.Namespace != "":
		words = append(words, "-n", a.Namespace)
	case req.Namespaced && req.Scope == rbac.InNamespace && subject == "":
		words = append(words, "--cluster-scope")
	case req.Namespaced, req.Scope == rbac.Anywhere:
		words = append(words, "-A")
	}
	for _, group := range groups {
		words = append(words, "--group", group)
	}
	return words
}

// resourceWord is a resource as a question takes it. The group stands before the slash: behind it, a group that the cluster
// does not serve would make the name of an object of what is a subresource.
func resourceWord(a rbac.Action) string {
	switch {
	case a.Group == "":
		return a.ResourceName()
	case a.Subresource == "":
		return a.Resource + "." + a.Group
	}
	return a.Resource + "." + a.Group + "/" + a.Subresource
}

// rolePlace and bindingPlace are the pages of an object.
func rolePlace(id rbac.ObjectID) Place {
	return Place{Kind: Role, Namespace: id.Namespace, Name: id.Name}
}

func bindingPlace(id rbac.ObjectID) Place {
	return Place{Kind: Binding, Namespace: id.Namespace, Name: id.Name}
}

// provedBy is the page of the binding that a path begins with; none where the API server told of it and nothing was read.
func provedBy(p *rbac.Proof) Place {
	if p.Binding.Told() {
		return Place{}
	}
	return bindingPlace(p.Binding.ID())
}

// jumpAlong answers [Table.Jump] for what comes by a binding to a role. Those that the API server only told of have no pages.
func jumpAlong(to Kind, s rbac.Subject, b *rbac.Binding, r *rbac.Role, namespace string) Place {
	if b.Told() {
		return JumpTo(to, s, rbac.ObjectID{}, rbac.ObjectID{}, namespace)
	}
	return JumpTo(to, s, b.ID(), r.ID(), namespace)
}

// objectPlace is the page of a role or binding; a zero place for neither.
func objectPlace(id rbac.ObjectID) Place {
	switch id.Kind {
	case "Role", "ClusterRole":
		return rolePlace(id)
	case "RoleBinding", "ClusterRoleBinding":
		return bindingPlace(id)
	}
	return Place{}
}
