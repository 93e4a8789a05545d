package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// queueLab is the cluster of examples/queues/lab, with a mistake in each namespace, on the scratch control plane. Its
// namespaces and queues are called PREFIX-NAME there.
type queueLab struct {
	admin       home
	dir, prefix string
}

// labNames are the namespaces and queues of the lab.
var labNames = regexp.MustCompile(`\b(team-a|vision|vison|speech|nlp|audio|robotics|other|sandbox)\b`)

// newQueueLab makes it. What other tests would stumble over goes with the test: there can be one KaiwoQueueConfig only.
func newQueueLab(t *testing.T, prefix string) *queueLab {
	t.Helper()
	lab := &queueLab{admin: scratchHome(t, ""), dir: t.TempDir(), prefix: prefix}
	source := filepath.Join(shared.root, "examples", "queues", "lab")
	files, err := os.ReadDir(source)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(source, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(lab.dir, file.Name()), labNames.ReplaceAll(text, []byte(prefix+"-$1")), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := scratch(t).Apply(t.Context(), lab.dir); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		namespaces := []string{"namespace", "--wait=false"}
		for _, name := range []string{"team-a", "vision", "speech", "nlp", "audio", "robotics", "other", "sandbox"} {
			namespaces = append(namespaces, prefix+"-"+name)
		}
		for _, what := range [][]string{
			{"kaiwoqueueconfig,kaiwoconfig", "kaiwo"},
			{"configmap", "-n", "kueue-system", "kueue-manager-config"},
			{"localqueue,workload", "-A", "--all"},
			{"clusterqueue,resourceflavor", "--all"},
			{"clusterrolebinding", "carol"},
			{"clusterrole", "everything", "scientist", "kueue-batch-user-role"},
			namespaces,
		} {
			args := append([]string{"delete", "--ignore-not-found", "--kubeconfig", lab.admin.kubeconfig}, what...)
			if text, err := exec.CommandContext(ctx, shared.kubectl(), args...).CombinedOutput(); err != nil {
				t.Errorf("delete %s: %v\n%s", strings.Join(what, " "), err, text)
			}
		}
	})
	return lab
}

