package token

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// kalmAlphabet are the characters of a token for Kalm, 64 of them: six bits each, and none that a header, a shell or a
// URL has to escape.
const kalmAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// kalmLength is how many characters a token for Kalm has, as those of its own API do.
const kalmLength = 128

// Generate returns a new token for Kalm, out of a source of randomness; nil is that of the system, which never fails.
func Generate(random io.Reader) (string, error) {
	if random == nil {
		random = rand.Reader
	}
	data := make([]byte, kalmLength)
	if _, err := io.ReadFull(random, data); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	for i, b := range data {
		data[i] = kalmAlphabet[b%byte(len(kalmAlphabet))] // 256 is a multiple of 64: no character is more likely than others
	}
	return string(data), nil
}

// kalmKind is what kinds of Kalm look like. Kalm itself checks nothing: a comma or a line break in a kind writes a line of
// its own into the policy (api/rbac of kalmhq/kalm).
var kalmKind = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)

// ParseKalm reads VERB[,VERB]:KIND[/NAME] as rules of an AccessToken in a namespace; the verbs are view, edit and manage,
// and a name that is left out means all. Kinds are written in any case, and become what Kalm's API calls them; the error is
// also of those that it does not serve, and of rules that can never be the answer to what it asks. Kalm decides about each
// verb by itself, so view comes along with edit.
func ParseKalm(text, namespace string) ([]kalm.Rule, []string, error) {
	verbs, rest, found := strings.Cut(text, ":")
	if !found || verbs == "" || rest == "" {
		return nil, nil, errors.New("want VERB[,VERB]:KIND[/NAME], such as edit:components/web")
	}
	kind, name, named := strings.Cut(rest, "/")
	switch {
	case !kalmKind.MatchString(kind):
		return nil, nil, fmt.Errorf("bad kind %q: want letters and digits, since Kalm would take anything else for more of its policy", kind)
	case named && name != kalm.All && len(validation.IsDNS1035Label(name)) > 0:
		return nil, nil, fmt.Errorf("bad name %q: %s", name, strings.Join(validation.IsDNS1035Label(name), ", "))
	case namespace == kalm.TrapNamespace:
		return nil, nil, fmt.Errorf("the roles of a namespace %q are those of the whole cluster: no token is limited to it", namespace)
	}
	word := kind
	if kind, found = kalm.Spelling(word); !found {
		return nil, nil, fmt.Errorf("there is no kind %q in Kalm's API%s", word, nearKinds(word))
	}
	if !named {
		name = kalm.All
	}
	var (
		actions []kalm.Action
		notes   []string
	)
	for word := range strings.SplitSeq(verbs, ",") {
		action, err := kalm.ParseAction(word)
		if err != nil {
			return nil, nil, err
		}
		rule := kalm.Rule{Verb: string(action), Namespace: namespace, Kind: kind, Name: name}
		if why := rule.Unmet(); why != "" {
			return nil, nil, fmt.Errorf("%s would never be enough: %s", rule, why)
		}
		if rule.Unasked() {
			notes = append(notes, fmt.Sprintf("%s:%s gives nothing: Kalm's API lets everybody do it who is logged in or has a token", action, kind))
		}
		actions = append(actions, action)
	}
	if slices.Contains(actions, kalm.Edit) && !slices.Contains(actions, kalm.View) {
		actions = append(actions, kalm.View)
		notes = append(notes, fmt.Sprintf("view:%s/%s comes along: with Kalm, edit does not let one look", kind, name))
	}
	var rules []kalm.Rule
	for _, action := range kalm.Actions() {
		if slices.Contains(actions, action) {
			rules = append(rules, kalm.Rule{Verb: string(action), Namespace: namespace, Kind: kind, Name: name})
		}
	}
	return rules, notes, nil
}

// nearKinds offers kinds of Kalm behind a sentence: those that are spelled alike, or else all.
func nearKinds(word string) string {
	if near := rbac.Nearest(strings.ToLower(word), kalm.Kinds()); len(near) > 0 {
		return didYouMean(near)
	}
	return ", which has " + strings.Join(kalm.Kinds(), ", ")
}
