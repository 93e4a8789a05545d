package kalm_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// The least role for each operation: what the handlers of Kalm's API check, not what its documentation says.
func TestLeastRole(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		request kalm.Request
		least   kalm.Role // "" for whoever is logged in
	}{
		"view application":       {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "application", Name: "shop"}, kalm.Viewer},
		"create application":     {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "applications"}, kalm.ClusterEditor},
		"view component":         {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "Component", Name: "web"}, kalm.Viewer},
		"edit component":         {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "components", Name: "web"}, kalm.Editor},
		"pod logs":               {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "pods", Name: "web-0"}, kalm.Viewer},
		"shell in a pod":         {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "pods", Name: "web-0"}, kalm.Editor},
		"delete job":             {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "jobs", Name: "once"}, kalm.Editor},
		"services of one":        {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "services"}, kalm.Viewer},
		"services of all":        {kalm.Request{Action: kalm.View, Kind: "services"}, kalm.ClusterViewer},
		"view routes":            {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "routes"}, kalm.ClusterViewer},
		"edit routes":            {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "httpRoutes"}, kalm.ClusterEditor},
		"view endpoints":         {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "protectedEndpoints"}, kalm.Viewer},
		"edit endpoint":          {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "protectedEndpoints", Name: "web"}, kalm.Editor},
		"storage classes":        {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "storageClasses"}, kalm.Viewer},
		"view disks":             {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "disks"}, kalm.Viewer},
		"delete disk":            {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "pvc"}, kalm.Editor},
		"view registries":        {kalm.Request{Action: kalm.View, Kind: "registries"}, kalm.Editor},
		"edit registries":        {kalm.Request{Action: kalm.Edit, Kind: "registries"}, kalm.ClusterEditor},
		"view certificates":      {kalm.Request{Action: kalm.View, Kind: "certs"}, kalm.ClusterViewer},
		"write certificates":     {kalm.Request{Action: kalm.Edit, Kind: "httpsCerts"}, kalm.ClusterOwner},
		"view issuers":           {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "httpsCertIssuers"}, kalm.ClusterOwner},
		"edit issuers":           {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "httpscertissuer"}, kalm.ClusterOwner},
		"view DNS records":       {kalm.Request{Action: kalm.View, Kind: "dnsRecords"}, kalm.ClusterOwner},
		"edit DNS records":       {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "dnsRecords"}, kalm.ClusterOwner},
		"view load balancers":    {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "loadBalancers"}, kalm.ClusterViewer},
		"list domains":           {kalm.Request{Action: kalm.View, Kind: "domains"}, ""},
		"write domains":          {kalm.Request{Action: kalm.Edit, Kind: "domains"}, kalm.ClusterOwner},
		"view nodes":             {kalm.Request{Action: kalm.View, Kind: "nodes"}, kalm.ClusterViewer},
		"cordon nodes":           {kalm.Request{Action: kalm.Edit, Kind: "nodes"}, kalm.ClusterEditor},
		"volumes of the cluster": {kalm.Request{Action: kalm.View, Kind: "pv"}, kalm.ClusterViewer},
		"view single sign-on":    {kalm.Request{Action: kalm.View, Kind: "sso"}, kalm.ClusterViewer},
		"edit single sign-on":    {kalm.Request{Action: kalm.Edit, Kind: "sso"}, kalm.ClusterEditor},
		"list members":           {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "roleBindings"}, kalm.ClusterOwner},
		"add members":            {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "members"}, kalm.ClusterOwner},
		"manage members":         {kalm.Request{Action: kalm.Manage, Namespace: "shop", Kind: "rolebindings"}, kalm.ClusterOwner},
		"manage certificates":    {kalm.Request{Action: kalm.Manage, Namespace: "shop", Kind: "certs"}, kalm.ClusterOwner},
		"manage nodes":           {kalm.Request{Action: kalm.Manage, Namespace: "shop", Kind: "nodes"}, kalm.ClusterOwner},
		"token of an account":    {kalm.Request{Action: kalm.View, Kind: "serviceAccounts"}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := kalm.Ask(tc.request)
			if asked.Unknown {
				t.Fatalf("kind %s is unknown", tc.request.Kind)
			}
			var least kalm.Role
			for _, role := range []kalm.Role{kalm.Viewer, kalm.Editor, kalm.Owner, kalm.ClusterViewer, kalm.ClusterEditor, kalm.ClusterOwner} {
				place := "shop"
				if role.Cluster() {
					place = kalm.SystemNamespace
				}
				p := kalm.NewPolicy(kalm.World{Namespaces: apps, Bindings: []kalm.Binding{user(place, "a@x", role)}, Now: now})
				if !asked.Free && p.Decide(kalm.Asker{User: "a@x"}, asked.Request).Allowed {
					least = role
					break
				}
			}
			if diff := cmp.Diff(tc.least, least); diff != "" {
				t.Errorf("least role (-want +got):\n%s", diff)
			}
		})
	}
}

