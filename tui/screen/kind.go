package screen

// Title is the name of a kind of page, for people: "Who can".
func (k Kind) Title() string {
	switch k {
	case Namespaces:
		return "Namespaces"
	case Grants:
		return "Grants"
	case Roles:
		return "Roles"
	case Bindings:
		return "Bindings"
	case Subjects:
		return "Subjects"
	case WhoCan:
		return "Who can"
	case Findings:
		return "Findings"
	case Queues:
		return "Queues"
	case ClusterAuths:
		return "Cluster auth"
	case Clusters:
		return "Clusters"
	default:
		return string(k)
	}
}

// The tabs of a workspace.
const (
	TabContributors = "contributors"
	TabBindings     = "bindings"
	TabAccess       = "access" // Query: the resource
	TabQuota        = "quota"
	TabFindings     = "findings"
)
