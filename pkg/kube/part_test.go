package kube_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

// TestOnly checks what a limited cluster asks for, and that the other one is as it was.
func TestOnly(t *testing.T) {
	t.Parallel()
	var (
		server = kubetest.New(t)
		asked  []string
	)
	server.Handle("/api/v1/secrets", func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		asked = append(asked, query.Get("watch")+"|"+query.Get("fieldSelector")+"|"+r.Header.Get("Accept"))
		_ = json.NewEncoder(w).Encode(&metav1.PartialObjectMetadataList{
			TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadataList", APIVersion: "meta.k8s.io/v1"},
		})
	})
	var (
		all      = newCluster(t, server)
		some     = all.Only(kube.Part{Fields: map[string]string{"type": "a,b"}, Metadata: true})
		resource = schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	)
	for _, cluster := range []*kube.Cluster{some, all} {
		if err := cluster.List(t.Context(), resource, "", &roles{}); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"", "x"} {
			stream, err := cluster.Watch(t.Context(), resource, "", name, "1", time.Second)
			if err != nil {
				t.Fatal(err)
			}
			if err := stream.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	const (
		metadata = `application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1`
		plain    = `application/vnd.kubernetes.protobuf,application/json`
	)
	if diff := cmp.Diff([]string{
		`|type=a\,b|application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`, `true|type=a\,b|` + metadata,
		`true|metadata.name=x,type=a\,b|` + metadata, `||` + plain, `true||` + plain, `true|metadata.name=x|` + plain,
	}, asked); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
