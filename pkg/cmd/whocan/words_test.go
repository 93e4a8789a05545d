package whocan

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestPlace(t *testing.T) {
	t.Parallel()
	files := &rbac.Snapshot{Namespaces: []rbac.Namespace{{Name: "checkout"}}}
	tests := map[string]struct {
		namespace  string
		all, scope bool
		snapshot   *rbac.Snapshot
		live       bool
		// warning has to be told, wrong is the error of usage
		warning, wrong string
	}{
		"known":                       {namespace: "checkout", snapshot: files},
		"a slip":                      {namespace: "chekout", snapshot: files, warning: "did you mean checkout?"},
		"unknown in a cluster's list": {namespace: "nosuch", snapshot: files, live: true, warning: `namespace "nosuch" is not known here`},
		"no list":                     {namespace: "nosuch", snapshot: &rbac.Snapshot{}, live: true},
		"in every cluster":            {namespace: "kube-system", snapshot: files},
		"one and all":                 {namespace: "checkout", all: true, snapshot: files},
		"one and cluster-wide":        {namespace: "checkout", scope: true, snapshot: files, wrong: "leave -n out"},
		"all and cluster-wide":        {all: true, scope: true, snapshot: files, wrong: "leave one out"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			env := cli.NewEnv(genericiooptions.IOStreams{ErrOut: &stderr}, clocktesting.NewFakePassiveClock(time.Time{}), "kubectl whocan")
			*env.Config.Namespace = tt.namespace
			p := place{env: env, allNamespaces: tt.all, clusterScope: tt.scope}
			err := p.check()
			if (err != nil) != (tt.wrong != "") || err != nil && !strings.Contains(err.Error(), tt.wrong) {
				t.Errorf("check: got %v, want %q", err, tt.wrong)
			}
			p.checkNamespace(rbac.Compile(tt.snapshot), tt.namespace, !tt.live)
			if got := stderr.String(); (got != "") != (tt.warning != "") || !strings.Contains(got, tt.warning) {
				t.Errorf("told %q, want %q", got, tt.warning)
			}
		})
	}
}
