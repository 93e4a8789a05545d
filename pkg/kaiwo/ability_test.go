package kaiwo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestParseAbilities(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		words string
		want  []kaiwo.Ability
		err   string
	}{
		"in order, once": {words: "exec,submit, Logs,exec", want: []kaiwo.Ability{kaiwo.Submit, kaiwo.Logs, kaiwo.Exec}},
		"slip":           {words: "sumbit", err: "did you mean submit?"},
		"unknown":        {words: "submit,everything", err: "want submit, manage, logs, monitor, exec"},
		"cluster":        {words: "status", err: "no role in a namespace gives it"},
		"empty word":     {words: "submit,", err: `parse ability ""`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := kaiwo.ParseAbilities(strings.Split(tt.words, ","))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("error %v, want %q", err, tt.err)
			}
		})
	}
	if _, err := kaiwo.ParseAbilities(nil); err == nil {
		t.Error("no abilities are no error")
	}
}

// texts writes rules, a line each.
func texts(rules []rbacv1.PolicyRule) []string {
	out := make([]string, 0, len(rules))
	for i := range rules {
		out = append(out, rbac.RuleText(&rules[i]))
	}
	return out
}

func TestRules(t *testing.T) {
	t.Parallel()
	const (
		look   = "{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [get, list, watch]}"
		pods   = `{apiGroups: [""], resources: [pods], verbs: [get, list, watch]}`
		events = `{apiGroups: [""], resources: [events], verbs: [get, list, watch]}`
		queues = "{apiGroups: [kueue.x-k8s.io], resources: [localqueues, workloads], verbs: [get, list, watch]}"
		exec   = `{apiGroups: [""], resources: [pods/exec], verbs: [create]}`
		log    = `{apiGroups: [""], resources: [pods/log], verbs: [get]}`
		port   = `{apiGroups: [""], resources: [pods/portforward], verbs: [create]}`
	)
	tests := map[string]struct {
		can  []kaiwo.Ability
		want []string
	}{
		"submit": {
			[]kaiwo.Ability{kaiwo.Submit},
			[]string{"{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [get, list, watch, create, update, patch]}", events, queues},
		},
		"manage": {
			[]kaiwo.Ability{kaiwo.Manage},
			[]string{"{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [get, list, watch, delete]}", pods, port},
		},
		"logs":    {[]kaiwo.Ability{kaiwo.Logs}, []string{look, pods, log}},
		"monitor": {[]kaiwo.Ability{kaiwo.Monitor}, []string{look, pods, exec}},
		"exec":    {[]kaiwo.Ability{kaiwo.Exec}, []string{look, pods, exec}},
		"all": {
			kaiwo.Abilities(),
			[]string{
				"{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [get, list, watch, create, update, patch, delete]}",
				events, queues, pods, port, log, exec,
			},
		},
		"status": {[]kaiwo.Ability{kaiwo.Status}, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, texts(kaiwo.Rules(tt.can...))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestClusterRules(t *testing.T) {
	t.Parallel()
	want := []string{
		"{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: [list]}",
		"{apiGroups: [kueue.x-k8s.io], resources: [clusterqueues, localqueues, workloads], verbs: [list]}",
		`{apiGroups: [""], resources: [nodes, pods], verbs: [list]}`,
	}
	if diff := cmp.Diff(want, texts(kaiwo.ClusterRules(append(kaiwo.Abilities(), kaiwo.Status)...))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := kaiwo.ClusterRules(kaiwo.Submit, kaiwo.Logs); len(got) > 0 {
		t.Errorf("submit and logs ask nothing of the cluster, got %v", texts(got))
	}
}

// TestLeast: each rule is needed, Secrets are in none, and the documentation's role has both too much and too little.
func TestLeast(t *testing.T) {
	t.Parallel()
	for _, a := range kaiwo.Abilities() {
		for _, need := range kaiwo.Needs(a) {
			if need.Ability != a || need.For == "" {
				t.Errorf("%s: %+v does not say what for", a, need)
			}
			if slices.Contains(need.Rule.Resources, "secrets") || slices.Contains(need.Rule.Verbs, "*") {
				t.Errorf("%s: %s is not the least", a, rbac.RuleText(&need.Rule))
			}
		}
	}
	all := kaiwo.Rules(kaiwo.Abilities()...)
	missing := strings.Join(texts(rbac.Covers(kaiwo.DocumentRules(), all)), "\n")
	over := strings.Join(texts(rbac.Covers(all, kaiwo.DocumentRules())), "\n")
	if !strings.Contains(missing, "pods/portforward") || !strings.Contains(missing, "localqueues") || !strings.Contains(over, "secrets") {
		t.Errorf("the documentation lacks\n%s\nand has too much\n%s", missing, over)
	}
}
