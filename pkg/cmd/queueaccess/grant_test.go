package queueaccess

import "testing"

// lab has a queue for three namespaces, and grants of all kinds.
const lab = "testdata/manifests/lab.yaml"

func TestGrant(t *testing.T) {
	t.Parallel()
	grant := func(args ...string) []string { return append([]string{"grant", "--dry-run=client"}, args...) }
	compare(t, map[string][]string{
		"grant/all":        grant("mia@acme.example", "--queue", "science", "--from", acme),
		"grant/manifests":  grant("sa:ci/trainer", "--queue", "science", "--can", "logs,submit", "--expires", "7d", "--from", acme, "-o", "yaml"),
		"grant/place":      grant("group:students", "--queue", "open", "--namespaces", "data-lake", "--can", "submit", "--from", acme),
		"grant/open":       grant("mia", "--queue", "open", "--from", acme),
		"grant/unlisted":   grant("mia", "--queue", "science", "--namespaces", "research,data-lake,nowhere", "--from", acme),
		"grant/unknown":    grant("mia", "--queue", "scienc", "--from", acme),
		"grant/word":       grant("mia", "--queue", "science", "--can", "sumbit", "--from", acme),
		"grant/status":     grant("mia", "--queue", "science", "--can", "status", "--from", acme),
		"grant/past":       grant("mia", "--queue", "science", "--expires", "2020-01-01", "--from", acme),
		"grant/offline":    {"grant", "mia", "--queue", "science", "--from", acme},
		"grant/passed":     grant("mia", "--queue", "narrow", "--from", lab),
		"grant/selector":   grant("mia", "--queue", "nobodys", "--from", lab),
		"grant/locals":     grant("mia", "--queue", "lab", "--can", "logs", "--namespaces", "lab-b,lab-c", "--from", lab),
		"grant/drifted":    grant("mia", "--queue", "lab", "--can", "submit,logs", "-n", "lab-a", "--from", lab),
		"grant/foreign":    grant("mia", "--queue", "lab", "--can", "exec", "-n", "lab-a", "--from", lab),
		"grant/everybody":  grant("group:system:authenticated", "--queue", "lab", "--can", "logs", "-n", "lab-b", "--from", lab),
		"grant/shared":     grant("ada@lab.example", "--queue", "lab", "--can", "logs", "-n", "lab-b", "--expires", "never", "--from", lab),
		"grant/ended":      grant("ada@lab.example", "--queue", "lab", "--can", "logs", "-n", "lab-b", "--from", lab),
		"grant/me":         grant("me", "--queue", "lab", "--from", lab),
		"grant/list":       grant("mia, ada@lab.example", "--queue", "lab", "-n", "lab-b", "--from", lab),
		"grant/odd-name":   grant("user:mia, ada", "--queue", "lab", "--can", "logs", "-n", "lab-b", "--from", lab),
		"grant/two-places": grant("mia", "--queue", "lab", "-n", "lab-a", "--namespaces", "lab-b", "--from", lab),
		"grant/anonymous":  grant("system:anonymous", "--queue", "lab", "--can", "logs", "-n", "lab-b", "--from", lab),
		"grant/other":      grant("cleo@lab.example", "--queue", "lab", "--can", "submit", "-n", "lab-b", "--from", lab),
		"grant/plain":      grant("mia", "--queue", "plain", "--can", "logs", "--from", lab),
		"grant/no-queue":   grant("mia", "--from", lab),
		"grant/superuser":  grant("group:system:masters", "--queue", "lab", "--can", "logs", "-n", "lab-b", "--from", lab),
		"revoke/shared":    {"revoke", "ada@lab.example", "--queue", "lab", "--from", lab, "--dry-run=client"},
		"revoke/absent":    {"revoke", "group:scientists", "--queue", "science", "--from", acme, "--dry-run=client"},
		"revoke/case":      {"revoke", "Ada@lab.example", "--all-queues", "--from", lab, "--dry-run=client"},
		"revoke/me":        {"revoke", "me", "--queue", "lab", "--from", lab, "--dry-run=client"},
		"revoke/expired":   {"revoke", "--expired", "--from", lab, "--dry-run=client"},
		"revoke/none":      {"revoke", "--expired", "--queue", "narrow", "--from", lab, "--dry-run=client"},
		"revoke/which":     {"revoke", "mia", "--from", lab, "--dry-run=client"},
		"revoke/whose":     {"revoke", "--from", lab, "--dry-run=client"},
		"revoke/both":      {"revoke", "mia", "--expired", "--from", lab, "--dry-run=client"},
		"revoke/place":     {"revoke", "mia", "--queue", "science", "-n", "training", "--from", "testdata/odd/everywhere.yaml", "--dry-run=client"},
		"grant/unclear":    grant("mia", "--queue", "science", "--namespaces", "research", "--from", "testdata/odd/unclear.yaml"),
		"role/least":       {"role"},
		"role/logs":        {"role", "--can", "logs", "--cluster", "-n", "training", "-o", "json"},
		"role/named":       {"role", "--can", "submit", "--name", "scientist"},
		"role/bad-name":    {"role", "--name", "a/b"},
		"role/aggregate":   {"role", "--aggregate"},
		"role/document":    {"role", "--compare", "document"},
		"role/json":        {"role", "--compare", "document", "--can", "logs", "-o", "json"},
		"role/file":        {"role", "--compare", acme + "/kaiwo/roles.yaml"},
		"role/there":       {"role", "--compare", "role/job-runner", "-n", "training", "--from", acme, "--can", "submit"},
		"role/everything":  {"role", "--compare", "clusterrole/cluster-admin", "--from", acme},
		"role/same":        {"role", "--compare", "clusterrole/kaiwo-scientist", "--from", acme, "-o", "csv"},
		"role/absent":      {"role", "--compare", "role/nope", "-n", "training", "--from", acme},
		"role/no-file":     {"role", "--compare", "nope.yaml"},
		"role/needless":    {"role", "--aggregate", "--can", "logs"},
		"role/from":        {"role", "--from", acme},
		"role/bad-format":  {"role", "-o", "table"},
		"role/bad-compare": {"role", "--compare", "document", "--cluster"},
	})
}
