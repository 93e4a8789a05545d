package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func (o *createOptions) run(ctx context.Context) error {
	if !o.change.DryRun() {
		defer heedPipes()()
	}
	if o.isKalm() {
		return o.runKalm(ctx)
	}
	l, err := o.loadState(ctx)
	if err != nil {
		return err
	}
	if err := o.checkPlace(ctx, l); err != nil {
		return err
	}
	rules, index, err := o.rules(ctx, l)
	if err != nil {
		return err
	}
	creator := ""
	if l.Cluster != nil {
		self, err := l.Cluster.Self(ctx)
		if err != nil {
			return err
		}
		creator = self.Username
	}
	draft, err := token.Create(l.state.WithRights(index), token.Request{
		Namespace: o.namespace, Name: o.name, Rules: rules, Expires: o.ends, Audiences: o.audiences, Creator: creator, Memo: o.memo, Rotate: o.rotate,
	})
	if err != nil {
		return err
	}
	if err := o.mayAsk(ctx, l); err != nil {
		return err
	}
	if err := o.Finish(l.Reading, inventory.Namespaces); err != nil {
		return err
	}
	w := &witness{Server: l.Server}
	task := change.Task{Plan: draft.Plan, Notes: draft.Notes, Before: func(context.Context) []string { return before(draft, index) }}
	if l.Server != nil {
		task.Server = w
	}
	if err := o.change.Carry(ctx, task); err != nil || o.change.DryRun() {
		return err
	}
	return o.finishToken(ctx, l, w, draft, index)
}

// loadState reads what is there; a dry run of the client without manifests takes the cluster for an empty one.
func (o *createOptions) loadState(ctx context.Context) (*loaded, error) {
	if !o.change.ClientOnly() || o.Offline() {
		kinds := []inventory.Kind{inventory.ServiceAccounts, inventory.Roles, inventory.RoleBindings, inventory.TokenSecrets}
		if o.isKalm() {
			kinds = []inventory.Kind{inventory.AccessTokens}
		}
		kinds = append(kinds, inventory.Namespaces)
		return o.load(ctx, o.namespace, kinds, false)
	}
	o.env.Notef("note: no cluster was asked: this is what an empty one would get (--from changes that)")
	inv := &inventory.Inventory{}
	return &loaded{Reading: o.Nothing(inv), state: token.NewState(inv, nil, o.env.Clock.Now())}, nil
}

// rules reads --may by what the server serves. The index is nil when nobody was asked.
func (o *createOptions) rules(ctx context.Context, l *loaded) ([]rbacv1.PolicyRule, *rbac.Index, error) {
	var index *rbac.Index
	grammar := token.Grammar{Catalog: rbac.NewCatalog(nil), Namespace: o.namespace}
	switch {
	case l.Cluster != nil:
		snapshot, err := source.Live(l.Cluster, o.env.Clock, o.env.Warnf).Load(ctx, source.Want{Namespace: o.namespace, Resources: true})
		if err != nil {
			return nil, nil, err
		}
		index = rbac.Compile(snapshot)
		grammar.Served = len(snapshot.Resources) > 0
	case o.Offline():
		var err error
		if index, err = l.Rights(ctx); err != nil {
			return nil, nil, err
		}
	}
	if index != nil {
		grammar.Catalog = index.Catalog()
	}
	var all []token.Permission
	for _, text := range o.may {
		permissions, notes, err := grammar.Parse(text)
		if err != nil {
			return nil, nil, cli.UsageError(fmt.Errorf("bad --may %q: %w", text, err))
		}
		for _, note := range notes {
			o.env.Notef("note: %s", note)
		}
		all = append(all, permissions...)
	}
	return token.RulesOf(all), index, nil
}

// mayAsk asks whether the caller may ask for the token: better before anything is made than after.
func (o *createOptions) mayAsk(ctx context.Context, l *loaded) error {
	if l.Server == nil || o.change.ClientOnly() {
		return nil
	}
	answers, err := l.Server.May(ctx, []authorizationv1.ResourceAttributes{{
		Namespace: o.namespace, Verb: "create", Version: "v1", Resource: "serviceaccounts", Subresource: "token", Name: o.name,
	}})
	if err != nil {
		return err
	}
	if answers[0].Allowed {
		return nil
	}
	return cli.Hint(fmt.Errorf("make token %s: you may not create serviceaccounts/token in %s, and nothing was made", o.name, o.namespace),
		"the roles edit and admin of Kubernetes allow it; kubectl whocan create serviceaccounts/token -n "+o.namespace+" says who may")
}

// before says what the token may do, and what of that is more than it looks.
func before(draft token.Draft, index *rbac.Index) []string {
	lines := []string{"in " + draft.Account.Namespace + " the token may"}
	for _, line := range token.RuleWords(draft.Rules) {
		lines = append(lines, "  "+line)
	}
	if index == nil {
		return lines
	}
	bindings, err := effect.Read(draft.Plan)
	if err != nil || bindings.Empty() {
		return lines // it is not known what the plan means; the server decides
	}
	for _, strong := range bindings.On(index).Strong(draft.Account, draft.Account.Namespace) {
		lines = append(lines, "warning: with that it can "+strong)
	}
	return lines
}

