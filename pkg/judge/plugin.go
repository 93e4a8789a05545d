package judge

import "strings"

// Plugin returns the plugin whose doctor has a finding: "clusterauth" for the authentication of clusters, "profile" for
// everything about workspaces and their members.
func Plugin(id string) string {
	if strings.HasPrefix(id, "KC") || strings.HasPrefix(id, "AU") {
		return "clusterauth"
	}
	return "profile"
}
