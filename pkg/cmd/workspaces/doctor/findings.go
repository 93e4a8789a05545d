package doctor

// Lines of help about what every doctor of workspaces finds, one for each id.
const (
	// MemberFindings are about the members of Kubeflow's workspaces.
	MemberFindings = `  KF002 error    a contributor's role binding has not one subject: breaks the dashboard for everybody
  KF003 error    a policy lets somebody in who has no role binding: hidden access to notebooks
  KF004 warning  a role binding without its policy: no access to notebooks
  KF005 error    a policy of an older release, or for another gateway, header or user
  KF006 error    annotations say something else than the subject and the role
  KF007 warning  a name by which the dashboard does not find it
  KF008 warning  a user with two roles, in two spellings, or with the name of another's pair
  KF009 info     an owner's role for somebody who is not the owner
  KF010 warning  a group or a service account that is annotated as a user
`
	// KalmFindings are about the members of Kalm's applications.
	KalmFindings = `  KL001 error    a RoleBinding of Kalm's whose subject changes its policy; warning for one that may
  KL002 error    a role in a namespace called cluster, which Kalm takes for the whole cluster's
  KL003 warning  a suspended user who keeps what groups give
  KL004 warning  an e-mail address with capital letters, which never matches a login
  KL005 warning  a role where Kalm sees no application, so that it gives nothing
  KL006 warning  a grant of Kalm's that is past its date, and still there
  KL007 error    a role for the whole cluster in another namespace than Kalm's own
  KL008 error    a role in Kalm's own namespace, which is as good as cluster-admin
  KL009 warning  a role that Kalm does not know
  KL010 error    an end that Kalm can't read
  KL011 warning  two grants that Kalm's pages show as one
  KL012 info     a member in Kalm who has no rights in Kubernetes, where others have
  KL013 warning  a suspension with a date, which counts for nothing
`
)
