package kubeflow

// Config is how a Kubeflow installation recognises its users, and what its components are called in the mesh.
type Config struct {
	// UserIDHeader and UserIDPrefix are those of the request header that carries the user's name.
	UserIDHeader, UserIDPrefix string
	// GatewayPrincipals are the mesh identities that may pass on requests of users, in the order in which policies name
	// them: the ingress gateway's, then that of the pipelines UI.
	GatewayPrincipals []string
	// NotebookPrincipal is the mesh identity of the notebook controller, which culls idle notebooks.
	NotebookPrincipal string
	// NamespaceLabels are those of the controller's labels file; nil when it is not known. An empty value means that the
	// label is removed.
	NamespaceLabels map[string]string
	// Admins are the users whom kfam takes for cluster administrators.
	Admins []string
	// Source says where it was found: "deployment kubeflow/profiles-deployment", "authorizationpolicy
	// team-a/ns-owner-access-istio", "defaults", "flags".
	Source string
}
