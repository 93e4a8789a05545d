package accesstoken

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// pastedView is the JSON of what a token says of itself.
type pastedView struct {
	// Form is "signed", or "opaque" for a token that says nothing.
	Form      string     `json:"form"`
	SHA256    string     `json:"sha256"`
	Issuer    string     `json:"issuer,omitempty"`
	Subject   string     `json:"subject,omitempty"`
	Audiences []string   `json:"audiences,omitempty"`
	Issued    *time.Time `json:"issued,omitempty"`
	Expires   *time.Time `json:"expires,omitempty"`
	Account   string     `json:"account,omitempty"`
	Bound     string     `json:"bound,omitempty"`
	// Standing says what became of what it is bound to: "there", "gone", "made anew", "unknown".
	Standing string     `json:"standing,omitempty"`
	May      *token.May `json:"may,omitempty"`
}

func (f *describeFlags) runPasted(ctx context.Context, p printer.Printer) error {
	if slices.Contains(f.Sources(), "-") {
		return cli.UsageError(errors.New("stdin holds the token: --from can't be read from it too"))
	}
	pasted, err := f.readToken(ctx)
	if err != nil {
		return err
	}
	namespace := ""
	if pasted.Claims != nil {
		namespace = pasted.Claims.Account.Namespace
	}
	l, err := f.load(ctx, namespace, listedKinds(), true)
	if err != nil {
		return err
	}
	f.TellGaps(l.Reading)
	now := f.env.Clock.Now()
	view := pastedView{Form: "opaque", SHA256: pasted.Sum}
	tokens := l.state.ByClaims(pasted)
	if c := pasted.Claims; c != nil {
		view = f.viewClaims(ctx, l, pasted)
	}
	report := printer.Report{
		Object: func() any {
			v := describeView{APIVersion: apiVersion, Kind: "TokenDescription", Complete: len(l.Inventory.Gaps) == 0, Pasted: &view, Tokens: []tokenView{}}
			for _, t := range tokens {
				v.Tokens = append(v.Tokens, viewToken(l.state, t, now))
			}
			return v
		},
		Text: func() []string { return f.pastedLines(l, pasted, view, tokens, now) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	return f.Finish(l.Reading)
}

func (f *describeFlags) viewClaims(ctx context.Context, l *loaded, pasted token.Pasted) pastedView {
	c := pasted.Claims
	v := pastedView{
		Form: "signed", SHA256: pasted.Sum, Issuer: c.Issuer, Subject: c.Subject, Audiences: c.Audiences, Issued: known(c.Issued), Expires: known(c.Expires),
	}
	if c.Account == (rbac.Subject{}) {
		return v
	}
	v.Account = c.Account.String()
	may := l.state.MayOf(token.Token{Kind: token.Lasting, Account: c.Account})
	v.May = &may
	account := l.state.Account(c.Account.Namespace, c.Account.Name)
	switch {
	case account == nil && len(l.Inventory.Missing(inventory.ServiceAccounts)) > 0:
		v.Standing = "unknown"
	case account == nil:
		v.Standing = "gone"
	case c.AccountUID != "" && account.UID != "" && string(account.UID) != c.AccountUID:
		v.Standing = "made anew"
	default:
		v.Standing = "there"
	}
	if c.Bound == nil {
		return v
	}
	v.Bound = strings.ToLower(c.Bound.Kind) + " " + strings.TrimPrefix(c.Bound.Namespace+"/"+c.Bound.Name, "/")
	if v.Standing == "there" {
		v.Standing = standing(ctx, l, *c.Bound)
	}
	return v
}

// standing says what became of an object that a token is bound to.
func standing(ctx context.Context, l *loaded, ref token.Reference) string {
	uid, there := "", false
	if ref.Kind == "Secret" {
		for _, secret := range l.Inventory.Objects(inventory.TokenSecrets) {
			if secret.GetNamespace() == ref.Namespace && secret.GetName() == ref.Name {
				uid, there = string(secret.GetUID()), true
			}
		}
		if !there && len(l.Inventory.Missing(inventory.TokenSecrets)) > 0 {
			return "unknown"
		}
	}
	if !there && l.Server != nil && ref.Kind != "Secret" {
		object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": ref.Kind}}
		object.SetNamespace(ref.Namespace)
		object.SetName(ref.Name)
		live, err := l.Server.Get(ctx, object)
		switch {
		case err == nil:
			uid, there = string(live.GetUID()), true
		case !apierrors.IsNotFound(err):
			return "unknown"
		}
	}
	switch {
	case !there && ref.Kind != "Secret" && l.Server == nil:
		return "unknown"
	case !there:
		return "gone"
	case ref.UID != "" && uid != "" && uid != ref.UID:
		return "made anew"
	}
	return "there"
}

// pastedLines describes a token that was read, for people.
func (f *describeFlags) pastedLines(l *loaded, pasted token.Pasted, v pastedView, tokens []token.Token, now time.Time) []string {
	var out []string
	add := func(name, text string) {
		if text != "" {
			out = append(out, fmt.Sprintf("%-10s %s", name+":", text))
		}
	}
	if pasted.Claims == nil {
		add("Form", fmt.Sprintf("%d characters that say nothing of themselves", pasted.Length))
		add("SHA-256", pasted.Sum)
		if len(tokens) == 0 {
			return append(out, "No AccessToken of Kalm that could be read is named by it.")
		}
		for _, t := range tokens {
			out = append(append(out, ""), lines(l.state, t, now)...)
		}
		return out
	}
	add("Form", "signed; nobody has checked the signature")
	add("Issuer", v.Issuer)
	add("Subject", v.Subject)
	add("Account", v.Account)
	add("Audiences", strings.Join(v.Audiences, ", "))
	if v.Issued != nil {
		add("Issued", v.Issued.Format(time.RFC3339)+" ("+duration.HumanDuration(now.Sub(*v.Issued))+" ago)")
	}
	switch {
	case v.Expires == nil:
		add("Ends", "never")
	case v.Expires.Before(now):
		add("Ends", v.Expires.Format(time.RFC3339)+" ("+duration.HumanDuration(now.Sub(*v.Expires))+" ago): it is refused")
	default:
		add("Ends", v.Expires.Format(time.RFC3339)+" (in "+duration.HumanDuration(v.Expires.Sub(now))+")")
	}
	add("Bound to", boundText(v))
	for _, t := range tokens {
		add("Token", t.ID()+" in "+t.Namespace)
		add("Made by", t.Creator)
		add("Memo", t.Memo)
	}
	if v.May == nil {
		return append(out, "It is not one of a service account: what its owner may do is for \"kubectl whocan rules\" and \"kubectl clusterauth test-token\".")
	}
	return append(out, mayLines(*v.May)...)
}

// boundText says what a token is bound to, and what became of that.
func boundText(v pastedView) string {
	what := v.Bound
	switch {
	case what == "" && v.Account == "":
		return ""
	case what == "":
		what = "its service account alone"
	}
	switch v.Standing {
	case "gone":
		return what + ", which is gone, or its service account: the token is refused"
	case "made anew":
		return what + ", which was made anew, or its service account: the token is refused"
	case "unknown":
		return what + "; whether that is there is not known"
	}
	return what + ", which is there"
}
