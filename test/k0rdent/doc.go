// Package k0rdent holds Gatehouse's rendering of k0rdent's ClusterAuthentication against a program of its own (reference),
// which does what k0rdent's controller does with upstream's types and nothing else: the bytes and the hash must be the same.
package k0rdent
