package kalm

import (
	"cmp"
	"strings"
)

// handler says what Kalm's API asks its policy before it does something with objects of a kind.
type handler struct {
	// kind is how Kalm spells it; others are words for the same.
	kind   string
	others []string
	view   asking
	edit   asking
	// remove is what is asked before one is deleted, when that is not what edit says.
	remove *asking
	// place says that an object has the name of its namespace.
	place bool
}

// asking is a question to the policy, apart from the action. The zero value asks as the request says.
type asking struct {
	// cluster asks for the whole cluster, whole for all kinds of objects there, and every for all objects of the kind.
	cluster, whole, every bool
	// action is asked instead of the request's, when it is set.
	action Action
	// none says that nothing is asked: whoever is logged in, or has a token, may.
	none bool
	note string
}

const (
	wholeCluster   = "Kalm's API asks for the whole cluster, whatever the namespace"
	wholeNamespace = "Kalm's API asks for the whole namespace"
	unasked        = "Kalm's API does not ask its policy: whoever is logged in, or has a token, may"
	unserved       = "Kalm's API shows these and changes none: this is what its policy would say"
	unmanaged      = "Kalm's API never asks for manage here: it does in the whole cluster alone, for members, certificates and domains"
	shellNote      = "edit of a pod is a shell in it; to delete one Kalm's API asks for edit in the whole namespace"
	jobNote        = "Kalm's API asks for edit in the whole namespace to delete a job; to start one, for edit of its component"
	everyNote      = "Kalm's API asks for all objects of the kind, whatever the name"
	createNote     = "to make one Kalm's API asks for all objects of the kind, whatever the name"
)

// handlers lists the kinds that Kalm's API serves. Source: api/handler.
func handlers() []handler {
	cluster := asking{cluster: true, whole: true, note: wholeCluster}
	whole := asking{whole: true, note: wholeNamespace}
	managed := asking{cluster: true, whole: true, action: Manage, note: "Kalm's API asks to manage the whole cluster"}
	ofKind := asking{cluster: true, note: wholeCluster}
	free := asking{none: true, note: unasked}
	delPod := asking{whole: true, note: "to delete a pod Kalm's API asks for edit in the whole namespace"}
	every := asking{every: true}
	return []handler{
		{
			kind: "applications", others: []string{"application", "apps"}, place: true,
			edit: asking{cluster: true, every: true, note: "applications are made and deleted with edit on all of them in the whole cluster"},
		},
		{kind: "components", others: []string{"component"}},
		{kind: "pods", others: []string{"pod"}, edit: asking{note: shellNote}, remove: &delPod},
		{kind: "jobs", others: []string{"job"}, edit: asking{whole: true, note: jobNote}},
		{kind: "services", others: []string{"service"}, view: every, edit: asking{note: unserved}},
		{kind: "httpRoutes", others: []string{"httproute", "routes", "route"}, view: cluster, edit: cluster},
		{kind: "protectedEndpoints", others: []string{"protectedendpoint"}, view: whole},
		{
			kind: "storageClasses", others: []string{"storageclass"}, view: asking{cluster: true, every: true, note: wholeCluster},
			edit: asking{cluster: true, whole: true, note: unserved},
		},
		{kind: "volumes", others: []string{"volume", "disks", "persistentvolumeclaims", "pvc"}, view: whole, edit: whole},
		{kind: "registries", others: []string{"registry", "dockerregistries"}, view: ofKind, edit: ofKind},
		{kind: "httpsCerts", others: []string{"httpscert", "certs", "certificates"}, view: cluster, edit: managed},
		{kind: "httpsCertIssuers", others: []string{"httpscertissuer"}, view: managed, edit: managed},
		{kind: "dnsRecords", others: []string{"dnsrecord"}, view: managed, edit: managed},
		{kind: "domains", others: []string{"domain"}, view: free, edit: managed},
		{kind: "nodes", others: []string{"node"}, view: cluster, edit: cluster},
		{kind: "persistentVolumes", others: []string{"persistentvolume", "pv"}, view: cluster, edit: asking{cluster: true, whole: true, note: unserved}},
		{kind: "loadBalancers", others: []string{"loadbalancer"}, view: cluster, edit: asking{cluster: true, whole: true, note: unserved}},
		{kind: "singleSignOnConfigs", others: []string{"sso", "singlesignonconfig"}, view: cluster, edit: cluster},
		{kind: "roleBindings", others: []string{"rolebinding", "members"}, view: managed, edit: managed},
		{kind: "serviceAccounts", others: []string{"serviceaccount", "sa"}, view: free, edit: asking{note: unserved}},
	}
}

