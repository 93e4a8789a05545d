package queue_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const jobsRule = `{apiGroups: [batch], resources: [jobs], verbs: [create, get, list, watch]}`

const podsRule = `{apiGroups: [""], resources: [pods], verbs: [create, get]}`

// podsToo has Kueue take pods beside Jobs, and takesNothing no kind that is known.
const (
	podsToo      = kueueSays + `[batch/job, pod]}"}}`
	takesNothing = kueueSays + `[new.example.com/thing]}"}}`
	kueueSays    = `{apiVersion: v1, kind: ConfigMap, metadata: {name: kueue-manager-config, namespace: kueue-system}, data: {controller_manager_config.yaml: ` +
		`"apiVersion: config.kueue.x-k8s.io/v1beta1\nkind: Configuration\nintegrations: {frameworks: `
)

// kueueAlone is a cluster with a queue of Kueue's alone, whose LocalQueue is in team-a.
func kueueAlone(t *testing.T) cluster {
	t.Helper()
	c := base(t)
	for _, name := range []string{"KaiwoQueueConfig kaiwo", "KaiwoConfig kaiwo", "LocalQueue team-b/science"} {
		delete(c, name)
	}
	return c
}

// withOpen adds an open queue to the cluster, which lets all namespaces in but team-b.
func withOpen(t *testing.T) cluster {
	t.Helper()
	const selector = "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [team-b]}]}"
	return base(t).plus(t, config("kaiwo", "{name: science, namespaces: [team-a, team-b], spec: {namespaceSelector: {}}}", "{name: open, spec: {"+selector+"}}"),
		"{apiVersion: kueue.x-k8s.io/v1beta1, kind: ClusterQueue, metadata: {name: open}, spec: {"+selector+"}}")
}

