package whocan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// loadBoth reads two sources.
func (o *diffOptions) loadBoth(ctx context.Context) (*comparison, error) {
	c := &comparison{}
	var err error
	if c.before, err = o.loadOne(ctx, o.from); err != nil {
		return nil, err
	}
	if c.after, err = o.loadOne(ctx, o.to); err != nil {
		return nil, err
	}
	if c.before.live != nil {
		shareResources(c.before, c.after)
	} else {
		shareResources(c.after, c.before)
	}
	c.clusters = []*cluster{c.before, c.after}
	return c, nil
}

// loadOne reads files, or the cluster of the context when there are none.
func (o *diffOptions) loadOne(ctx context.Context, paths []string) (*cluster, error) {
	want := source.Want{Namespace: *o.env.Config.Namespace, Resources: true}
	if len(paths) > 0 {
		c, err := o.loadFiles(ctx, paths, want)
		if err == nil && holdsNothing(c.index.Snapshot()) {
			err = noObjects(c.name)
		}
		return c, err
	}
	contexts, err := o.env.Contexts()
	if err != nil {
		return nil, err
	}
	if len(contexts) != 1 {
		return nil, cli.UsageError(fmt.Errorf("%d contexts are given: one state comes from a cluster", len(contexts)))
	}
	c := o.loadLive(ctx, contexts[0], want)
	if c.err != nil {
		return nil, c.err
	}
	o.tellGaps(c, false)
	return c, nil
}

// holdsNothing reports whether a source has no RBAC objects at all, and did not say that it could not read them.
func holdsNothing(snap *rbac.Snapshot) bool {
	return len(snap.Roles)+len(snap.Bindings)+len(snap.Gaps) == 0
}

// noObjects is the error for such a source: what is judged by its exit code must not be content for ever with a path
// that is wrong.
func noObjects(path string) error {
	return cli.Hint(fmt.Errorf("read %s: no RBAC objects", path), "is it the right path? of a directory, files that end in .yaml, .yml or .json are read")
}

// shareResources lets both know what either knows of resources: whether one lives in namespaces decides which rights
// can be used, and a difference in that knowledge is no change of rights.
func shareResources(first, second *cluster) {
	one, two := first.index.Snapshot(), second.index.Snapshot()
	if len(one.Resources)+len(two.Resources) == 0 {
		return
	}
	all := rbac.MergeResources(one.Resources, two.Resources)
	for _, c := range []*cluster{first, second} {
		if snap := *c.index.Snapshot(); len(snap.Resources) != len(all) {
			snap.Resources = all
			c.index = rbac.Compile(&snap)
		}
	}
}

// loadWhatIf reads one source and changes it.
func (o *diffOptions) loadWhatIf(ctx context.Context) (*comparison, error) {
	var ids []rbac.ObjectID
	for _, text := range o.without {
		id, err := rbac.ParseObjectID(text, *o.env.Config.Namespace)
		if err != nil {
			return nil, cli.UsageError(fmt.Errorf("bad --without: %w", err))
		}
		ids = append(ids, id)
	}
	change, err := o.loadChange(ctx)
	if err != nil {
		return nil, err
	}
	before, err := o.loadOne(ctx, o.from)
	if err != nil {
		return nil, err
	}
	snap, unknown := before.index.Snapshot().Without(ids...)
	if len(unknown) > 0 {
		return nil, notThere(before.index.Snapshot(), unknown)
	}
	c := &comparison{before: before}
	for _, id := range snap.RoleRefChanges(change) {
		c.notes = append(c.notes, fmt.Sprintf("%s gets another roleRef, which the API server refuses: it has to be deleted first", id))
	}
	snap = snap.With(change)
	c.after = &cluster{name: before.name, index: rbac.Compile(snap), live: before.live, self: before.self}
	for _, gap := range snap.Gaps[min(len(before.index.Snapshot().Gaps), len(snap.Gaps)):] {
		o.env.Warnf("cannot read %s: the answer is partial", question.GapText(gap))
	}
	c.clusters = []*cluster{c.after}
	return c, nil
}

// loadChange reads the objects to apply. The roles that every API server makes for itself are none of them.
func (o *diffOptions) loadChange(ctx context.Context) (*rbac.Snapshot, error) {
	if len(o.with) == 0 {
		return &rbac.Snapshot{}, nil
	}
	namespace := *o.env.Config.Namespace
	if namespace == "" && !o.offline() {
		var err error
		if namespace, err = o.env.Namespace(); err != nil {
			return nil, err
		}
	}
	files, err := source.FilesWith(o.with, source.FilesOptions{
		Stdin: o.env.In, Warn: o.env.Warnf, DefaultNamespace: namespace, Bootstrap: source.BootstrapNever,
		NotEmpty: true,
	})
	if err != nil {
		return nil, err
	}
	return files.Load(ctx, source.Want{})
}

// notThere says which objects of --without do not exist, and which may have been meant.
func notThere(snap *rbac.Snapshot, unknown []rbac.ObjectID) error {
	known := snap.ObjectIDs()
	errs := make([]error, 0, len(unknown))
	for _, id := range unknown {
		err := fmt.Errorf("remove %s: there is none", id)
		if !snap.Complete() {
			err = fmt.Errorf("remove %s: there is none among what could be read", id)
		}
		errs = append(errs, cli.Hint(err, didYouMeanObject(id, known)))
	}
	return errors.Join(errs...)
}

func didYouMeanObject(id rbac.ObjectID, known []rbac.ObjectID) string {
	var same, all []string
	for _, k := range known {
		all = append(all, k.String())
		// The name is right, and the kind or the namespace is not.
		if k.Name == id.Name {
			same = append(same, k.String())
		}
	}
	if len(same) == 0 {
		same = rbac.Nearest(id.String(), all)
	}
	if len(same) == 0 {
		return ""
	}
	return "did you mean " + question.List(same, 3) + "?"
}

// superuserNotes tells of bindings to the superusers that come or go: they change nobody's rights, because the API
// server never asks for them.
func superuserNotes(before, after *rbac.Snapshot) []string {
	was, is := mastersBindings(before), mastersBindings(after)
	var notes []string
	tell := func(have, lack []string, verb string) {
		for _, id := range have {
			if !slices.Contains(lack, id) {
				notes = append(notes, fmt.Sprintf("%s %s %s: no right changes, superusers are not checked against RBAC",
					id, verb, rbac.Group(rbac.GroupMasters)))
			}
		}
	}
	tell(is, was, "now binds")
	tell(was, is, "no longer binds")
	return notes
}

func mastersBindings(s *rbac.Snapshot) []string {
	var out []string
	for i := range s.Bindings {
		b := &s.Bindings[i]
		if slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool {
			return s.Kind == rbacv1.GroupKind && s.Name == rbac.GroupMasters
		}) {
			out = append(out, b.ID().String())
		}
	}
	slices.SortFunc(out, strings.Compare)
	return slices.Compact(out)
}
