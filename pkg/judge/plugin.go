package judge

import "strings"

// Plugin returns the plugin whose doctor has a finding: "clusterauth" for the authentication of clusters and for how people
// log in to Kalm, "queueaccess" for queues, "accesstoken" for tokens, "profile" for everything about workspaces and their
// members.
func Plugin(id string) string {
	for plugin, prefixes := range map[string][]string{
		"clusterauth": {"KC", "AU", "SS"}, "queueaccess": {"QA"}, "accesstoken": {"TK"},
	} {
		for _, prefix := range prefixes {
			if strings.HasPrefix(id, prefix) {
				return plugin
			}
		}
	}
	return "profile"
}

// Doctor returns what the doctor of [Plugin] is called, as words of a command: "profile", "doctor".
func Doctor(id string) []string {
	plugin := Plugin(id)
	switch plugin {
	case "queueaccess":
		return []string{plugin, "check"}
	case "accesstoken":
		return []string{plugin, "audit"}
	}
	return []string{plugin, "doctor"}
}