// Who is named is judged on every queue: on one that is open, and on one of Kueue's alone, where any kind will do.
func TestJudgeNamed(t *testing.T) {
	t.Parallel()
	mia := rbac.User("mia")
	const open, nowhere = "QA101 clusterqueue open: ", "user:mia is to work with queue open, and may not submit to it from any namespace"
	tests := map[string]struct {
		cluster  func(*testing.T) cluster
		objects  []string
		queue    string
		place    string // -n
		expected string // in the file of members
		can      []kaiwo.Ability
		want     []string
		// mended says that the repair makes it good.
		mended bool
	}{
		"open, and nothing":        {cluster: withOpen, queue: "open", want: []string{open + nowhere}},
		"open, and a namespace":    {cluster: withOpen, queue: "open", place: "team-a", want: []string{"QA101 namespace team-a: user:mia is to work with queue open here, and may not submit to it"}, mended: true},
		"open, and a member":       {cluster: withOpen, queue: "open", expected: "other", want: []string{"QA101 namespace other: user:mia is to work with queue open here, and may not submit to it"}, mended: true},
		"open, and passed over":    {cluster: withOpen, queue: "open", place: "team-b", want: []string{"QA102 namespace team-b: user:mia is to work with queue open here, and the queue's namespaceSelector passes it over"}},
		"open, and submits in one": {cluster: withOpen, objects: []string{roleOf(submitRules), boundTo()}, queue: "open", can: []kaiwo.Ability{kaiwo.Submit}},
		"open, and lacks logs": {
			cluster: withOpen, objects: []string{roleOf(submitRules), boundTo()}, queue: "open", can: []kaiwo.Ability{kaiwo.Submit, kaiwo.Logs},
			want: []string{open + "user:mia lacks what queue open takes in every namespace; in team-a: get pods/log"},
		},
		"listed, and elsewhere": {cluster: base, queue: "science", place: "other", want: []string{
			"QA102 namespace other: user:mia is to work with queue science here, and the queue is not for this namespace",
		}},
		"Kueue, and nothing": {cluster: kueueAlone, queue: "science", want: []string{"QA101 namespace team-a: user:mia is to work with queue science here, and may create none of the kinds that it takes"}, mended: true},
		"Kueue, and Kaiwo's rights": {cluster: kueueAlone, objects: []string{roleOf(submitRules), boundTo()}, queue: "science", want: []string{
			"QA101 namespace team-a: user:mia is to work with queue science here, and may create none of the kinds that it takes",
		}, mended: true},
		"Kueue, and Jobs":       {cluster: kueueAlone, objects: []string{roleOf(jobsRule), boundTo()}, queue: "science"},
		"Kueue, and all, asked": {cluster: kueueAlone, objects: []string{roleOf(jobsRule), boundTo()}, queue: "science", can: []kaiwo.Ability{kaiwo.Submit, kaiwo.Logs}, want: []string{"QA101 namespace team-a: user:mia lacks what queue science takes here: get, list, watch pods; get pods/log"}, mended: true},
		"Kueue, and Pods alone": {
			cluster: kueueAlone, objects: []string{podsToo, roleOf(podsRule), boundTo()}, queue: "science",
			can:  []kaiwo.Ability{kaiwo.Submit, kaiwo.Manage},
			want: []string{"QA101 namespace team-a: user:mia lacks what queue science takes here: list, watch, delete pods; create pods/portforward"},
		},
		"Kueue, which takes nothing": {
			cluster: kueueAlone, objects: []string{takesNothing}, queue: "science", can: []kaiwo.Ability{kaiwo.Logs},
			want: []string{"QA101 namespace team-a: user:mia is to work with queue science here, and may create none of the kinds that it takes"},
		},
		"Kueue, no name":         {cluster: kueueAlone, want: []string{"QA101 namespace team-a: user:mia is to work with queue science here, and may create none of the kinds that it takes"}, mended: true},
		"Kueue, a member astray": {cluster: kueueAlone, expected: "team-b", want: []string{"QA102 namespace team-b: user:mia is to work here, and no LocalQueue here leads to a queue"}},
		"Kueue, another place": {cluster: kueueAlone, queue: "science", place: "team-b", want: []string{
			"QA102 namespace team-b: user:mia is to work with queue science here, and the queue is not for this namespace",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := queue.JudgeOptions{Expected: []queue.Expected{{Subject: mia, Namespace: tt.expected}}, Namespace: tt.place, Abilities: tt.can}
			if tt.queue != "" {
				o.Queues = []string{tt.queue}
			}
			c := tt.cluster(t).plus(t, tt.objects...)
			judge := func() (texts []string, found []finding.Finding) {
				for _, f := range queue.JudgeWith(c.state(t), o) {
					if strings.HasPrefix(f.Message, "user:mia ") {
						texts, found = append(texts, f.ID+" "+f.Object+": "+f.Message), append(found, f)
					}
				}
				return texts, found
			}
			got, found := judge()
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if !tt.mended {
				return
			}
			for _, f := range found {
				if f.Fix == nil {
					t.Fatalf("%s is not repaired: %s", f.Message, f.Why)
				}
				c = c.apply(t, f.Fix)
			}
			if left, _ := judge(); len(left) > 0 {
				t.Errorf("left after the repair: %q", left)
			}
		})
	}
}

// given gives, and fails the test where that is refused.
func (c cluster) given(t *testing.T, g queue.Grant) cluster {
	t.Helper()
	p, _, err := queue.Give(c.state(t), g)
	if err != nil {
		t.Fatal(err)
	}
	return c.apply(t, &p)
}

