package kalm

import (
	"strings"
)

// handler says what Kalm's API asks its policy before it does something with objects of a kind.
type handler struct {
	// kind is how Kalm spells it; others are words for the same.
	kind   string
	others []string
	view   asking
	edit   asking
}

// asking is a question to the policy, apart from the action. The zero value asks as the request says.
type asking struct {
	// cluster asks for the whole cluster, and whole for all kinds of objects there.
	cluster, whole bool
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
)

// handlers lists the kinds that Kalm's API serves. Source: api/handler.
func handlers() []handler {
	cluster := asking{cluster: true, whole: true, note: wholeCluster}
	whole := asking{whole: true, note: wholeNamespace}
	managed := asking{cluster: true, whole: true, action: Manage, note: "Kalm's API asks to manage the whole cluster"}
	ofKind := asking{cluster: true, note: wholeCluster}
	free := asking{none: true, note: unasked}
	return []handler{
		{kind: "applications", others: []string{"application", "apps"}, edit: asking{cluster: true, note: "applications are made and deleted with edit in the whole cluster"}},
		{kind: "components", others: []string{"component"}},
		{kind: "pods", others: []string{"pod"}, edit: asking{note: "this is a shell in it; to delete a pod Kalm's API asks for edit in the whole namespace"}},
		{kind: "jobs", others: []string{"job"}, edit: whole},
		{kind: "services", others: []string{"service"}},
		{kind: "httpRoutes", others: []string{"httproute", "routes", "route"}, view: cluster, edit: cluster},
		{kind: "protectedEndpoints", others: []string{"protectedendpoint"}, view: whole},
		{kind: "storageClasses", others: []string{"storageclass"}, view: ofKind, edit: cluster},
		{kind: "volumes", others: []string{"volume", "disks", "persistentvolumeclaims", "pvc"}, view: whole, edit: whole},
		{kind: "registries", others: []string{"registry", "dockerregistries"}, view: ofKind, edit: ofKind},
		{kind: "httpsCerts", others: []string{"httpscert", "certs", "certificates"}, view: cluster, edit: managed},
		{kind: "domains", others: []string{"domain"}, view: free, edit: managed},
		{kind: "nodes", others: []string{"node"}, view: cluster, edit: cluster},
		{kind: "persistentVolumes", others: []string{"persistentvolume", "pv"}, view: cluster, edit: cluster},
		{kind: "singleSignOnConfigs", others: []string{"sso", "singlesignonconfig"}, view: cluster, edit: cluster},
		{kind: "roleBindings", others: []string{"rolebinding", "members"}, view: managed, edit: managed},
		{kind: "serviceAccounts", others: []string{"serviceaccount", "sa"}, view: free},
	}
}

// Asked is what Kalm's API asks its policy when somebody wants something of it.
type Asked struct {
	Request Request
	// Note says how that differs from what somebody wants; empty for not at all.
	Note string
	// Free says that the policy is not asked: whoever is logged in may.
	Free bool
	// Unknown says that Kalm has no such kind, so that the kind is taken as it is written.
	Unknown bool
}

// Ask returns what Kalm's API asks its policy for a request whose kind is written as people do: in any case, and in the singular.
func Ask(r Request) Asked {
	if r.Kind == "" || r.Kind == All {
		return Asked{Request: r}
	}
	for _, h := range handlers() {
		if !h.is(r.Kind) {
			continue
		}
		r.Kind = h.kind
		how := h.edit
		if r.Action == View {
			how = h.view
		}
		if r.Action == Manage {
			return Asked{Request: r}
		}
		if how.cluster {
			r.Namespace = All
		}
		if how.whole {
			r.Kind, r.Name = All, ""
		}
		if how.action != "" {
			r.Action = how.action
		}
		return Asked{Request: r, Note: how.note, Free: how.none}
	}
	return Asked{Request: r, Unknown: true}
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
