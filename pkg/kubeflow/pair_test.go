package kubeflow_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// google is the configuration that the components fall back to, of a release without principals.
func google() kubeflow.Config {
	return kubeflow.Config{
		UserIDHeader: "x-goog-authenticated-user-email", UserIDPrefix: "accounts.google.com:",
	}.WithoutPrincipals()
}

func TestPairs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		subject rbac.Subject
		role    string
		config  kubeflow.Config
		file    string
	}{
		"user":                    {rbac.User("Bob.Smith@x.com"), "edit", kubeflow.DefaultConfig(), "user"},
		"what is not known":       {rbac.User("Bob.Smith@x.com"), "edit", kubeflow.Config{}, "user"},
		"user of 1.7, other mesh": {rbac.User("Bob.Smith@x.com"), "view", google(), "user-1.7"},
		"group":                   {rbac.Group("ML Team"), "admin", kubeflow.DefaultConfig(), "group"},
		"service account":         {rbac.ServiceAccount("ci", "builder"), "edit", kubeflow.DefaultConfig(), "account"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			list := []runtime.Object{kubeflow.PairBinding("NS", tt.subject, tt.role)}
			if policy := kubeflow.PairPolicy("NS", tt.subject, tt.role, tt.config); policy != nil {
				list = append(list, policy)
			}
			golden.Equal(t, manifest(t, list...), "pair/"+tt.file)
			for _, object := range list {
				if got, want := kubeflow.IsPair(object.(metav1.Object).GetAnnotations()), tt.subject.Kind != "ServiceAccount"; got != want {
					t.Errorf("%T is one of a pair: %v, want %v", object, got, want)
				}
			}
		})
	}
}

// TestSamePolicyForEveryRole holds down what makes a viewer an editor over HTTP: kfam's policies do not tell roles apart.
func TestSamePolicyForEveryRole(t *testing.T) {
	t.Parallel()
	spec := func(role string) any {
		return kubeflow.PairPolicy("ns", rbac.User("bob@x.com"), role, kubeflow.DefaultConfig()).Object["spec"]
	}
	for _, role := range kubeflow.Roles() {
		if diff := cmp.Diff(spec("edit"), spec(role)); diff != "" {
			t.Errorf("%s (-edit +%s):\n%s", role, role, diff)
		}
	}
}
