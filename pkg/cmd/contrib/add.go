package contrib

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const addLong = `
Give subjects a role in a workspace.

On Kubeflow that is a RoleBinding and an Istio AuthorizationPolicy for each, as the dashboard makes them; --no-http leaves
the policy out: rights in Kubernetes, and no way into notebooks and other web pages of the workspace. Kubeflow's policy
is the same for all roles: who is let in to a notebook has a shell there, a viewer too.

Before it is done, it is said what the subjects gain, and whether you may give it at all. Who has another role already
is refused: "set-role" changes it. Who has the role already is left alone, and what is missing of it is made.

Where Kalm keeps the members it is a RoleBinding of Kalm's own, which says who gave it (--creator) and gives nothing in the
Kubernetes API; --flavor native gives the role there. --flavor kalm is refused where Kalm keeps no members. --cluster-wide,
or one of Kalm's words clusterViewer, clusterEditor and clusterOwner, gives it in all applications.

--expires notes a date on the objects; "expire" removes what is past it. A role that ends already ends as before when
--expires is left out; --expires never lifts that. A dry run of the client (--dry-run=client)
contacts nobody, and takes the workspace for an empty one; with --from it is that of the manifests.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const addExample = `
# Give Bob the role editor, and a group the role viewer
{cmd} add bob@acme.example --role editor -n team-vision
{cmd} add group:ml-readers --role viewer -n team-vision

# A service account of another namespace, for a week
{cmd} add sa:ci/trainer --role editor --expires 7d -n team-vision

# Rights in Kubernetes alone, without a way into notebooks
{cmd} add carol@acme.example --role viewer --no-http -n team-vision

# In Kalm until the end of the year, and in Kubernetes too
{cmd} add erin@acme.example --role editor --expires 2027-01-01 -n storefront --flavor kalm
{cmd} add erin@acme.example --role viewer -n storefront --flavor native

# Manifests for a repository, without a cluster
{cmd} add bob@acme.example --role editor -n team-vision --dry-run=client -o yaml`

const setRoleLong = `
Change the role of subjects who have one in a workspace.

The new role is given first, and the old one taken after that: nobody is without a role in between, and an interrupted
change is completed by the same command. Every role of the subject in the workspace but the new one is taken away;
bindings that name other subjects too lose this one alone.

Before it is done, it is said what the subjects gain, and whether you may give it at all. --expires and --no-http are
those of the new role; without --expires the date of the old one stays, and --expires never lifts it.

Exit codes: 0 done or nothing to do, 1 error or not carried out.`

const setRoleExample = `
# Bob becomes a viewer
{cmd} set-role bob@acme.example --role viewer -n team-vision

# Two editors until the end of the year
{cmd} set-role dana@acme.example bob@acme.example --role editor --expires 2027-01-01 -n team-vision

