// Command bootstrap writes the roles and bindings that kube-apiserver makes when it starts, as a plain JSON snapshot
// that pkg/source carries. It takes them from the server's own tables, at the Kubernetes version of this module.
//
//	go -C test run ./gen/bootstrap -o ../pkg/source/bootstrap.json
package main

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"io"
	"os"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func main() {
	out := flag.String("o", "", "file to write")
	flag.Parse()
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(path string) error {
	text, err := plain(snapshot())
	if err != nil {
		return err
	}
	if path == "" {
		_, err = os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// plain returns a snapshot file without its compression, so that changes can be read in review.
func plain(s *rbac.Snapshot) ([]byte, error) {
	var zipped bytes.Buffer
	if err := source.WriteSnapshot(&zipped, s); err != nil {
		return nil, err
	}
	unzipped, err := gzip.NewReader(&zipped)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(unzipped)
}

func snapshot() *rbac.Snapshot {
	s := &rbac.Snapshot{Cluster: "kube-apiserver"}
	for _, roles := range [][]rbacv1.ClusterRole{bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()} {
		for _, r := range roles {
			role := rbac.Role{Name: r.Name, Labels: r.Labels, Rules: r.Rules}
			if r.AggregationRule != nil {
				role.Aggregates = append([]metav1.LabelSelector{}, r.AggregationRule.ClusterRoleSelectors...)
			}
			s.Roles = append(s.Roles, role)
		}
	}
	for namespace, roles := range bootstrappolicy.NamespaceRoles() {
		for _, r := range roles {
			s.Roles = append(s.Roles, rbac.Role{Namespace: namespace, Name: r.Name, Rules: r.Rules})
		}
	}
	for _, bindings := range [][]rbacv1.ClusterRoleBinding{
		bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings(),
	} {
		for _, b := range bindings {
			s.Bindings = append(s.Bindings, rbac.Binding{Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
		}
	}
	for namespace, bindings := range bootstrappolicy.NamespaceRoleBindings() {
		for _, b := range bindings {
			s.Bindings = append(s.Bindings, rbac.Binding{Namespace: namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
		}
	}
	return s
}
