// Package conformance proves that the engine in pkg/rbac decides as kube-apiserver does. It has tests only:
//
//   - the oracle: requests with the answers that a real API server gave (testdata), asked of the engine in all the ways it can be asked, and
//     sent again to the API server of test/controlplane;
//   - differential: random objects and requests, asked of the engine and of upstream's authorizer in the same process. A failure prints the
//     seed and the smallest set of objects that still shows it. GATEHOUSE_SEED and GATEHOUSE_PAIRS repeat and extend a run;
//   - live: random objects on the API server, whose SubjectAccessReviews and aggregated roles the engine has to match.
package conformance
