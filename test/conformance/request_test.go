package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/endpoints/request"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// parseRequest reads the request column of the oracle: "GET /api/v1/pods" by the API server's own rules, or "SAR verb=list resource=pods".
func parseRequest(text string) (rbac.Action, error) {
	method, rest, _ := strings.Cut(text, " ")
	if method == "SAR" {
		return parseReview(rest)
	}
	req, err := http.NewRequest(method, "https://server"+rest, nil) //nolint:noctx // never sent
	if err != nil {
		return rbac.Action{}, fmt.Errorf("parse request %q: %w", text, err)
	}
	factory := &request.RequestInfoFactory{
		APIPrefixes: sets.NewString("api", "apis"), GrouplessAPIPrefixes: sets.NewString("api"),
	}
	info, err := factory.NewRequestInfo(req)
	if err != nil {
		return rbac.Action{}, fmt.Errorf("parse request %q: %w", text, err)
	}
	if !info.IsResourceRequest {
		return rbac.Action{Verb: info.Verb, Path: info.Path}, nil
	}
	return rbac.Action{
		Verb: info.Verb, Group: info.APIGroup, Resource: info.Resource, Subresource: info.Subresource, Name: info.Name,
		Namespace: info.Namespace,
	}, nil
}

func parseReview(fields string) (rbac.Action, error) {
	var a rbac.Action
	to := map[string]*string{
		"verb": &a.Verb, "group": &a.Group, "resource": &a.Resource, "subresource": &a.Subresource, "name": &a.Name,
		"namespace": &a.Namespace,
	}
	for field := range strings.FieldsSeq(fields) {
		key, value, ok := strings.Cut(field, "=")
		if !ok || to[key] == nil {
			return a, fmt.Errorf("parse review: %q is not KEY=VALUE of a review", field)
		}
		*to[key] = value
	}
	return a, nil
}

// attributes returns the action as upstream's authorizer is asked. Neither requests nor reviews of a URL have a namespace.
func attributes(id rbac.Identity, a rbac.Action) authorizer.AttributesRecord {
	if a.IsURL() {
		a.Namespace = ""
	}
	return authorizer.AttributesRecord{
		User: &user.DefaultInfo{Name: id.User, Groups: id.Groups},
		Verb: a.Verb, APIGroup: a.Group, Resource: a.Resource, Subresource: a.Subresource, Name: a.Name, Namespace: a.Namespace,
		Path: a.Path, ResourceRequest: !a.IsURL(),
	}
}

// TestObjectNamespace checks that actions built from flags get the namespace that the API server finds in a path.
func TestObjectNamespace(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"GET /api/v1/namespaces", "GET /api/v1/namespaces?watch=true", "DELETE /api/v1/namespaces", "POST /api/v1/namespaces",
		"GET /api/v1/namespaces?fieldSelector=metadata.name=dev", "GET /api/v1/namespaces?watch=1&fieldSelector=metadata.name=dev",
		"GET /api/v1/namespaces/dev", "PUT /api/v1/namespaces/dev", "PATCH /api/v1/namespaces/dev", "DELETE /api/v1/namespaces/dev",
		"GET /api/v1/namespaces/dev/status", "PATCH /api/v1/namespaces/dev/status", "PUT /api/v1/namespaces/dev/finalize",
		"POST /api/v1/namespaces/dev/finalize", "GET /api/v1/nodes/n", "GET /apis/example.com/v1/namespaces/dev", "GET /api/v1/pods",
	} {
		want, err := parseRequest(text)
		if err != nil {
			t.Fatal(err)
		}
		got := want
		if got.Resource == "namespaces" {
			got.Namespace = ""
		}
		if want.Group != "" {
			want.Namespace = "" // only the core group's namespaces are in themselves, whatever the path looks like
			got.Namespace = ""
		}
		if diff := cmp.Diff(want, got.AtObjectNamespace()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
