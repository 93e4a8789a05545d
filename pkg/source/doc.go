// Package source reads RBAC objects into an [rbac.Snapshot]: from a live cluster ([Live]), from manifests and snapshot
// files ([Files]). The same types come out of each, so every query runs on every source.
//
// What could not be read is part of the snapshot (its Gaps), with the rule that would make it readable. An error means
// that there is no answer at all: a server that can't be reached, a file that is broken. Secrets are never read from a
// server, and never kept from a file.
package source
