package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/api/meta"
)

// right is what one or more steps need.
type right struct{ verb, group, resource, namespace, name string }

// question is a right that is asked for, with the steps that need it.
type question struct {
	right
	steps  []int
	reason string
}

// Preflight asks the server which steps of the plan the caller may not carry out, and returns the rules that are missing,
// sorted by namespace and resource; none means that all of the plan is allowed. Steps that change nothing need nothing.
//
// It asks with access reviews, so every authorizer of the server has its say: first for the whole cluster when there are
// several namespaces, then for each namespace where that is a no, then for single names. The error is that of a review
// that could not be made.
func Preflight(ctx context.Context, server Server, p Plan) ([]Refused, error) {
	asked, err := withoutWide(ctx, server, questions(p))
	if err != nil {
		return nil, err
	}
	if asked, err = refusedOf(ctx, server, asked); err != nil {
		return nil, err
	}
	// Creates have no name yet that a rule could be for.
	named := slices.DeleteFunc(slices.Clone(asked), func(q question) bool { return q.verb == string(Create) })
	refused := slices.DeleteFunc(asked, func(q question) bool { return q.verb != string(Create) })
	if named, err = refusedOf(ctx, server, byName(p, named)); err != nil {
		return nil, err
	}
	return rules(p, append(refused, named...)), nil
}

// withoutWide leaves out what the caller may do in the whole cluster, asked for only when there are several namespaces.
func withoutWide(ctx context.Context, server Server, asked []question) ([]question, error) {
	if !several(asked) {
		return asked, nil
	}
	allowed := map[right]bool{}
	var wide []right
	for _, q := range asked {
		r := q.everywhere()
		if _, known := allowed[r]; !known {
			allowed[r] = false
			wide = append(wide, r)
		}
	}
	answers, err := may(ctx, server, wide)
	if err != nil {
		return nil, err
	}
	for i, r := range wide {
		allowed[r] = answers[i].Allowed
	}
	return slices.DeleteFunc(asked, func(q question) bool { return allowed[q.everywhere()] }), nil
}

// questions returns the distinct rights that the plan needs, in the order of its steps.
func questions(p Plan) []question {
	var out []question
	index := map[right]int{}
	for i, s := range p.Steps {
		if s.Unchanged() || s.target() == nil {
			continue
		}
		r := rightOf(s)
		at, known := index[r]
		if !known {
			at = len(out)
			index[r] = at
			out = append(out, question{right: r})
		}
		out[at].steps = append(out[at].steps, i)
	}
	return out
}

func rightOf(s Step) right {
	verb := string(s.Verb)
	if s.Verb == Update {
		verb = "patch"
	}
	resource, _ := meta.UnsafeGuessKindToResource(s.target().GroupVersionKind())
	return right{verb: verb, group: resource.Group, resource: resource.Resource, namespace: s.target().GetNamespace()}
}

func (r right) everywhere() right {
	r.namespace, r.name = "", ""
	return r
}

func several(asked []question) bool {
	seen := map[string]bool{}
	for _, q := range asked {
		if q.namespace != "" {
			seen[q.namespace] = true
		}
	}
	return len(seen) > 1
}

// byName asks for each name of its own what was refused for all names: a rule may hold for some only.
func byName(p Plan, refused []question) []question {
	var out []question
	for _, q := range refused {
		for _, i := range q.steps {
			r := q.right
			r.name = p.Steps[i].target().GetName()
			out = append(out, question{right: r, steps: []int{i}, reason: q.reason})
		}
	}
	return out
}

// refusedOf asks the questions and returns those whose answer is no.
func refusedOf(ctx context.Context, server Server, asked []question) ([]question, error) {
	rights := make([]right, 0, len(asked))
	for _, q := range asked {
		rights = append(rights, q.right)
	}
	answers, err := may(ctx, server, rights)
	if err != nil {
		return nil, err
	}
	var out []question
	for i, q := range asked {
		if !answers[i].Allowed {
			q.reason = cmp.Or(answers[i].Reason, answers[i].EvaluationError, q.reason)
			out = append(out, q)
		}
	}
	return out, nil
}

func may(ctx context.Context, server Server, rights []right) ([]authorizationv1.SubjectAccessReviewStatus, error) {
	if len(rights) == 0 {
		return nil, nil
	}
	attributes := make([]authorizationv1.ResourceAttributes, 0, len(rights))
	for _, r := range rights {
		attributes = append(attributes, authorizationv1.ResourceAttributes{
			Verb: r.verb, Group: r.group, Resource: r.resource, Namespace: r.namespace, Name: r.name,
		})
	}
	answers, err := server.May(ctx, attributes)
	if err != nil {
		return nil, err
	}
	if len(answers) != len(rights) {
		return nil, fmt.Errorf("ask what I may do: %d answers to %d questions", len(answers), len(rights))
	}
	return answers, nil
}
