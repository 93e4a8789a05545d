package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestQuestionsOfTheReadme asks every question of the example company's README, as it is written there, the server and
// the manifests. Both must give the same answer.
func TestQuestionsOfTheReadme(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(shared.acme(), "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var questions []string
	for _, match := range regexp.MustCompile("`kubectl whocan ([^`]+)`").FindAllStringSubmatch(string(text), -1) {
		questions = append(questions, match[1])
	}
	if len(questions) < 30 {
		t.Fatalf("only %d questions: has the README another form?", len(questions))
	}
	h := adminHome(t)
	for _, question := range questions {
		args := strings.Fields(strings.ReplaceAll(question, "examples/", filepath.Join(shared.root, "examples")+"/"))
		live := h.whocan(t, args...)
		offline := h.whocan(t, append(args, "--from", shared.acme())...)
		if live.code != offline.code || live.code > 1 {
			t.Errorf("%s: exit code %d of the server, %d of the manifests\n%s%s", question, live.code, offline.code,
				live.stderr, offline.stderr)
		}
		if diff := cmp.Diff(live.stdout, withoutOrigins(offline.stdout)); diff != "" {
			t.Errorf("%s: answers differ (-server +manifests):\n%s", question, diff)
		}
		if live.stdout == "" || strings.Contains(live.stderr, "did you mean") {
			t.Errorf("%s: no answer, or a doubtful question\n%s", question, live.stderr)
		}
	}
	t.Logf("%d questions", len(questions))
}

// withoutOrigins removes the file and line of objects, which only manifests have.
func withoutOrigins(text string) string {
	return regexp.MustCompile(`(?m)  # /\S+:\d+$`).ReplaceAllString(text, "")
}

// request is one question about a request to the API server.
type request struct {
	verb, group, resource, subresource, name, namespace, path string
}

// args are the words to ask it with.
func (r request) args() []string {
	if r.path != "" {
		return []string{r.verb, r.path}
	}
	resource := r.resource
	if r.group != "" {
		resource += "." + r.group
	}
	if r.subresource != "" {
		resource += "/" + r.subresource
	}
	args := []string{r.verb, resource}
	if r.name != "" {
		args = append(args, r.name)
	}
	if r.namespace != "" {
		return append(args, "-n", r.namespace)
	}
	return append(args, "--cluster-scope")
}

// requests are those of a grid over what makes a difference: verbs, core and other groups, subresources, names,
// namespaces and the cluster, resources without objects, URLs.
func requests() []request {
	var all []request
	for _, namespace := range []string{"", "team-vision", "team-nlp", "payments", "monitoring"} {
		for _, r := range []request{
			{verb: "get", resource: "pods"},
			{verb: "create", resource: "pods", subresource: "exec"},
			{verb: "list", resource: "secrets"},
			{verb: "create", resource: "jobs", group: "batch"},
		} {
			r.namespace = namespace
			all = append(all, r)
		}
	}
	return append(all,
		request{verb: "get", resource: "secrets", name: "stripe-key", namespace: "payments"},
		request{verb: "patch", resource: "deployments", group: "apps", name: "payments-api", namespace: "payments"},
		request{verb: "update", resource: "deployments", group: "apps", subresource: "scale", namespace: "research"},
		request{verb: "update", resource: "leases", group: "coordination.k8s.io", name: "autoscaler", namespace: "monitoring"},
		request{verb: "list", resource: "pods", group: "metrics.k8s.io"},
		request{verb: "create", resource: "kaiwojobs", group: "kaiwo.silogen.ai", namespace: "training"},
		request{verb: "delete", resource: "notebooks", group: "kubeflow.org", namespace: "team-vision"},
		request{verb: "create", resource: "serviceaccounts", subresource: "token", name: "deployer", namespace: "ci"},
		request{verb: "get", resource: "secrets", namespace: "checkout"},
		request{verb: "delete", resource: "pods", namespace: "catalog"},
		request{verb: "get", resource: "pods", namespace: "storefront"},
		request{verb: "list", resource: "secrets", namespace: "research"},
		request{verb: "get", resource: "secrets", namespace: "data-lake"},
		request{verb: "delete", resource: "nodes"}, request{verb: "list", resource: "namespaces"},
		request{verb: "create", resource: "clusterrolebindings", group: "rbac.authorization.k8s.io"},
		request{verb: "escalate", resource: "clusterroles", group: "rbac.authorization.k8s.io"},
		request{verb: "bind", resource: "clusterroles", group: "rbac.authorization.k8s.io", name: "edit"},
		request{verb: "bind", resource: "clusterroles", group: "rbac.authorization.k8s.io", name: "admin"},
		request{verb: "impersonate", resource: "users"},
		request{verb: "impersonate", resource: "groups", name: "ml-readers"},
		request{verb: "impersonate", resource: "groups", name: "ml-platform"},
		request{
			verb: "approve", resource: "signers", group: "certificates.k8s.io", name: "kubernetes.io/kube-apiserver-client",
		},
		request{verb: "update", resource: "certificatesigningrequests", group: "certificates.k8s.io", subresource: "approval"},
		request{verb: "get", path: "/healthz/etcd"}, request{verb: "get", path: "/metrics"},
		request{verb: "get", path: "/metrics/slis"}, request{verb: "get", path: "/api/v1"},
	)
}
