package login

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/login"
)

const (
	masters = "system:masters"
	machine = "system:kube-controller-manager"
)

// fullClaims are such that every issuer that lets anybody in takes them.
func fullClaims() claims {
	all := maps.Clone(usualValues)
	delete(all, "exp") // as usual: not too long
	all["realm_access"] = claims{"roles": []string{"dev"}}
	return all
}

// testJudged shows that what pkg/authn finds in a file is what the API server does: for every issuer, whether a token can put its holder into
// system:masters (AU050) or make it a part of Kubernetes (AU051), and whether nobody gets in (AU017), or nobody without a claim (AU040),
// or a large number becomes text with an exponent (AU042).
func testJudged(t *testing.T, s *issuer, api *server, file []byte) {
	config, err := authn.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	findings := authn.Judge(config, authn.Options{})
	ready := oneOfEach(t, s)
	delete(ready, "newfangled") // nobody gets in, for what it publishes
	for i, jwt := range config.Spec.JWT {
		path := s.path(jwt.Issuer.URL)
		if _, is := ready[path]; !is {
			continue
		}
		t.Run(path, func(t *testing.T) {
			about := findingsAbout(findings, i)
			try := func(changes claims) *login.User {
				all := fullClaims()
				maps.Copy(all, changes)
				r := row{issuer: path, claims: all}
				got, err := api.whoami(t.Context(), r.token(t, s))
				if err != nil {
					t.Fatal(err)
				}
				return got.user
			}
			check := func(id string, live bool) {
				if found := len(about[id]) > 0; found != live {
					t.Errorf("%s is found: %v; the API server: %v", id, found, live)
				}
			}
			list := []string{masters}
			among := claims{"groups": list, "roles": list, "teams": list, "realm_access": claims{"roles": list}}
			alone := claims{"groups": masters, "roles": masters, "teams": masters}
			isMaster := func(u *login.User) bool { return u != nil && slices.Contains(u.Groups, masters) }
			check("AU050", isMaster(try(among)) || isMaster(try(alone)))

			named := try(claims{
				"sub": machine, "email": machine, "employee": machine, "profile": claims{"name": machine, "desk.number": "1"}, "roles": "dev",
			})
			named2 := try(claims{"sub": machine, "email": machine})
			isMachine := func(u *login.User) bool { return u != nil && u.Username == machine }
			check("AU051", isMachine(named) || isMachine(named2))

			nobody := try(nil) == nil && try(claims{"roles": "dev"}) == nil
			check("AU017", nobody)
			numbered := try(claims{"employee": 1234567})
			check("AU042", numbered != nil && strings.Contains(string(asJSON(t, numbered)), "1.234567e+06"))
			for _, message := range about["AU040"] {
				name := lacking(t, message)
				if try(claims{"roles": "dev", name: absent}) != nil || try(claims{name: absent}) != nil {
					t.Errorf("%s: the API server lets it in", message)
				}
			}
		})
	}
}

// findingsAbout returns the messages of findings on one issuer, by id.
func findingsAbout(findings []finding.Finding, i int) map[string][]string {
	out := map[string][]string{}
	for _, f := range findings {
		if strings.HasPrefix(f.Message, fmt.Sprintf("jwt[%d].", i)) {
			out[f.ID] = append(out[f.ID], f.Message)
		}
	}
	return out
}

var lacks = regexp.MustCompile(`lacks the claim "([^"]+)"`)

// lacking returns the claim that a message is about; of one in an object, the object.
func lacking(t *testing.T, message string) string {
	t.Helper()
	match := lacks.FindStringSubmatch(message)
	if match == nil {
		t.Fatalf("no claim in %q", message)
	}
	name := match[1]
	if _, whole := fullClaims()[name]; !whole {
		name, _, _ = strings.Cut(name, ".")
	}
	return name
}
