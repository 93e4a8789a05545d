// Package controlplane runs a real Kubernetes control plane for tests: etcd, kube-apiserver and kube-controller-manager on free loopback
// ports, ready in seconds, gone without a trace when the test ends.
//
// The programs are one binary, linked from this module's go.mod (package multicall) and kept in the user's cache directory; Build makes it
// when it is missing. Start runs it. A ControlPlane hands out kubeconfigs for any user and groups (client certificates), loads manifests,
// and can record every request its API server answers, so that a test can count them.
//
//	func TestSomething(t *testing.T) {
//		cp := controlplane.ForTest(t, controlplane.Options{})
//		cp.Apply(t.Context(), "testdata/acme")
//		kubeconfig, err := cp.Kubeconfig("alice@acme.example", "ml-team")
//
// Packages whose tests can share one use Run from TestMain instead. Only Unix systems are supported: processes are ended by process group.
package controlplane
