package source_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	batchv1 "k8s.io/api/batch/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// TestFollowerDocuments hears of built-in kinds that come as protobuf, of two kinds of role bindings, and of secrets, of
// which nothing but what is no secret is kept.
func TestFollowerDocuments(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	token, sso := kalmObjects()
	customList(server.Server, kalmPath+"accesstokens", "AccessToken", token)
	customList(server.Server, kalmPath+"singlesignonconfigs", "SingleSignOnConfig")
	customList(server.Server, kalmPath+"rolebindings", "RoleBinding", custom(kalmV1, "RoleBinding", "shop", "b"))
	server.Object("/apis/batch/v1/jobs", &batchv1.JobList{ListMeta: metav1.ListMeta{ResourceVersion: "3"}})
	server.Handle("/api/v1/secrets", func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(&metav1.PartialObjectMetadataList{
			TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadataList", APIVersion: "meta.k8s.io/v1"},
		})
	})
	a := attend(t, server, inventory.Want{Kinds: []inventory.Kind{
		inventory.RoleBindings, inventory.KalmBindings, inventory.AccessTokens, inventory.SingleSignOns, inventory.Jobs, inventory.TokenSecrets,
	}})
	m := a.complete()
	diff(t, "objects", []string{
		"rbac.authorization.k8s.io/v1 RoleBinding dev/readers", kalmV1 + " AccessToken t", kalmV1 + " RoleBinding shop/b",
	}, names(m.Inventory))
	if len(m.Inventory.Gaps) > 0 {
		t.Errorf("gaps %v", m.Inventory.Gaps)
	}

	send := func(path string, object map[string]any) {
		server.on(path) <- func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(kubetest.JSONFrame("ADDED", encoded(t, object)))
			kubetest.Flush(w)
			return true
		}
	}
	send(kalmPath+"singlesignonconfigs", sso)
	bound := meta("ci", "bound")
	bound.ManagedFields = nil
	server.on("/api/v1/secrets") <- tell("ADDED", &metav1.PartialObjectMetadata{
		TypeMeta: metav1.TypeMeta{Kind: "PartialObjectMetadata", APIVersion: "meta.k8s.io/v1"}, ObjectMeta: bound,
	})
	server.on("/apis/batch/v1/jobs") <- tell("ADDED", &batchv1.Job{ObjectMeta: meta("a", "train")})
	m = a.until("all of them", func(m source.Moment) bool { return len(names(m.Inventory)) == 6 })
	diff(t, "objects", []string{
		"rbac.authorization.k8s.io/v1 RoleBinding dev/readers", kalmV1 + " AccessToken t", "batch/v1 Job a/train",
		kalmV1 + " RoleBinding shop/b", kalmV1 + " SingleSignOnConfig kalm-system/sso", "v1 Secret ci/bound",
	}, names(m.Inventory))
	sealed(t, m.Inventory)
	for _, o := range m.Inventory.Objects(inventory.TokenSecrets) {
		if kind := o.Object["type"]; kind != "gatehouse.dev/token" && kind != "kubernetes.io/service-account-token" || o.GetAnnotations() != nil {
			t.Errorf("token secret %v", o.Object)
		}
	}
	if watches := server.watched("/api/v1/secrets"); len(watches) != 2 || !slices.ContainsFunc(watches, func(uri string) bool {
		return strings.Contains(uri, "fieldSelector=type%3Dgatehouse.dev%2Ftoken")
	}) {
		t.Errorf("watches %q", watches)
	}
}
