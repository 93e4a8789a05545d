package accesstoken

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// How long the authorizer of a server may take to notice a new RoleBinding, and how often it is asked meanwhile.
const (
	noticing = 5 * time.Second
	asking   = 250 * time.Millisecond
)

// prove asks the server with the new token what it may do, and says how that compares with what was asked for. It is an
// error without a text when it differs.
func (o *createOptions) prove(ctx context.Context, l *loaded, made issued, draft token.Draft, before *rbac.Index) error {
	holder, err := l.Cluster.As(made.Token)
	if err != nil {
		return err
	}
	// The roles and bindings as they are now; who may not read them all gets what the old ones say.
	index := before
	if snapshot, err := source.Live(l.Cluster.Latest(), o.env.Clock, nil).Load(ctx, source.Want{Namespace: o.namespace, Resources: true}); err == nil {
		index = rbac.Compile(snapshot)
	}
	var (
		proven token.Proven
		told   authorizationv1.SubjectRulesReviewStatus
	)
	err = wait.PollUntilContextTimeout(ctx, asking, noticing, true, func(ctx context.Context) (bool, error) {
		var err error
		if told, err = holder.SelfRules(ctx, o.namespace); err != nil {
			return false, err
		}
		proven = token.Compare(draft.Rules, told, index, draft.Account)
		return len(proven.Missing) == 0, nil
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("verify: %w", err)
	}
	o.tellProven(proven, index)
	if !proven.Same() {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// mostTold is how many rules are told that nobody has asked for; of the others one for each path.
const mostTold = 20

// stars counts the wildcards of a rule.
func stars(rule rbacv1.PolicyRule) (n int) {
	for _, words := range [][]string{rule.Verbs, rule.Resources, rule.NonResourceURLs} {
		if slices.Contains(words, "*") {
			n++
		}
	}
	return n
}

// tellProven says how what a token may do compares with what was asked for.
func (o *createOptions) tellProven(p token.Proven, index *rbac.Index) {
	if p.Same() {
		o.env.Notef("verified: the server lets the token do exactly what was asked for, and the %d things that it lets every service account do", len(p.Baseline))
		if len(index.Snapshot().Gaps) > 0 {
			o.env.Notef("note: whether it may do more in other namespaces is not known: not all roles and bindings can be read")
		}
		return
	}
	for _, line := range token.RuleWords(p.Missing) {
		o.env.Notef("less than was asked for: it may not %s", line)
	}
	// What says most comes first: there may be hundreds of rules.
	slices.SortStableFunc(p.More, func(a, b token.Extra) int { return cmp.Compare(stars(b.Rule), stars(a.Rule)) })
	shown, left := map[string]bool{}, 0
	for i, extra := range p.More {
		via := ""
		if len(extra.Via) > 0 {
			via = "  via " + strings.Join(extra.Via, ", ")
		}
		if i >= mostTold && shown[via] {
			left++
			continue
		}
		shown[via] = true
		for _, line := range token.RuleWords([]rbacv1.PolicyRule{extra.Rule}) {
			o.env.Notef("more than was asked for: it may %s%s", line, via)
		}
	}
	if left > 0 {
		o.env.Notef("and %d more rules: kubectl whocan rules sa:%s/%s -n %s shows all", left, o.namespace, o.name, o.namespace)
	}
	if p.Incomplete != "" {
		o.env.Notef("not proven: %s", p.Incomplete)
	}
}
