package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// mostNear is how many words that begin like a half typed one are told.
const mostNear = 6

const (
	wantAction   = "a verb and a resource: \"get secrets\", \"create pods/exec -n dev\", \"get /metrics\"; or \"why SUBJECT get secrets\""
	wantSubject  = "then who: a user, group:NAME or sa:NAMESPACE/NAME"
	wantVerb     = "then a verb: get, list, create, delete, ..."
	wantResource = "then a resource: secrets, pods/exec, deployments.apps, or a URL such as /metrics"
)

// next says what comes next in a question that is not there yet, in which case there is nothing to answer; empty when it is
// there. Words of which the beginning is typed are no mistakes.
func (a *asked) next(w *world.World) string {
	switch {
	case a.wrong != "":
		return a.wrong
	case a.all && a.cluster, a.cluster && a.namespace != "":
		return "--cluster-scope is one request for all namespaces: leave -A and -n out"
	case a.why && a.subject == "":
		return wantSubject
	case a.why && len(a.action) == 0:
		return wantVerb
	case len(a.action) == 0:
		return wantAction
	case len(a.action) > 3:
		return "want VERB RESOURCE [NAME]: one name at a time"
	case len(a.action) == 1:
		return a.nextVerb(w)
	}
	if text := a.nextResource(w); text != "" {
		return text
	}
	switch a.wants {
	case slotNamespace:
		return "then a namespace"
	case slotGroup:
		return "then a group"
	default:
		return a.nextNamespace(w)
	}
}

// nextVerb is for a question of a verb alone.
func (a *asked) nextVerb(w *world.World) string {
	verb := a.action[0]
	known := w.Names().Verbs
	if rbac.KnownVerb(verb) || slices.Contains(known, verb) {
		return wantResource
	}
	if near := beginning(known, verb); len(near) > 0 {
		return didYouMean(near)
	}
	if r, err := w.Index.Catalog().Resolve(verb, "", false); err == nil && r.Known {
		return fmt.Sprintf("the verb is missing: \"get %s\"", verb)
	}
	if near := resourcesLike(w, verb); len(near) > 0 {
		return fmt.Sprintf("the verb is missing; did you mean: \"get %s\"?", near[0])
	}
	return fmt.Sprintf("verb %q is not known%s", verb, question.DidYouMean(question.NearVerbs(verb, known)))
}

// nextResource is for a resource that is half typed. What is wrong with it for good is told by the answer.
func (a *asked) nextResource(w *world.World) string {
	text := a.action[1]
	if strings.HasPrefix(text, "/") {
		return ""
	}
	if text == "" {
		return wantResource
	}
	c := w.Index.Catalog()
	if main, ok := strings.CutSuffix(text, "/"); ok && main != "" && !strings.Contains(main, "/") {
		r, err := c.Resolve(main, a.action[0], false)
		if err != nil || !r.Known {
			return ""
		}
		return "then a subresource or a name: " + question.List(append(c.Subresources(r.Group, r.Resource), "NAME"), mostNear)
	}
	r, err := c.Resolve(text, a.action[0], len(a.action) > 2)
	if err != nil || r.Known {
		return ""
	}
	return didYouMean(resourcesLike(w, text))
}

// resourcesLike are the resources that begin with a text.
func resourcesLike(w *world.World, text string) []string {
	var near []string
	for _, known := range w.Names().Resources {
		if strings.HasPrefix(known.Word, strings.ToLower(text)) {
			near = append(near, known.Word)
		}
	}
	return near
}

// didYouMean offers words in place of one that is half typed; nothing without any.
func didYouMean(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "did you mean: " + question.List(words, mostNear)
}

// nextNamespace is for a namespace that is half typed.
func (a *asked) nextNamespace(w *world.World) string {
	known := w.Names().Namespaces
	if a.namespace == "" || slices.Contains(known, a.namespace) {
		return ""
	}
	if near := beginning(known, a.namespace); len(near) > 0 {
		return didYouMean(near)
	}
	return ""
}

// beginning are the words that begin so.
func beginning(words []string, with string) []string {
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return !strings.HasPrefix(w, with) })
}

// resolve makes the question exact. The notes say what is doubtful about it.
func (a *asked) resolve(w *world.World, p Place) (question.Request, []string, error) {
	words, err := question.ParseWords(a.action)
	if err != nil {
		return question.Request{}, nil, err
	}
	at := question.Place{Namespace: a.namespace, All: a.all, Cluster: a.cluster}
	switch {
	case a.all, a.cluster:
		at.Namespace = ""
	case at.Namespace == "":
		at.Namespace, at.All = p.Namespace, p.Namespace == ""
	}
	req, doubts, err := question.Resolve(words, w.Index.Catalog(), at)
	if err != nil {
		return question.Request{}, nil, err
	}
	notes := append(slices.Clone(doubts.Notes), doubts.Warnings...)
	if a.namespace != "" && (w.Frame.Offline || len(w.Snapshot.Namespaces) > 0) {
		if doubt := question.NamespaceDoubt(a.namespace, w.Names().Namespaces); doubt != "" {
			notes = append(notes, doubt)
		}
	}
	if a.why {
		req.Scope = rbac.InNamespace // one request: all namespaces mean the cluster-wide one
	}
	return req, notes, nil
}
