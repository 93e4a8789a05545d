package contrib

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// queueGrant returns a grant for queue science, as package queue makes it, with the role that it needs.
func queueGrant(t *testing.T, namespace string, subjects ...rbac.Subject) string {
	t.Helper()
	role := queue.NewRole(namespace, kaiwo.Submit)
	binding := &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Name: "science", Namespace: namespace, Annotations: map[string]string{
			queue.QueueAnnotation: "science", queue.CanAnnotation: string(kaiwo.Submit), queue.AllAnnotation: "true",
		}},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role.Name},
	}
	for _, s := range subjects {
		binding.Subjects = append(binding.Subjects, s.RBAC())
	}
	var out strings.Builder
	for _, o := range []any{role, binding} {
		text, err := yaml.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(text))
	}
	return out.String()
}

// TestLeaver takes grants of queues whole, or not at all, and names the tokens of who leaves.
func TestLeaver(t *testing.T) {
	t.Parallel()
	ada := rbac.User("ada@x.com")
	in := queueGrant(t, "research", ada) + queueGrant(t, "training", ada, rbac.User("bob@x.com")) + queueGrant(t, "dev", ada)
	for name, args := range map[string][]string{
		"leaver/offboard":       {"offboard", "ada@x.com"},
		"leaver/offboard-bob":   {"offboard", "bob@x.com"},
		"leaver/offboard-other": {"offboard", "zed@x.com"},
		"leaver/remove-alone":   {"remove", "ada@x.com", "-n", "research"},
		"leaver/remove-beside":  {"remove", "ada@x.com", "-n", "dev"},
		"leaver/rename":         {"rename", "ada@x.com", "ada.l@x.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, in, append(args, "--dry-run=client", "--preview=none", "--from", "testdata/leaver.yaml", "--from", "-")...).String(), name)
		})
	}
}

// TestListQueue calls a grant of kubectl queueaccess what it is.
func TestListQueue(t *testing.T) {
	t.Parallel()
	in := queueGrant(t, "research", rbac.User("ada@x.com"))
	for name, args := range map[string][]string{
		"leaver/list":      {"list", "-n", "research"},
		"leaver/list-json": {"list", "-n", "research", "-o", "jsonpath={.items[*].how} {.items[*].queue}"},
	} {
		golden.Equal(t, execute(t, in, append(args, "--from", "testdata/leaver.yaml", "--from", "-")...).String(), name)
	}
}
