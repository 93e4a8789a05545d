package kalm

import "fmt"

// Spelling returns a kind as Kalm's API spells it, for a word that people write for it: in any case, in the singular, or
// another one for the same. It is false for what that API does not serve.
func Spelling(word string) (kind string, ok bool) {
	for _, h := range handlers() {
		if h.is(word) {
			return h.kind, true
		}
	}
	return "", false
}

// Unasked reports whether Kalm's API lets everybody do what the rule is about, who is logged in or has a token.
func (r Rule) Unasked() bool { return Action(r.Verb) != Manage && Ask(r.request()).Free }

// Unmet says why a rule can never be the answer to what Kalm's API asks before it does what the rule is about: it asks for
// more than any rule for one kind in one namespace gives. It is empty for a rule that can, and for kinds that are not known.
func (r Rule) Unmet() string {
	request := r.request()
	if request.Action == Manage {
		request.Action = Edit // what the API asks to manage is what would be an edit elsewhere
	}
	asked := Ask(request)
	line := Line{Fields: []string{"", r.Verb, r.Namespace, r.Kind + "/" + r.Name}}
	switch {
	case asked.Unknown || asked.Free || r.Kind == All && r.Namespace == All:
	case asked.Note == unserved:
		return "Kalm's API shows these, and changes none"
	case r.Kind == "applications" && r.Name != All && r.Name != r.Namespace && r.Namespace != All:
		return fmt.Sprintf("the application in %s has its name", r.Namespace)
	case line.allows(asked.Request):
	case Action(r.Verb) == Manage && asked.Request.Action == Edit:
		return "Kalm's API asks for manage of the whole cluster only; to change something it asks for edit"
	default:
		return asked.Note
	}
	return ""
}

// request is what the rule is about.
func (r Rule) request() Request {
	return Request{Action: Action(r.Verb), Namespace: r.Namespace, Kind: r.Kind, Name: r.Name}
}
