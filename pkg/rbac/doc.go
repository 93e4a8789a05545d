// Package rbac is the engine: it answers who may do what, where and why, from the RBAC objects of one cluster.
//
// A [Snapshot] holds the objects, as any source read them. [Compile] turns it into an [Index], in which every distinct
// rule is compiled once and shared by the roles that carry it, and every subject knows its bindings. Queries are
// methods of the index. They are pure: no clock, no client, no printing, and they never change the index, so an index
// may be shared between goroutines.
//
// The decisions are those of kube-apiserver 1.36: the RBAC authorizer, its rule matching, and the authorizer that
// admits system:masters before it. What other authorizers add (Node, webhooks) is not in a snapshot; callers say so.
package rbac
