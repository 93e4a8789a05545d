package plan

import (
	"errors"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// IsUntriable reports whether an error of [DryRun] says that the server can't try a plan beforehand, because an admission
// webhook can't. It says nothing about the plan then; of several steps, that is so when each of their errors says it.
func IsUntriable(err error) bool {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return !slices.ContainsFunc(joined.Unwrap(), func(err error) bool { return !IsUntriable(err) })
	}
	return apierrors.IsBadRequest(err) && strings.Contains(err.Error(), "does not support dry run")
}

// Advice says what to do about a refusal that [Preflight] does not foretell: that nobody gives rights that he doesn't hold.
// It is empty for other errors. Source: pkg/registry/rbac/validation/rule.go of kubernetes, ConfirmNoEscalation.
func Advice(err error) string {
	if strings.Contains(err.Error(), "attempting to grant RBAC permissions not currently held") {
		return "the server lets you give only rights that you hold there yourself: ask somebody who holds them, or who has " +
			"the verb bind on the role"
	}
	return ""
}
