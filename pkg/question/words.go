package question

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Words are what somebody wrote: VERB RESOURCE [NAME], or VERB /URL.
type Words struct{ Verb, Resource, Name string }

// ParseWords reads two or three words. What is wrong with them is said without knowing the cluster.
func ParseWords(args []string) (Words, error) {
	var w Words
	if len(args) > 0 {
		w.Verb = args[0]
	}
	if len(args) < 2 {
		return w, errors.New("want VERB RESOURCE [NAME], or VERB /URL")
	}
	w.Resource = args[1]
	if len(args) > 2 {
		w.Name = args[2]
	}
	switch {
	case w.Verb == "", w.Resource == "":
		return w, errors.New("verb and resource must not be empty")
	case strings.Contains(w.Verb, ","):
		return w, fmt.Errorf("want one verb: %q; \"matrix %s --verbs %s\" asks about several", w.Verb, w.Resource, w.Verb)
	case strings.HasPrefix(w.Resource, "/") && w.Name != "":
		return w, fmt.Errorf("a URL has no object name: %q", w.Name)
	}
	return w, nil
}

// URLVerbs are the verbs of requests for a URL: HTTP's, in lower case.
func URLVerbs() []string { return []string{"get", "head", "post", "put", "patch", "delete", "options"} }

// VerbDoubt says that a verb is none of the fitting ones, as it may be a slip of the finger; empty when it is. What it
// is a verb of is for the text.
func VerbDoubt(verb string, fitting []string, of string) string {
	switch {
	case slices.Contains(fitting, verb), verb == "*", len(fitting) == 0 && rbac.KnownVerb(verb):
		return ""
	case rbac.KnownVerb(verb):
		return fmt.Sprintf("%s have no verb %q: asked as written", of, verb)
	}
	return fmt.Sprintf("verb %q is not known: asked as written%s", verb, DidYouMean(NearVerbs(verb, fitting)))
}

// NearVerbs returns the verbs that may have been meant by one that nobody knows: those of Kubernetes and the fitting ones.
func NearVerbs(verb string, fitting []string) []string {
	lower := strings.ToLower(verb)
	if lower != verb && rbac.KnownVerb(lower) {
		return []string{lower}
	}
	switch lower {
	case "read", "view", "see", "show", "describe":
		return []string{"get", "list"}
	case "write", "apply":
		return []string{"create", "update", "patch"}
	case "edit", "change", "modify", "set":
		return []string{"update", "patch"}
	case "add", "make", "new":
		return []string{"create"}
	case "remove", "rm", "del":
		return []string{"delete"}
	}
	return rbac.Nearest(lower, rbac.SortVerbs(append(rbac.AllVerbs(), fitting...)))
}

// DidYouMean offers words behind a sentence: "; did you mean a, b?". It is empty without any.
func DidYouMean(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(words, ", ") + "?"
}
