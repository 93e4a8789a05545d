// Package engine measures pkg/rbac on a huge cluster without a server, side by side with upstream's own answer to "who can". It has a
// benchmark only: go test -bench Engine.
package engine