// What Kalm's API asks its policy, whose spelling of the kind is kept: to manage, to delete and to make something.
func TestAsk(t *testing.T) {
	t.Parallel()
	want := func(action kalm.Action, object string) kalm.Request {
		kind, name, _ := strings.Cut(object, "/")
		return kalm.Request{Action: action, Namespace: "shop", Kind: kind, Name: name}
	}
	everything := func(action kalm.Action, ns string) kalm.Request {
		return kalm.Request{Action: action, Namespace: ns, Kind: kalm.All}
	}
	whole := kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: kalm.All}
	const never = "never asks for manage here"
	tests := map[string]struct {
		verb   string
		wanted kalm.Request
		asked  kalm.Request
		note   string // in the note; "" for none
	}{
		"manage members":            {"", want(kalm.Manage, "rolebindings/x"), everything(kalm.Manage, "*"), "to manage the whole cluster"},
		"manage certificates":       {"", want(kalm.Manage, "httpscerts"), everything(kalm.Manage, "*"), "to manage the whole cluster"},
		"manage domains":            {"", want(kalm.Manage, "domains"), everything(kalm.Manage, "*"), "to manage the whole cluster"},
		"manage nodes":              {"", want(kalm.Manage, "nodes/n1"), everything(kalm.Manage, "*"), never},
		"manage routes":             {"", want(kalm.Manage, "routes"), everything(kalm.Manage, "*"), never},
		"manage the login":          {"", want(kalm.Manage, "sso"), everything(kalm.Manage, "*"), never},
		"manage registries":         {"", want(kalm.Manage, "registries/r"), kalm.Request{Action: kalm.Manage, Namespace: "*", Kind: "registries", Name: "r"}, never},
		"manage components":         {"", want(kalm.Manage, "components/web"), want(kalm.Manage, "components/web"), never},
		"manage pods":               {"", want(kalm.Manage, "pods/web-0"), want(kalm.Manage, "pods/web-0"), never},
		"manage volumes":            {"", want(kalm.Manage, "volumes/web"), everything(kalm.Manage, "shop"), never},
		"manage everything in it":   {"", want(kalm.Manage, "*"), want(kalm.Manage, "*"), never},
		"manage everything":         {"", everything(kalm.Manage, "*"), everything(kalm.Manage, "*"), ""},
		"delete a pod":              {"delete", want(kalm.Edit, "pods/web-0"), whole, "to delete a pod"},
		"delete pods":               {"delete", want(kalm.Edit, "pod"), whole, "to delete a pod"},
		"shell in a pod":            {"", want(kalm.Edit, "pods/web-0"), want(kalm.Edit, "pods/web-0"), "a shell in it"},
		"delete a job":              {"delete", want(kalm.Edit, "jobs/once"), whole, "edit in the whole namespace"},
		"delete a component":        {"delete", want(kalm.Edit, "components/web"), want(kalm.Edit, "components/web"), ""},
		"make a component":          {"create", want(kalm.Edit, "components/web"), want(kalm.Edit, "components"), "to make one"},
		"make components":           {"create", want(kalm.Edit, "components"), want(kalm.Edit, "components"), ""},
		"make an endpoint":          {"create", want(kalm.Edit, "protectedEndpoints/web"), want(kalm.Edit, "protectedEndpoints"), "to make one"},
		"delete an application":     {"delete", want(kalm.Edit, "apps/shop"), kalm.Request{Action: kalm.Edit, Namespace: "*", Kind: "applications"}, "on all of them"},
		"view an application":       {"", want(kalm.View, "applications"), want(kalm.View, "applications/shop"), ""},
		"view an application, bare": {"", kalm.Request{Action: kalm.View, Kind: "application", Name: "shop"}, want(kalm.View, "applications/shop"), ""},
		"view all applications":     {"", kalm.Request{Action: kalm.View, Kind: "apps"}, kalm.Request{Action: kalm.View, Kind: "applications"}, ""},
		"view a service":            {"", want(kalm.View, "services/web"), want(kalm.View, "services"), "whatever the name"},
		"change a service":          {"", want(kalm.Edit, "services/web"), want(kalm.Edit, "services/web"), "changes none"},
		"view a storage class":      {"", want(kalm.View, "storageclasses/fast"), kalm.Request{Action: kalm.View, Namespace: "*", Kind: "storageClasses"}, "whole cluster"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := kalm.AskTo(tc.verb, tc.wanted)
			if diff := cmp.Diff(tc.asked, got.Request); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
			if !strings.Contains(got.Note, tc.note) || tc.note == "" && got.Note != "" {
				t.Errorf("note %q, want %q", got.Note, tc.note)
			}
			if kind, ok := kalm.Spelling(tc.wanted.Kind); ok && got.Wanted.Kind != kind || got.Wanted.Name != tc.wanted.Name || got.Wanted.Namespace != tc.wanted.Namespace {
				t.Errorf("wanted %+v of %+v", got.Wanted, tc.wanted)
			}
		})
	}
}

func TestAskUnknown(t *testing.T) {
	t.Parallel()
	r := kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "widgets", Name: "w"}
	if got := kalm.Ask(r); !got.Unknown || got.Request != r {
		t.Errorf("a kind that Kalm has not: %+v", got)
	}
	if got := kalm.Ask(kalm.Request{Action: kalm.View, Namespace: "shop", Kind: kalm.All}); got.Unknown || got.Note != "" {
		t.Errorf("all kinds: %+v", got)
	}
	if len(kalm.Kinds()) == 0 {
		t.Error("no kinds")
	}
}