// finishToken asks for the token, prints it, ends the old one, and verifies the new.
func (o *createOptions) finishToken(ctx context.Context, l *loaded, w *witness, draft token.Draft, index *rbac.Index) error {
	seconds := token.Life(o.ends, o.env.Clock.Now())
	status, err := l.Cluster.RequestToken(ctx, o.namespace, o.name, authenticationv1.TokenRequestSpec{
		Audiences: o.audiences, ExpirationSeconds: &seconds,
		BoundObjectRef: &authenticationv1.BoundObjectReference{APIVersion: "v1", Kind: "Secret", Name: draft.Secret, UID: w.uid(draft.Secret)},
	})
	if err == nil && status.Token == "" {
		err = errors.New("the answer holds none")
	}
	if err != nil {
		return errors.Join(fmt.Errorf("ask for token of service account %s: %w", o.name, err), o.takeBack(ctx, w, draft))
	}
	made := issued{
		Namespace: o.namespace, Name: o.name, Token: status.Token, Expires: status.ExpirationTimestamp.UTC(),
		Account: draft.Account.String(), Secret: draft.Secret, Audiences: o.audiences,
	}
	if err := o.print(l.Cluster, made); err != nil {
		return errors.Join(err, o.takeBack(ctx, w, draft))
	}
	if ends := o.tellLife(made); !ends.IsZero() {
		o.correct(ctx, w, ends)
	}
	errs := []error{o.endOld(ctx, l, draft)}
	if o.verify {
		errs = append(errs, o.prove(ctx, l, made, draft, index))
	}
	return errors.Join(errs...)
}

// endOld ends the token that a new one has taken the place of.
func (o *createOptions) endOld(ctx context.Context, l *loaded, draft token.Draft) error {
	if len(draft.After.Steps) == 0 {
		return nil
	}
	if _, err := plan.Apply(ctx, l.Server, draft.After, o.applying()); err != nil {
		next := "the new one is good; the old one ends when its Secret is deleted"
		if o.isKalm() {
			next = "the new one is good; the old one ends with its AccessToken: kubectl accesstoken list shows it"
		}
		return cli.Hint(fmt.Errorf("end the old token: %w", err), next)
	}
	o.env.Notef("the old token is revoked")
	return nil
}

// correct notes on what was made when the token really ends. That it is only nearly right is no reason to fail.
func (o *createOptions) correct(ctx context.Context, w *witness, ends time.Time) {
	var steps []plan.Step
	for _, old := range w.objects() {
		now := old.DeepCopy()
		annotations := now.GetAnnotations()
		annotations[workspace.ExpiresAnnotation] = ends.Format(time.RFC3339)
		now.SetAnnotations(annotations)
		steps = append(steps, plan.Step{Verb: plan.Update, Object: now, Old: old})
	}
	p, err := plan.New("note when the token ends", steps...)
	if err == nil {
		_, err = plan.Apply(ctx, w.Server, p, o.applying())
	}
	if err != nil {
		o.env.Warnf("its objects still say that it ends on %s: %v", o.ends.Format(time.RFC3339), err)
	}
}

// applying says how what follows a plan that was agreed to is carried out.
func (o *createOptions) applying() plan.Options {
	return plan.Options{FieldManager: o.fieldManager()}
}

// takeBack deletes what was made for a token that there is not, and gives what was changed for it the content that it had,
// also when the user has interrupted it.
func (o *createOptions) takeBack(ctx context.Context, w *witness, draft token.Draft) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), takingBack)
	defer cancel()
	var steps []plan.Step
	for _, object := range w.objects() {
		steps = append(steps, plan.Step{Verb: plan.Delete, Old: object, Why: "there is no token for it"})
	}
	for _, s := range draft.Plan.Steps {
		if s.Verb == plan.Update && !s.Unchanged() {
			steps = append(steps, plan.Step{Verb: plan.Update, Old: s.Object, Object: s.Old, Why: "it was so before", Unit: "what was changed"})
		}
	}
	p, err := plan.New("take back what was made", steps...)
	if err == nil {
		_, err = plan.Apply(ctx, w.Server, p, o.applying())
	}
	if err != nil {
		next := "kubectl accesstoken revoke " + o.name + " -n " + o.namespace + " takes away what is left; create --rotate makes a token for it"
		if o.isKalm() {
			next = "nobody knows the new token; its AccessToken is left: kubectl accesstoken list shows it"
		}
		return cli.Hint(fmt.Errorf("take back what was made: %w", err), next)
	}
	switch {
	case len(steps) == 0:
	case len(steps) == 1 && !o.rotate:
		o.env.Notef("the object that was made for it has been taken back")
	case o.isKalm():
		o.env.Notef("the new object was taken back, and the old token is as good as before")
	case o.rotate:
		o.env.Notef("the new Secret was taken back, and the old token may do what it could before")
	default:
		o.env.Notef("%d objects that were made for it have been taken back", len(steps))
	}
	return nil
}
