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
// and a name that is left out means all. Kalm decides about each verb by itself, so view comes along with edit.
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
		actions = append(actions, action)
	}
	if slices.Contains(actions, kalm.Edit) && !slices.Contains(actions, kalm.View) {
		actions = append(actions, kalm.View)
		notes = append(notes, fmt.Sprintf("view:%s comes along: with Kalm, edit does not let one look", rest))
	}
	var rules []kalm.Rule
	for _, action := range kalm.Actions() {
		if slices.Contains(actions, action) {
			rules = append(rules, kalm.Rule{Verb: string(action), Namespace: namespace, Kind: kind, Name: name})
		}
	}
	return rules, notes, nil
}
