package kubeflow

// AggregateLabelPrefix begins the labels by which Kubeflow's ClusterRoles are put together. Source: kubeflow-roles of
// kubeflow/manifests.
const AggregateLabelPrefix = "rbac.authorization.kubeflow.org/aggregate-to-"

// rolePrefix turns kfam's role words into names of ClusterRoles.
const rolePrefix = "kubeflow-"

// Roles returns kfam's role words, weakest first: view, edit, admin. Each role holds all that the ones before it hold.
func Roles() []string { return []string{"view", "edit", "admin"} }

// ClusterRole returns the name of the ClusterRole that a role word stands for: kubeflow-edit for edit. It is empty for
// other words, as kfam's is.
func ClusterRole(short string) string {
	switch short {
	case "view", "edit", "admin":
		return rolePrefix + short
	}
	return ""
}

// RoleShort returns the role word of a ClusterRole: edit for kubeflow-edit. It is empty for others, Kubernetes' own
// "edit" included.
func RoleShort(clusterRole string) string {
	switch clusterRole {
	case "kubeflow-view":
		return "view"
	case "kubeflow-edit":
		return "edit"
	case "kubeflow-admin":
		return "admin"
	}
	return ""
}

// DashboardRole returns the word under which the central dashboard shows a role word: owner, contributor, viewer. It is
// empty for others. Source: centraldashboard, 1.9 and newer; before, it had no word for view.
func DashboardRole(short string) string {
	switch short {
	case "view":
		return "viewer"
	case "edit":
		return "contributor"
	case "admin":
		return "owner"
	}
	return ""
}

// AggregateLabel returns the label, with the value "true", of the ClusterRoles that make up the one of a role word. It is
// empty for other words.
func AggregateLabel(short string) string {
	if ClusterRole(short) == "" {
		return ""
	}
	return AggregateLabelPrefix + ClusterRole(short)
}