// A grant of ours is judged by what it says, wherever its queue is: also where somebody has deleted its role.
func TestJudgeGranted(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		cluster func(*testing.T) cluster
		queue   string
		can     kaiwo.Ability
	}{
		"open":               {withOpen, "open", kaiwo.Submit},
		"listed":             {base, "science", kaiwo.Logs},
		"of Kueue's alone":   {kueueAlone, "science", kaiwo.Submit},
		"listed, submitting": {base, "science", kaiwo.Submit},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.cluster(t).given(t, queue.Grant{Subject: rbac.User("mia"), Queue: tt.queue, Can: []kaiwo.Ability{tt.can}, Namespaces: []string{"team-a"}})
			for _, o := range []queue.JudgeOptions{{}, {Queues: []string{tt.queue}}} {
				if got := of("QA101", finding.Info, queue.JudgeWith(c.state(t), o)); len(got) > 0 {
					t.Errorf("found before: %s", told("", got))
				}
			}
			gone := 0
			for name := range c {
				if strings.HasPrefix(name, "Role team-a/gatehouse-queue-") {
					delete(c, name)
					gone++
				}
			}
			found := of("QA101", finding.Info, queue.JudgeWith(c.state(t), queue.JudgeOptions{Queues: []string{tt.queue}}))
			if gone != 1 || len(found) != 1 || found[0].Fix == nil || !strings.HasPrefix(found[0].Message, "user:mia lacks what queue "+tt.queue+" takes here") {
				t.Fatalf("%d roles gone, found %s", gone, told("QA101", found))
			}
			c = c.apply(t, found[0].Fix)
			if got := of("QA101", finding.Info, judged(t, c)); len(got) > 0 {
				t.Errorf("found after: %s", told("", got))
			}
		})
	}
}

// A grant for one namespace is a decision: no repair takes it back, or gives there what the others have.
func TestJudgeNarrowed(t *testing.T) {
	t.Parallel()
	ada := queue.Grant{Subject: rbac.User("ada"), Queue: "science", Can: []kaiwo.Ability{kaiwo.Submit, kaiwo.Logs}}
	narrow := queue.Grant{Subject: ada.Subject, Queue: "science", Can: []kaiwo.Ability{kaiwo.Exec}, Namespaces: []string{"team-b"}}
	c := base(t).given(t, ada).given(t, narrow)
	if got := of("QA107", finding.Warning, judged(t, c)); len(got) > 0 {
		t.Errorf("found: %s", told("QA107", got))
	}
	// The same with the mark, as before it went with such a grant, or by hand.
	marks := 0
	for name, o := range c {
		if strings.HasPrefix(name, "RoleBinding team-a/queue-science-user-ada") {
			marked := o.DeepCopy()
			annotations := marked.GetAnnotations()
			annotations[queue.AllAnnotation] = "true"
			marked.SetAnnotations(annotations)
			c[name] = marked
			marks++
		}
	}
	if marks != 1 {
		t.Fatalf("%d grants marked, want 1", marks)
	}
	if got := of("QA107", finding.Warning, judged(t, c)); len(got) > 0 {
		t.Errorf("found with the mark: %s", told("QA107", got))
	}
}

// A grant of ours is of use as long as its queue is there, whether Kaiwo has that or not.
func TestJudgeOrphanOfKueue(t *testing.T) {
	t.Parallel()
	c := base(t).plus(t,
		"{apiVersion: kueue.x-k8s.io/v1beta1, kind: ClusterQueue, metadata: {name: batch}, spec: {namespaceSelector: {}}}",
		"{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: batch, namespace: other}, spec: {clusterQueue: batch}}",
	).given(t, queue.Grant{Subject: rbac.User("ada"), Queue: "batch", Can: []kaiwo.Ability{kaiwo.Submit}})
	// Such grants once gave the rights on KaiwoJobs.
	old := c.plus(t,
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: gatehouse-queue-submit, namespace: other, annotations: {gatehouse.dev/can: submit}}, rules: ["+submitRules+"]}",
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: old, namespace: other, annotations: {gatehouse.dev/queue: batch, gatehouse.dev/can: submit}}, "+
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gatehouse-queue-submit}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: old}]}")
	gone := old.plus(t)
	delete(gone, "LocalQueue other/batch")
	for name, tt := range map[string]struct {
		cluster
		want int
	}{"of today": {c, 0}, "of before": {old, 0}, "the queue is gone": {gone, 1}} {
		for _, queues := range [][]string{nil, {"batch"}} {
			found := of("QA102", finding.Info, queue.JudgeWith(tt.state(t), queue.JudgeOptions{Queues: queues}))
			if len(found) != tt.want {
				t.Errorf("%s, queues %v: %s", name, queues, told("QA102", found))
			}
		}
	}
}

