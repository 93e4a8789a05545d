package plan

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// What k0rdent makes a cluster of: the webhook of a ClusterAuthentication reads its Secret, and a ClusterDeployment that
// refers to what is not there can't even be deleted.
func TestSortClusterAuthentication(t *testing.T) {
	t.Parallel()
	object := func(apiVersion, kind, name string) *unstructured.Unstructured {
		u := &unstructured.Unstructured{}
		u.SetAPIVersion(apiVersion)
		u.SetKind(kind)
		u.SetNamespace("team-a")
		u.SetName(name)
		return u
	}
	cluster := object("k0rdent.mirantis.com/v1beta1", "ClusterDeployment", "dev")
	authentication := object("k0rdent.mirantis.com/v1beta1", "ClusterAuthentication", "dex")
	secret := object("v1", "Secret", "dex-ca")
	tests := map[string]struct {
		steps []Step
		want  []string
	}{
		"made": {
			steps: []Step{{Verb: Create, Object: cluster}, {Verb: Create, Object: authentication}, {Verb: Create, Object: secret}},
			want:  []string{"create secret team-a/dex-ca", "create clusterauthentication team-a/dex", "create clusterdeployment team-a/dev"},
		},
		"deleted": {
			steps: []Step{{Verb: Delete, Old: secret}, {Verb: Delete, Old: authentication}, {Verb: Delete, Old: cluster}},
			want:  []string{"delete clusterdeployment team-a/dev", "delete clusterauthentication team-a/dex", "delete secret team-a/dex-ca"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Sort(test.steps)
			if diff := cmp.Diff(test.want, Plan{Steps: test.steps}.Strings()); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
		})
	}
}