# What would change, with the objects as the server would store them
{cmd} set-role bob@acme.example --role owner -n team-vision --dry-run=server -o yaml`

// granting is what add and set-role share.
type granting struct {
	*writing
	role    string
	expires string
	noHTTP  bool
	wide    bool
	name    string
	// plan makes the plan.
	plan func(s *workspace.State, grants ...contrib.Grant) (plan.Plan, []string, error)
	// stateless says that a dry run of the client needs no state.
	stateless bool
}

func newAddCommand(env *cli.Env) *cobra.Command {
	f := &granting{writing: newWriting(env), plan: contrib.Add, stateless: true}
	cmd := &cobra.Command{
		Use: "add SUBJECT... --role ROLE", Short: "Give subjects a role in a workspace", Long: addLong,
		Example: env.Examples(addExample), ValidArgsFunction: f.completeNewSubjects(), RunE: f.runE,
		Args: atLeastOne("SUBJECT"),
	}
	f.addFlags(cmd)
	cmd.Flags().StringVar(&f.name, "name", "", "`NAME` for the objects, when the usual one is taken by somebody else.")
	return cmd
}

func newSetRoleCommand(env *cli.Env) *cobra.Command {
	f := &granting{writing: newWriting(env), plan: contrib.SetRole}
	cmd := &cobra.Command{
		Use: "set-role SUBJECT... --role ROLE", Short: "Change the role of subjects in a workspace", Long: setRoleLong,
		Example: env.Examples(setRoleExample), ValidArgsFunction: f.completeMembers(), RunE: f.runE,
		Args: atLeastOne("SUBJECT"),
	}
	f.addFlags(cmd)
	return cmd
}

func (f *granting) addFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringVar(&f.role, "role", "", "`ROLE` to give: viewer, editor, owner, or clusterrole/NAME, role/NAME.")
	fs.StringVar(&f.expires, "expires", "", "`WHEN` the role ends: 12h, 7d, 2w, 2026-12-31 (0:00 UTC), RFC 3339, or never.")
	fs.BoolVar(&f.wide, "cluster-wide", false, "Give the role in all applications of Kalm: clusterViewer, clusterEditor, clusterOwner.")
	fs.BoolVar(&f.noHTTP, "no-http", false, "Leave out Istio's policy: no way in through the gateway.")
	f.writing.addFlags(cmd)
	completeRole(cmd, wideRoles()...)
	_ = cmd.RegisterFlagCompletionFunc("expires", cobra.FixedCompletions([]cobra.Completion{"12h", "7d", "2w", never}, cobra.ShellCompDirectiveNoFileComp))
}

// grantOptions is what run needs; only grantOptions makes one.
type grantOptions struct {
	*granting
	change    *change.Options
	namespace string
	grants    []contrib.Grant
	// command is what somebody else would run.
	command string
}

func (f *granting) options(cmd *cobra.Command, args []string) (*grantOptions, error) {
	subjects, err := parseSubjects(args)
	if err != nil {
		return nil, cli.UsageError(err)
	}
	role, ref, wide, err := f.parseRole()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	expires, err := parseExpiry(f.expires, f.env.Clock.Now())
	if err != nil {
		return nil, cli.UsageError(err)
	}
	if f.name != "" && len(subjects) > 1 {
		return nil, cli.UsageError(errors.New("--name is for one subject: names can't repeat"))
	}
	o, err := f.writing.options()
	if err != nil {
		return nil, err
	}
	namespace, where := kalm.SystemNamespace, ""
	if !wide {
		if namespace, err = f.env.Namespace(); err != nil {
			return nil, err
		}
		where = namespace
	}
	out := &grantOptions{
		granting: f, change: o, namespace: namespace, command: commandLine(cmd, args, where),
		grants: grantsOf(namespace, subjects, role, ref, expires, f.noHTTP, f.name),
	}
	for i := range out.grants {
		out.grants[i].ClusterWide, out.grants[i].Never = wide, f.expires == never
	}
	return out, nil
}

// parseRole reads --role, with the words that Kalm has for the whole cluster, and --cluster-wide.
func (f *granting) parseRole() (word workspace.Role, ref *rbacv1.RoleRef, wide bool, err error) {
	if role, err := kalm.ParseRole(f.role); err == nil && role.Cluster() && role.Gives() {
		return workspace.Role(role.Word()), nil, true, nil
	}
	word, ref, err = parseRole(f.role)
	if err == nil && f.wide && ref != nil {
		err = errors.New("--cluster-wide takes the roles viewer, editor and owner")
	}
	return word, ref, f.wide, err
}

// checkWide refuses roles in the whole cluster where no system of workspaces has such.
func (o *grantOptions) checkWide(s *workspace.State) error {
	if len(o.grants) == 0 || !o.grants[0].ClusterWide || s.FlavorOf(o.namespace) == workspace.Kalm {
		return nil
	}
	g := o.grants[0]
	return workspace.Refuse("kubectl create clusterrolebinding NAME --clusterrole "+g.Role.Short()+" --user "+shell.Word(g.Subject.Name)+
		" does it; kubectl contrib roles --cluster-wide says what it would give",
		"give %s the role %s in the whole cluster: members of workspaces have no such role here, only Kalm's do", contrib.Label(g.Subject), g.Role)
}

func grantsOf(
	namespace string, subjects []rbac.Subject, role workspace.Role, ref *rbacv1.RoleRef, expires time.Time, noHTTP bool, name string,
) []contrib.Grant {
	grants := make([]contrib.Grant, 0, len(subjects))
	for _, s := range subjects {
		grants = append(grants, contrib.Grant{
			Workspace: namespace, Subject: s, Role: role, RoleRef: ref, Expires: expires, NoHTTP: noHTTP, Name: name,
		})
	}
	return grants
}

func (f *granting) runE(cmd *cobra.Command, args []string) error {
	o, err := f.options(cmd, args)
	if err != nil {
		return err
	}
	return o.run(cmd.Context())
}

func (o *grantOptions) run(ctx context.Context) error {
	load := o.load
	if o.stateless {
		load = func(ctx context.Context, namespace string) (*workspaces.Loaded, error) {
			return o.loadOrEmpty(ctx, o.change, namespace)
		}
	}
	l, err := load(ctx, o.namespace)
	if err != nil {
		return err
	}
	if err := o.checkWide(l.State); err != nil {
		return err
	}
	p, notes, err := o.plan(l.State, o.grants...)
	if err != nil {
		return err
	}
	t := task(p, notes)
	t.Advise = contrib.Adviser(l.State, o.command, !o.noHTTP)
	if l.Cluster != nil || o.from.Offline() {
		t.Before = (&gains{loaded: l, plan: p, grants: o.grants}).lines
	}
	return o.finish(ctx, o.change, l, t)
}

// atLeastOne wants one argument or more, and says what they are.
func atLeastOne(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return errors.New("want at least one " + what)
		}
		return nil
	}
}
