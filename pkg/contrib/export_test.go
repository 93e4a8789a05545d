package contrib_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// mixed is a cluster with members of every make.
func mixed() *cluster {
	robot := kubeflow.PairBinding("team-a", rbac.ServiceAccount("ci", "robot"), "edit")
	robot.Annotations = map[string]string{
		workspace.RoleAnnotation: "editor", "kubectl.kubernetes.io/last-applied-configuration": "{}",
	}
	old := kubeflow.PairBinding("team-a", rbac.User("Erin@x.com"), "view")
	legacy := kubeflow.LegacyBindingNames("User", "Erin@x.com", "view")[0]
	return newCluster(all(
		ofKubeflow("team-a", "alice@x.com"), pairOf("team-a", "bob@x.com", "edit"),
		datedPair("carol@x.com", "view", "2030-01-31T00:00:00Z"), one(closed("dora@x.com", "view"), robot),
		one(renamed(old, legacy), renamed(kubeflow.PairPolicy("team-a", rbac.User("Erin@x.com"), "view", kubeflow.DefaultConfig()), legacy)),
		one(renamed(kubeflow.PairBinding("team-a", rbac.User("fay@x.com"), "edit"), "fay"),
			renamed(kubeflow.PairPolicy("team-a", rbac.User("fay@x.com"), "edit", kubeflow.DefaultConfig()), "fay")),
		one(kubeflow.PairBinding("team-a", rbac.Group("ml"), "view"), kubeflow.PairPolicy("team-a", rbac.Group("ml"), "view", kubeflow.DefaultConfig())),
		one(bindingOf("team-a", "by-hand", "kubeflow-edit", nil, rbac.User("gil@x.com"))),
		one(bindingOf("team-a", "logs", "log-reader", nil, rbac.User("gil@x.com"))),
		ofNative("dev", "alice@x.com"), one(workspace.NativeBinding("dev", bob, editRole())),
	)...)
}

func TestExport(t *testing.T) {
	t.Parallel()
	c := mixed()
	grants, notes := contrib.Export(c.state())
	file, err := contrib.MembersFile(grants)
	if err != nil {
		t.Fatal(err)
	}
	golden.Equal(t, string(file)+"# "+strings.Join(notes, "\n# ")+"\n", "export")

	again, _, err := contrib.ParseMembers(strings.NewReader(string(file)), "members.yaml", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, prune := range []bool{false, true} {
		p, notes, err := contrib.Apply(c.state(), again, prune)
		if err != nil {
			t.Fatal(err)
		}
		if changes := p.Changes(); len(changes.Steps) > 0 {
			t.Errorf("prune %t: what was exported is applied with changes:\n%s", prune, listing(changes, notes, nil))
		}
	}
	one, _ := contrib.Export(c.state(), "dev")
	if len(one) != 1 || one[0].Workspace != "dev" {
		t.Errorf("Export of dev = %v", one)
	}
}

func TestExportToNewCluster(t *testing.T) {
	t.Parallel()
	grants, _ := contrib.Export(mixed().state(), "team-a")
	c := newCluster(ofKubeflow("team-a", "alice@x.com")...)
	p, _, err := contrib.Apply(c.state(), grants, false)
	if err != nil {
		t.Fatal(err)
	}
	c.carryOut(t, p)
	got, _ := contrib.Export(c.state(), "team-a")
	if diff := cmp.Diff(grants, got); diff != "" {
		t.Errorf("the members of the new cluster differ (-old +new):\n%s", diff)
	}
}

func TestExportManifests(t *testing.T) {
	t.Parallel()
	c := mixed()
	objects, _, err := contrib.ExportManifests(c.state())
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, o := range objects {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(text))
	}
	golden.Equal(t, out.String(), "manifests")
}

func TestExpireCronJob(t *testing.T) {
	t.Parallel()
	objects, err := contrib.ExpireCronJob(contrib.CronJob{Image: "registry.example/gatehouse:1", Policies: true})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, o := range objects {
		text, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("---\n" + string(text))
	}
	golden.Equal(t, out.String(), "cronjob")

	objects, err = contrib.ExpireCronJob(contrib.CronJob{Image: "i", Namespace: "ops", Name: "n", Schedule: "@daily"})
	if err != nil || len(objects) != 4 || objects[0].GetNamespace() != "ops" || objects[0].GetName() != "n" {
		t.Errorf("ExpireCronJob in ops = %v, error %v", objects, err)
	}
	if _, err := contrib.ExpireCronJob(contrib.CronJob{}); err == nil {
		t.Error("ExpireCronJob without an image gives no error")
	}
}
