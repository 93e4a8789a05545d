package profile

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// manifests is a file that holds objects of members beside workspaces.
type manifests struct {
	path string
	data []byte
}

// guests are the members that files hold as objects.
type guests struct {
	// specs are the workspaces with them: those that the objects prove to be members. The notes name the others.
	specs []profile.Spec
	notes []string
	// held are the objects, by [identity].
	held map[string]bool
}

// readGuests reads the members of specs out of the files.
func readGuests(ctx context.Context, env *cli.Env, specs []profile.Spec, files []manifests) (*guests, error) {
	g := &guests{specs: slices.Clone(specs), held: map[string]bool{}}
	for _, file := range files {
		inv, err := source.FileInventory(ctx, []string{stdinPath}, source.FilesOptions{
			Stdin: bytes.NewReader(file.data), Warn: env.Warnf,
		}, inventory.Want{Kinds: []inventory.Kind{
			inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies,
		}})
		if err != nil {
			return nil, fmt.Errorf("read members of %s: %w", shownPath(file.path), err)
		}
		for _, b := range inv.RoleBindings {
			g.held[identity("RoleBinding", b)] = true
		}
		for _, p := range inv.Policies {
			g.held[identity(p.GetKind(), p)] = true
		}
		// How Kubeflow is set up does not matter: it is by their annotations and subjects that members are known.
		written := workspace.NewState(inv, workspace.Options{Now: env.Clock.Now()})
		for i := range g.specs {
			if _, found := written.Workspace(g.specs[i].Name); found && g.specs[i].MemberObjects > 0 {
				g.add(written, &g.specs[i])
			}
		}
	}
	return g, nil
}

// add gives a spec the members that a file shows.
func (g *guests) add(written *workspace.State, spec *profile.Spec) {
	grants, told := contrib.Export(written, spec.Name)
	for _, grant := range grants {
		spec.Members = append(spec.Members, memberOf(grant))
	}
	g.notes = append(g.notes, told...)
}

// keep leaves out of a plan the steps that delete what the files hold: a member may have two roles there, of which a spec
// names the stronger. What is made anew under its name has to go first.
func (g *guests) keep(p plan.Plan) plan.Plan {
	anew := map[string]bool{}
	for _, step := range p.Steps {
		if step.Verb == plan.Create {
			anew[identity(step.Object.GetKind(), step.Object)] = true
		}
	}
	p.Steps = slices.DeleteFunc(slices.Clone(p.Steps), func(step plan.Step) bool {
		if step.Verb != plan.Delete {
			return false
		}
		object := objectOf(step)
		name := identity(object.GetKind(), object)
		return g.held[name] && !anew[name]
	})
	return p
}

// identity is "Kind/namespace/name".
func identity(kind string, o named) string { return kind + "/" + o.GetNamespace() + "/" + o.GetName() }

// memberOf is a grant as a spec has it.
func memberOf(g contrib.Grant) profile.MemberSpec {
	return profile.MemberSpec{
		Subject: g.Subject, Role: g.Role, RoleRef: g.RoleRef, Expires: g.Expires, NoHTTP: g.NoHTTP, Name: g.Name,
	}
}
