package source

import (
	"context"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Want says what a query needs; a source fetches no more than that. The RBAC objects always come.
type Want struct {
	// Namespace is the only one that the query concerns; empty for all. It is a hint: a caller who may not list
	// everywhere gets at least what is in it, while the snapshot of a caller who may is not narrowed.
	Namespace string
	// Resources asks for what the server serves.
	Resources bool
	// Namespaces and ServiceAccounts ask for the objects themselves, beyond those that bindings name.
	Namespaces, ServiceAccounts bool
	// Marks asks for the annotations by which role bindings and namespaces say whose they are: what an inventory that is
	// made of a snapshot needs. No right depends on them.
	Marks bool
}

// Source is where RBAC objects come from.
type Source interface {
	// Load reads the objects. The snapshot belongs to the caller. Its Gaps say what is missing; an error means that
	// there is nothing to ask.
	Load(ctx context.Context, want Want) (*rbac.Snapshot, error)
	// Name says what the source is, for headings and messages: a context, a file, a directory.
	Name() string
}

// Warn is called with what a user should know although the source could be read. The text has no newline at its end.
// Names from objects are in it as they are: the receiver escapes what a terminal must not get.
type Warn func(format string, args ...any)