// check runs "kubectl queueaccess check" as a superuser, and returns what it finds in the lab as "ID OBJECT", a star before
// what can be repaired. Other tests may have left things of their own.
func (lab *queueLab) check(t *testing.T, args ...string) ([]string, outcome) {
	t.Helper()
	out := lab.admin.kubectl(t, append([]string{"queueaccess", "check", "-o", "json"}, args...)...)
	var answer struct {
		Complete bool
		Findings []struct {
			ID, Object, Message string
			Fix                 json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
		t.Fatalf("%v\nstdout: %s\nstderr: %s", err, out.stdout, out.stderr)
	}
	if !answer.Complete {
		t.Errorf("a superuser can't read everything: %s", out.stderr)
	}
	found := []string{}
	for _, f := range answer.Findings {
		if !strings.Contains(f.Object, lab.prefix+"-") {
			continue
		}
		line := f.ID + " " + f.Object
		if len(f.Fix) > 0 {
			line = "*" + line
		}
		found = append(found, line)
	}
	return found, out
}

// get returns a field of an object.
func (lab *queueLab) get(t *testing.T, path string, object ...string) string {
	t.Helper()
	out := lab.admin.kubectl(t, append([]string{"get", "-o", "jsonpath={" + path + "}"}, object...)...)
	out.want(t, 0)
	return out.stdout
}

// versions are those of all objects that a repair may touch.
func (lab *queueLab) versions(t *testing.T) string {
	t.Helper()
	out := lab.admin.kubectl(t, "get", "kaiwoqueueconfigs,kaiwoconfigs,clusterqueues,localqueues,namespaces,roles,rolebindings", "-A",
		"-o", "jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.metadata.uid} {.metadata.resourceVersion}{'\\n'}{end}")
	out.want(t, 0)
	return out.stdout
}

// TestQueueaccessCheck finds what is wrong in the lab, repairs what can be, and names what has to be decided.
func TestQueueaccessCheck(t *testing.T) {
	lab := newQueueLab(t, "lab")
	found, out := lab.check(t)
	out.want(t, 1)
	wanted := []string{
		"*QA002 namespace lab-vison", "*QA003 localqueue lab-audio/lab-audio", "*QA004 localqueue lab-nlp/lab-nlp",
		"*QA006 clusterqueue lab-audio", "*QA009 namespace lab-speech", "*QA101 namespace lab-team-a",
		"*QA007 clusterqueue lab-robotics", "*QA008 localqueue lab-other/sneaky-too",
		"QA102 rolebinding lab-sandbox/dave", "*QA105 role lab-team-a/kaiwo-scientist-role",
	}
	if diff := cmp.Diff(wanted, found); diff != "" {
		t.Fatalf("found (-want +got):\n%s", diff)
	}

	before := lab.versions(t)
	lab.admin.kubectl(t, "queueaccess", "check", "--fix", "--dry-run=server").want(t, 1)
	lab.admin.kubectl(t, "queueaccess", "check", "--fix").want(t, 2) // there is no terminal to ask on
	if after := lab.versions(t); after != before {
		t.Fatalf("a try has written something:\n%s\n%s", before, after)
	}

	namesake := lab.get(t, ".metadata.uid", "localqueue", "-n", "lab-nlp", "lab-nlp")
	repaired := lab.admin.kubectl(t, "queueaccess", "check", "--fix", "--yes")
	repaired.want(t, 1)
	if !strings.Contains(repaired.stdout, "rolebinding lab-sandbox/dave") {
		t.Errorf("what has to be decided is not named:\n%s", repaired.stdout)
	}
	if left, _ := lab.check(t); !slices.Equal(left, []string{"QA102 rolebinding lab-sandbox/dave"}) {
		t.Errorf("left: %q\nstdout: %s\nstderr: %s", left, repaired.stdout, repaired.stderr)
	}
	lab.isRepaired(t, namesake)

	// Somebody decides, and then it is clean.
	lab.admin.kubectl(t, "delete", "rolebinding", "-n", "lab-sandbox", "dave").want(t, 0)
	if left, out := lab.check(t); len(left) > 0 {
		t.Errorf("left: %q\n%s", left, out.stdout)
	}
	for _, queue := range []string{"lab-team-a", "lab-vision", "lab-audio"} {
		lab.admin.kubectl(t, "queueaccess", "check", "--queue", queue, "--rule", "QA001,QA002,QA003,QA004,QA005,QA006,QA007,QA008,QA009,QA101,QA105").want(t, 0)
	}
}

// isRepaired looks at what the repair has made.
func (lab *queueLab) isRepaired(t *testing.T, namesake string) {
	t.Helper()
	owner := ".metadata.ownerReferences[0]"
	uid := lab.get(t, ".metadata.uid", "clusterqueue", "lab-audio")
	local := []string{"localqueue", "-n", "lab-audio", "lab-audio"}
	tests := []struct {
		what, got, want string
	}{
		{"the LocalQueue belongs to its ClusterQueue", lab.get(t, owner+".uid", local...), uid},
		{"as its controller", lab.get(t, owner+".controller", local...), "true"},
		{"the namesake leads to its queue", lab.get(t, ".spec.clusterQueue", "localqueue", "-n", "lab-nlp", "lab-nlp"), "lab-nlp"},
		{"the namespace is managed", lab.get(t, ".metadata.labels.kueue-managed", "namespace", "lab-speech"), "true"},
		{"the missing namespace is off the list", lab.get(t, `.spec.clusterQueues[?(@.name=="lab-vision")].namespaces`, "kaiwoqueueconfig", "kaiwo"), `["lab-vision"]`},
		{"all entries are there", lab.get(t, ".spec.clusterQueues[*].name", "kaiwoqueueconfig", "kaiwo"), "lab-team-a lab-vision lab-speech lab-nlp lab-audio lab-robotics"},
		{"the entry names the namespace", lab.get(t, `.spec.clusterQueues[?(@.name=="lab-audio")].spec.namespaceSelector.matchExpressions[0].values`, "kaiwoqueueconfig", "kaiwo"), `["lab-audio"]`},
		{"so does the ClusterQueue", lab.get(t, ".spec.namespaceSelector.matchExpressions[0].values", "clusterqueue", "lab-robotics"), `["lab-robotics"]`},
		{"what is no way in stays", lab.get(t, ".metadata.name", "localqueue", "-n", "lab-other", "sneaky"), "sneaky"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if lab.get(t, ".metadata.uid", "localqueue", "-n", "lab-nlp", "lab-nlp") == namesake {
		t.Error("the namesake is the old one")
	}
	may := func(want bool, args ...string) {
		t.Helper()
		out := lab.admin.kubectl(t, append([]string{"auth", "can-i", "-n", "lab-team-a", "--as", "alice@lab.example"}, args...)...)
		if got := out.code == 0; got != want {
			t.Errorf("alice may %s: %t", strings.Join(args, " "), got)
		}
	}
	may(true, "create", "pods", "--subresource=portforward")
	may(true, "create", "kaiwojobs.kaiwo.silogen.ai")
	may(true, "list", "configmaps")
	may(false, "list", "secrets")
}

// TestQueueaccessCheckInUse leaves alone what work waits in, and says so.
func TestQueueaccessCheckInUse(t *testing.T) {
	lab := newQueueLab(t, "used")
	workload := `{apiVersion: kueue.x-k8s.io/v1beta1, kind: Workload, metadata: {name: waits, namespace: used-other},
spec: {queueName: sneaky-too, podSets: [{name: main, count: 1, template: {spec: {containers: [{name: main, image: busybox}]}}}]}}`
	lab.admin.run(t, strings.NewReader(workload), shared.kubectl(), "apply", "-f", "-").want(t, 0)
	found, out := lab.check(t, "--rule", "QA007,QA008")
	if diff := cmp.Diff([]string{"QA007 clusterqueue used-robotics", "QA008 localqueue used-other/sneaky-too"}, found); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.Contains(out.stdout, "a workload uses it") {
		t.Errorf("it is not said why:\n%s", out.stdout)
	}
	before := lab.versions(t)
	lab.admin.kubectl(t, "queueaccess", "check", "--rule", "QA007,QA008", "--fix", "--yes").want(t, 1)
	if after := lab.versions(t); after != before {
		t.Errorf("it was repaired all the same:\n%s\n%s", before, after)
	}
	lab.admin.kubectl(t, "delete", "workload", "-n", "used-other", "waits").want(t, 0)
	lab.admin.kubectl(t, "queueaccess", "check", "--rule", "QA007,QA008", "--fix", "--yes").want(t, 0)
}

// TestQueueaccessCheckRefused says what it does not judge, for one who may read next to nothing.
func TestQueueaccessCheckRefused(t *testing.T) {
	lab := newQueueLab(t, "poor")
	poor := scratchHome(t, "alice@lab.example")
	out := poor.kubectl(t, "queueaccess", "check", "--severity", "info", "-o", "json")
	if !strings.Contains(out.stdout, "GH003") || !strings.Contains(out.stdout, `"complete": false`) {
		t.Errorf("exit %d: it does not say what it does not judge:\n%s\n%s", out.code, out.stdout, out.stderr)
	}
	if strings.Contains(out.stdout, `"QA`) && strings.Contains(out.stdout, "poor-vison") {
		t.Errorf("it judges what it has not seen:\n%s", out.stdout)
	}
	poor.kubectl(t, "queueaccess", "check", "--strict").want(t, 2)
	_, all := lab.check(t, "--strict")
	all.want(t, 1)
}
