package source_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// hugeServer has a very large cluster: 50,000 RoleBindings and 15,000 Roles in 5,000 namespaces, each with the metadata
// that objects have in real life.
func hugeServer(b *testing.B) *kubetest.Server {
	b.Helper()
	meta := func(namespace, name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{
			Namespace: namespace, Name: name, UID: "0b6f2f0e-52c2-4dd5-8ca6-1f5ad2b8b8a5", ResourceVersion: "123456",
			CreationTimestamp: metav1.NewTime(noon), Labels: map[string]string{"app.kubernetes.io/managed-by": "helm"},
			Annotations: map[string]string{"meta.helm.sh/release-name": name},
			ManagedFields: []metav1.ManagedFieldsEntry{{
				Manager: "helm", Operation: "Update", APIVersion: "rbac.authorization.k8s.io/v1", FieldsType: "FieldsV1",
				FieldsV1: metav1.NewFieldsV1(`{"f:metadata":{"f:labels":{".":{},"f:app.kubernetes.io/managed-by":{}}},"f:roleRef":{},"f:subjects":{}}`),
			}},
		}
	}
	bindings := &rbacv1.RoleBindingList{}
	for i := range 50_000 {
		bindings.Items = append(bindings.Items, rbacv1.RoleBinding{
			ObjectMeta: meta(fmt.Sprintf("team-%d", i%5000), fmt.Sprintf("user-%d-editor", i)),
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: fmt.Sprintf("role-%d", i%50)},
			Subjects: []rbacv1.Subject{
				{Kind: "User", APIGroup: rbacv1.GroupName, Name: fmt.Sprintf("user-%d@acme.example", i%20_000)},
				{Kind: "ServiceAccount", Namespace: fmt.Sprintf("team-%d", i%5000), Name: "default-editor"},
			},
		})
	}
	roles := &rbacv1.RoleList{}
	for i := range 15_000 {
		roles.Items = append(roles.Items, rbacv1.Role{
			ObjectMeta: meta(fmt.Sprintf("team-%d", i%5000), fmt.Sprintf("leader-%d", i%3)),
			Rules: []rbacv1.PolicyRule{
				{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"get", "list", "watch", "create"}},
				{APIGroups: []string{""}, Resources: []string{"configmaps"}, ResourceNames: []string{fmt.Sprintf("lock-%d", i%500)}, Verbs: []string{"update"}},
			},
		})
	}
	server := kubetest.New(b)
	static := func(path string, body []byte) {
		server.Handle(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	}
	static(rbacPath+"rolebindings", kubetest.Protobuf(bindings))
	static(rbacPath+"roles", kubetest.Protobuf(roles))
	static(rbacPath+"clusterroles", kubetest.Protobuf(&rbacv1.ClusterRoleList{}))
	static(rbacPath+"clusterrolebindings", kubetest.Protobuf(&rbacv1.ClusterRoleBindingList{}))
	return server
}

// discard is a sink that throws all away.
type discard struct{ bytes int }

func (d *discard) Item(data []byte, _ kube.Encoding) error {
	d.bytes += len(data)
	return nil
}

func (d *discard) Restart() { d.bytes = 0 }

// BenchmarkLive reads the huge cluster over a local connection, as it is done ("load") and as little as can be done
// ("floor": the same requests, bytes thrown away).
func BenchmarkLive(b *testing.B) {
	server := hugeServer(b)
	cluster, err := kube.New(server.Flags(b), "bench", io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("floor", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, resource := range []string{"rolebindings", "roles", "clusterroles", "clusterrolebindings"} {
				request, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+rbacPath+resource, nil)
				if err != nil {
					b.Fatal(err)
				}
				got, err := http.DefaultClient.Do(request)
				if err != nil {
					b.Fatal(err)
				}
				n, err := io.Copy(io.Discard, got.Body)
				if err := got.Body.Close(); err != nil {
					b.Fatal(err)
				}
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(n)
			}
		}
	})
	b.Run("items", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			for _, resource := range []string{"rolebindings", "roles", "clusterroles", "clusterrolebindings"} {
				if err := cluster.List(b.Context(), rbacv1.SchemeGroupVersion.WithResource(resource), "", &discard{}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	load := func(b *testing.B) *rbac.Snapshot {
		b.Helper()
		s, err := source.Live(cluster, clocktesting.NewFakePassiveClock(noon), nil).Load(b.Context(), source.Want{})
		if err != nil || len(s.Bindings) != 50_000 || len(s.Roles) != 15_000 {
			b.Fatalf("load: %v", err)
		}
		return s
	}
	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			load(b)
		}
		b.StopTimer()
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		s := load(b)
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/(1<<20), "MiB-kept")
		runtime.KeepAlive(s)
	})
}
