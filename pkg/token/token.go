// Package token is about tokens for machines: those of service accounts, made to be revoked, and the AccessTokens of Kalm.
// It plans how they are made and taken away, lists what there is, and judges it. It never holds on to a token.
//
// A token of ours is a service account with a Role and a RoleBinding of its own, and a Secret without data to which the
// token is bound: an API server refuses a bound token as soon as that Secret is gone. The token itself is kept nowhere.
package token

import (
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// What the objects of a token carry, beside the annotations of every grant (see package workspace).
const (
	// Label, on each of them, is the name of the token.
	Label = "gatehouse.dev/token"
	// SecretType is that of the Secret to which a token is bound.
	SecretType corev1.SecretType = "gatehouse.dev/token"
	// MayAnnotation, on the service account, is what the token was made for: the rules of its Role, as JSON.
	MayAnnotation = "gatehouse.dev/may"
	// AudienceAnnotation, on the Secret, names the audiences of the token, with commas between them; without it they are
	// those of the API server.
	AudienceAnnotation = "gatehouse.dev/audience"
)

// MinLife is the shortest life of a token that an API server agrees to. Source: pkg/apis/authentication/validation of
// kubernetes, ValidateTokenRequest.
const MinLife = 10 * time.Minute

// LongLife is how long a token may have to live when nothing is said about it: a year, and a day for those who count on
// the calendar.
const LongLife = 366 * 24 * time.Hour

// extendedLife is what kubelets ask for. A token of just this life lives for a year when it is for the API server and
// bound to a pod or to nothing else, so that nobody should ask for it. Source: WarnOnlyBoundTokenExpirationPeriod in
// pkg/serviceaccount/claims.go of kubernetes.
const extendedLife = 3607 * time.Second

// Life returns for how many seconds a token is to be asked for that ends at a time.
func Life(expires, now time.Time) int64 {
	life := max(expires.Sub(now), MinLife)
	if life.Truncate(time.Second) == extendedLife {
		life -= time.Second
	}
	return int64(life / time.Second)
}

// Where Kubernetes notes on the Secret of a service account what became of its token. Source:
// pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go and pkg/serviceaccount/legacy.go of kubernetes.
const (
	lastUsedLabel     = "kubernetes.io/legacy-token-last-used"
	invalidSinceLabel = "kubernetes.io/legacy-token-invalid-since"
)

// Kinds are what tells of tokens.
func Kinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.ServiceAccounts, inventory.Roles, inventory.RoleBindings, inventory.TokenSecrets, inventory.AccessTokens,
	}
}
