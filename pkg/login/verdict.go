package login

import "time"

// Verdict is what an API server makes of a token. The token is not in it; values of its claims are.
type Verdict struct {
	// Allowed reports whether the token is somebody to the API server.
	Allowed bool `json:"allowed"`
	// Issuer is the URL of the configured issuer that the token is of; empty when it is of none.
	Issuer string `json:"issuer,omitempty"`
	// User is who that is, when allowed.
	User *User `json:"user,omitempty"`
	// Steps are what was looked at, in the order of the API server.
	Steps []Step `json:"steps"`
	// Refusal says why not, when not allowed.
	Refusal *Refusal `json:"refusal,omitempty"`
	// IssuedAt, NotBefore and Expires are what the token says; zero when it says nothing.
	IssuedAt  time.Time `json:"issuedAt,omitzero"`
	NotBefore time.Time `json:"notBefore,omitzero"`
	Expires   time.Time `json:"expires,omitzero"`
	// Notes are what else should be known, such as claims that were filled in.
	Notes []string `json:"notes,omitempty"`
}

// User is who a token is to the API server, as a SelfSubjectReview shows it.
type User struct {
	Username string              `json:"username"`
	UID      string              `json:"uid,omitempty"`
	Groups   []string            `json:"groups,omitempty"`
	Extra    map[string][]string `json:"extra,omitempty"`
}

// State is how a step went.
type State = string

// The states of steps. A step is skipped when there was nothing to look at, or when one before it failed.
const (
	OK      State = "ok"
	Failed  State = "failed"
	Skipped State = "skipped"
)

// Step is one thing that was looked at.
type Step struct {
	// Name is such as "issuer", "groups", "extra example.com/team", "required claim hd", "claim rule 1" or "user rule 2".
	Name string `json:"name"`
	// Expression is that of the configuration, or names the claim that is taken.
	Expression string `json:"expression,omitempty"`
	// Value is what came of it, in the types of JSON.
	Value any   `json:"value,omitempty"`
	State State `json:"state"`
	// Reason says why it failed or was skipped.
	Reason string `json:"reason,omitempty"`
}

// Refusal is why a token is nobody: a rule, of [Rules], and what is the matter in words.
type Refusal struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// The rules of refusals. TooLong is that of a server that reads no more headers; Unexplained has the authenticator's words.
const (
	Malformed        = "malformed"
	TooLong          = "too-long"
	Issuer           = "issuer"
	Algorithm        = "algorithm"
	Key              = "key"
	Signature        = "signature"
	Expired          = "expired"
	NotYetValid      = "not-yet-valid"
	Audience         = "audience"
	EmailNotVerified = "email-not-verified"
	DistributedClaim = "distributed-claim"
	Username         = "username"
	Groups           = "groups"
	UID              = "uid"
	Extra            = "extra"
	RequiredClaim    = "required-claim"
	ClaimRule        = "claim-rule"
	UserRule         = "user-rule"
	Unexplained      = "unexplained"
)