// A repair for one person takes back what that one was granted, and nothing from others in the same role binding.
func TestJudgeOrphanOfSeveral(t *testing.T) {
	t.Parallel()
	c := base(t).plus(t,
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: gatehouse-queue-submit, namespace: other, annotations: {gatehouse.dev/can: submit}}, rules: ["+
			"{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [get, list, watch, create, update, patch]}, "+
			"{apiGroups: [''], resources: [events], verbs: [get, list, watch]}, {apiGroups: [kueue.x-k8s.io], resources: [localqueues, workloads], verbs: [get, list, watch]}]}",
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: both, namespace: other, annotations: {gatehouse.dev/queue: gone, gatehouse.dev/can: submit}}, "+
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gatehouse-queue-submit}, "+
			"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve}, {apiGroup: rbac.authorization.k8s.io, kind: User, name: mia}]}")
	for name, tt := range map[string]struct {
		expected []queue.Expected
		want     []string
	}{
		"one of them": {[]queue.Expected{{Subject: rbac.User("eve")}}, []string{"update rolebinding other/both"}},
		"everybody":   {nil, []string{"delete role other/gatehouse-queue-submit", "delete rolebinding other/both"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := of("QA102", finding.Info, queue.JudgeWith(c.state(t), queue.JudgeOptions{Expected: tt.expected}))
			var got []string
			for _, f := range found {
				if f.Object == "rolebinding other/both" && f.Fix != nil {
					for _, step := range f.Fix.Steps {
						got = append(got, step.String())
					}
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("steps (-want +got):\n%s\n%s", diff, told("QA102", found))
			}
		})
	}
}

// A grant of ours is not taken back for what can't be read, or is unclear: the queue may be in its namespace.
func TestJudgeOrphanUnread(t *testing.T) {
	t.Parallel()
	const batch, local = "{apiVersion: kueue.x-k8s.io/v1beta1, kind: ClusterQueue, metadata: {name: batch}, spec: {namespaceSelector: {}}}",
		"{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: batch, namespace: other}, spec: {clusterQueue: batch}}"
	const selector = "namespaceSelector: {matchLabels: {team: ml}}"
	old := func(queue string) string {
		return "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: gatehouse-queue-submit, namespace: other, annotations: {gatehouse.dev/can: submit}}, rules: [" + submitRules + "]}\n---\n" +
			"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: old, namespace: other, annotations: {gatehouse.dev/queue: " + queue + ", gatehouse.dev/can: submit}}, " +
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gatehouse-queue-submit}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: old}]}"
	}
	for name, tt := range map[string]struct {
		objects []string
		unread  []inventory.Kind
	}{
		"the LocalQueues": {[]string{batch, local, old("batch")}, []inventory.Kind{inventory.LocalQueues}},
		"the queue":       {[]string{old("batch")}, []inventory.Kind{inventory.ClusterQueues}},
		"the labels": {[]string{
			config("kaiwo", "{name: science, namespaces: [team-a, team-b], spec: {namespaceSelector: {}}}", "{name: open, spec: {"+selector+"}}"),
			"{apiVersion: kueue.x-k8s.io/v1beta1, kind: ClusterQueue, metadata: {name: open}, spec: {" + selector + "}}", old("open"),
		}, []inventory.Kind{inventory.Namespaces}},
		"the list": {[]string{
			config("kaiwo", "{name: science, namespaces: [team-a, team-b], spec: {namespaceSelector: {}}}", "{name: odd, namespaces: other, spec: {namespaceSelector: {}}}"), old("odd"),
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var objects []string
			for _, text := range tt.objects {
				objects = append(objects, strings.Split(text, "\n---\n")...)
			}
			s := base(t).plus(t, objects...).state(t)
			inv := *s.Inventory
			for _, kind := range tt.unread {
				inv.Gaps = append(inv.Gaps, rbac.Gap{What: string(kind) + " in all namespaces", Missing: &rbacv1.PolicyRule{Resources: []string{string(kind)}, Verbs: []string{"list"}}})
				withhold(&inv, kind)
			}
			found := of("QA102", finding.Info, queue.JudgeWith(queue.NewState(&inv, s.Rights, s.Now), queue.JudgeOptions{}))
			if len(found) > 0 {
				t.Errorf("found %s", told("QA102", found))
			}
		})
	}
}

