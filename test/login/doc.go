// Package login proves that pkg/login decides about tokens as kube-apiserver does. It has tests only:
//
//   - tokens: an API server is started with the file that pkg/k0rdent renders of testdata/clusterauthentication.yaml, whose issuers are all on
//     a loopback server. Every token of the tables is shown to the API server, with a SelfSubjectReview, and to testers: offline with the
//     issuer's keys, with discovery, and, where a signature is not the point, as claims. All of them have to say the same user, groups, uid
//     and extra, or refuse; and the rule of a refusal has to be the one in the API server's log. So do random tokens, and damaged ones
//     (GATEHOUSE_TOKENS and GATEHOUSE_SEED repeat and extend a run). What pkg/authn finds in the file is held against the API server too;
//   - example: the example of k0rdent's documentation, served as KCM 1.9 and older write it. It lets anybody whose identity provider has a group
//     system:masters do everything, which the API server shows, and pkg/authn warns of.
//
// All keys, certificates and tokens are made when the tests run.
package login
