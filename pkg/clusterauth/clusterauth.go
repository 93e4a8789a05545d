// Package clusterauth is about the authentication of clusters that k0rdent makes: which object lets whom into which
// cluster, what a change of it would do to the control planes, and how to make that change.
package clusterauth