// A grant for a queue of Kueue's alone gives what that takes, and nothing of Kaiwo's.
func TestGrantKinds(t *testing.T) {
	t.Parallel()
	c := kueueAlone(t)
	g := queue.Grant{Subject: rbac.User("mia"), Queue: "science", Can: kaiwo.Abilities()}
	p, notes, err := queue.Give(c.state(t), g)
	if err != nil {
		t.Fatal(err)
	}
	if want := "queue science is none of Kaiwo's: the rights are those to what Kueue takes (jobs.batch)"; !slices.Contains(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	given := c.apply(t, &p)
	s := given.state(t)
	var got []string
	common := s.Rights.Rules(rbac.NewIdentity(rbac.User("nobody")), "team-a")
	for _, rule := range rbac.Covers(common, s.Rights.Rules(rbac.NewIdentity(g.Subject), "team-a")) {
		got = append(got, rbac.RuleText(&rule))
	}
	want := []string{
		`{apiGroups: [""], resources: [events], verbs: [get, list, watch]}`,
		`{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}`,
		`{apiGroups: [""], resources: [pods/exec], verbs: [create]}`,
		`{apiGroups: [""], resources: [pods/log], verbs: [get]}`,
		`{apiGroups: [""], resources: [pods/portforward], verbs: [create]}`,
		"{apiGroups: [batch], resources: [jobs], verbs: [get, list, watch, create, update, patch, delete]}",
		"{apiGroups: [kueue.x-k8s.io], resources: [localqueues], verbs: [get, list, watch]}",
		"{apiGroups: [kueue.x-k8s.io], resources: [workloads], verbs: [get, list, watch]}",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !slices.ContainsFunc(s.Who(s.Queue("science")).Submitters, func(one queue.Submitter) bool { return one.Subject == g.Subject }) {
		t.Error("who does not list him then")
	}
	again, _, err := queue.Give(s, g)
	if err != nil || len(again.Changes().Steps) > 0 {
		t.Errorf("a second time: %v, %v", again.Changes().Strings(), err)
	}
	// Kueue's configuration changes: the grant is made anew, and nothing of the old one stays.
	const text = "apiVersion: config.kueue.x-k8s.io/v1beta1\\nkind: Configuration\\nintegrations: {frameworks: [batch/job, pod, ray.io/rayjob]}"
	changed := given.plus(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: kueue-manager-config, namespace: kueue-system}, data: {controller_manager_config.yaml: "`+text+`"}}`)
	anew := changed.given(t, g)
	grants := queue.Grants(anew.state(t))
	if len(grants) != 1 || !slices.Equal(grants[0].Kinds, []string{"jobs.batch", "rayjobs.ray.io"}) {
		t.Errorf("grants %+v", grants)
	}
	taken, _, err := queue.Take(anew.state(t), queue.Revocation{Subject: g.Subject, Queue: "science"})
	if err != nil {
		t.Fatal(err)
	}
	left := anew.apply(t, &taken)
	if diff := cmp.Diff(len(c), len(left)); diff != "" {
		t.Errorf("objects after revoke (-before +after): %s", diff)
	}
}
