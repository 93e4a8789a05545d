package whocan

import (
	"context"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// verifyLimit is how many reviews are under way at once: enough to hide the latency, few enough for a busy server.
const verifyLimit = 16

// confirm asks the API server about every row, for each place where it is said to hold, and writes the verdicts.
func (o *whoOptions) confirm(ctx context.Context, c *cluster, req question.Request, rows []row) error {
	type check struct {
		row   int
		place string
	}
	var checks []check
	var specs []authorizationv1.SubjectAccessReviewSpec
	for i := range rows {
		if !o.shown(rows[i]) {
			continue
		}
		for _, place := range places(&rows[i].grant, req) {
			id := rbac.NewIdentity(rows[i].grant.Subject, rows[i].groups...)
			checks = append(checks, check{i, place})
			specs = append(specs, reviewSpec(id, req.Action, place, rows[i].grant.Names))
		}
	}
	statuses, err := c.live.Review(ctx, specs, verifyLimit)
	if err != nil {
		return err
	}
	for i, status := range statuses {
		r := &rows[checks[i].row]
		switch {
		case status.Allowed && r.verdict == "":
			r.verdict = "yes"
		case !status.Allowed && (r.verdict == "" || r.verdict == "yes"):
			r.verdict = "no in " + placeName(checks[i].place)
		case !status.Allowed:
			r.verdict += ", " + placeName(checks[i].place)
		}
	}
	for i := range rows {
		if rows[i].refused() {
			o.env.Warnf("the API server says %s to %s: another authorizer or a change since decides", rows[i].verdict, rows[i].grant.Subject)
		}
	}
	return nil
}

func placeName(namespace string) string {
	if namespace == "" {
		return "the cluster"
	}
	return namespace
}

// places lists where a grant has to be confirmed; "" is the cluster-wide request.
func places(g *rbac.Grant, req question.Request) []string {
	if req.Action.IsURL() || req.Scope != rbac.Anywhere {
		return []string{req.Action.Namespace}
	}
	out := slices.Clone(g.Namespaces)
	if g.Everywhere {
		out = append(out, "")
	}
	return out
}

// reviewSpec asks whether the identity may do the action in one place. A right for certain names is asked for the first
// of them.
func reviewSpec(id rbac.Identity, a rbac.Action, place string, names []string) authorizationv1.SubjectAccessReviewSpec {
	spec := authorizationv1.SubjectAccessReviewSpec{User: id.User, Groups: id.Groups}
	if a.IsURL() {
		spec.NonResourceAttributes = &authorizationv1.NonResourceAttributes{Path: a.Path, Verb: a.Verb}
		return spec
	}
	name := a.Name
	switch {
	case len(names) > 0:
		name = names[0]
	case question.NamespaceObject(a) && name == "":
		name = place // the request for a namespace object is in the namespace of that name
	}
	spec.ResourceAttributes = &authorizationv1.ResourceAttributes{
		Verb: a.Verb, Group: a.Group, Resource: a.Resource, Subresource: a.Subresource, Name: name, Namespace: place,
	}
	return spec
}