// Asked is what Kalm's API asks its policy when somebody wants something of it.
type Asked struct {
	Request Request
	// Wanted is what somebody wants, with the kind as Kalm spells it.
	Wanted Request
	// Note says how the request differs from what is wanted; empty for not at all.
	Note string
	// Cluster says that it is asked in the whole cluster, whatever the namespace.
	Cluster bool
	// Free says that the policy is not asked: whoever is logged in may.
	Free bool
	// Unknown says that Kalm has no such kind, so that the kind is taken as it is written.
	Unknown bool
}

// Ask returns what Kalm's API asks its policy for a request whose kind is written as people do: in any case, and in the singular.
func Ask(r Request) Asked { return AskTo("", r) }

// The verbs of Kubernetes that Kalm's API may ask something else for than for another change.
const (
	create = "create"
	remove = "delete"
)

// AskTo is [Ask] for a verb of Kubernetes, which may matter where the action is [Edit]: Kalm's API does not ask for the name of
// what is to be made, and may ask for more before it deletes.
func AskTo(verb string, r Request) Asked {
	if r.Kind == "" || r.Kind == All {
		asked := Asked{Request: r, Wanted: r}
		if r.Action == Manage && r.place() != All {
			asked.Note = unmanaged
		}
		return asked
	}
	for _, h := range handlers() {
		if h.is(r.Kind) {
			r.Kind = h.kind
			return h.ask(verb, r)
		}
	}
	return Asked{Request: r, Wanted: r, Unknown: true}
}

func (h handler) ask(verb string, r Request) Asked {
	asked := Asked{Wanted: r}
	how := h.how(verb, r)
	if h.place && r.Action == View && r.Namespace != All {
		// Either of them says which one is meant.
		r.Name, r.Namespace = cmp.Or(r.Name, r.Namespace), cmp.Or(r.Namespace, r.Name)
	}
	if how.cluster {
		r.Namespace = All
	}
	switch {
	case how.whole:
		r.Kind, r.Name = All, ""
	case how.every:
		if how.note == "" && r.Name != "" && r.Name != All {
			how.note = everyNote
		}
		r.Name = ""
	}
	if how.action != "" {
		r.Action = how.action
	}
	asked.Request, asked.Note, asked.Cluster, asked.Free = r, how.note, how.cluster, how.none
	return asked
}

// how returns what is asked for an action; a verb says more about it, or nothing.
func (h handler) how(verb string, r Request) asking {
	switch {
	case r.Action == View:
		return h.view
	case r.Action == Manage && h.edit.action != Manage:
		how := h.edit
		how.note = unmanaged
		return how
	case verb == remove && h.remove != nil:
		return *h.remove
	case verb == create && r.Name != "" && r.Name != All && !h.edit.whole && !h.edit.every:
		how := h.edit
		how.every = true
		how.note = strings.TrimPrefix(how.note+"; "+createNote, "; ")
		return how
	}
	return h.edit
}

func (h handler) is(word string) bool {
	for _, known := range append([]string{h.kind}, h.others...) {
		if strings.EqualFold(known, word) {
			return true
		}
	}
	return false
}

// Kinds returns the kinds that Kalm's API asks its policy about, as it spells them.
func Kinds() []string {
	var kinds []string
	for _, h := range handlers() {
		kinds = append(kinds, h.kind)
	}
	return kinds
}
