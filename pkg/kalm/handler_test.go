package kalm_test

import (
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
		"list domains":           {kalm.Request{Action: kalm.View, Kind: "domains"}, ""},
		"write domains":          {kalm.Request{Action: kalm.Edit, Kind: "domains"}, kalm.ClusterOwner},
		"view nodes":             {kalm.Request{Action: kalm.View, Kind: "nodes"}, kalm.ClusterViewer},
		"cordon nodes":           {kalm.Request{Action: kalm.Edit, Kind: "nodes"}, kalm.ClusterEditor},
		"volumes of the cluster": {kalm.Request{Action: kalm.View, Kind: "pv"}, kalm.ClusterViewer},
		"view single sign-on":    {kalm.Request{Action: kalm.View, Kind: "sso"}, kalm.ClusterViewer},
		"edit single sign-on":    {kalm.Request{Action: kalm.Edit, Kind: "sso"}, kalm.ClusterEditor},
		"list members":           {kalm.Request{Action: kalm.View, Namespace: "shop", Kind: "roleBindings"}, kalm.ClusterOwner},
		"add members":            {kalm.Request{Action: kalm.Edit, Namespace: "shop", Kind: "members"}, kalm.ClusterOwner},
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
