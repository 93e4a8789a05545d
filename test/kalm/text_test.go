package kalm

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// policyText writes the policy of a world as Kalm's API does, apart from our own code, and in an order made by chance: Kalm keeps
// its objects in maps. Source: api/client/standard_manager.go and format.go of kalmhq/kalm.
func policyText(r *rand.Rand, w kalm.World) []string {
	text := []string{`
p, role_cluster_viewer, view, *, *
p, role_cluster_editor, edit, *, *
p, role_cluster_owner, manage, *, *
g, role_cluster_editor, role_cluster_viewer
g, role_cluster_owner, role_cluster_editor
`}
	for _, ns := range w.Namespaces {
		if ns.Enabled {
			text = append(text, strings.ReplaceAll(`
# roles of NS
p, role_NS_viewer, view, NS, *
p, role_NS_viewer, view, *, storageClasses/*
p, role_NS_editor, edit, NS, *
p, role_NS_editor, view, *, registries/*
p, role_NS_owner, manage, NS, *
g, role_NS_editor, role_NS_viewer
g, role_NS_owner, role_NS_editor
`, "NS", ns.Name))
		}
	}
	for _, token := range w.Tokens {
		if !before(token.Expires, w) {
			text = append(text, "# token "+token.Name)
			for _, rule := range token.Rules {
				text = append(text, fmt.Sprintf("p, %s, %s, %s, %s", safe("user", token.Name), rule.Verb, rule.Namespace, rule.Kind+"/"+rule.Name))
			}
		}
	}
	suspended := map[string]bool{}
	for _, b := range w.Bindings {
		if b.Role == "suspended" {
			suspended[safe(subjectType(b), b.Subject)] = true
		}
	}
	for _, b := range w.Bindings {
		subject := safe(subjectType(b), b.Subject)
		if before(b.Expires, w) || b.Role == "placeholder" || suspended[subject] {
			continue
		}
		role := fmt.Sprintf("role_%s_%s", b.Namespace, b.Role)
		if word, ok := strings.CutPrefix(string(b.Role), "cluster"); ok {
			role = "role_cluster_" + strings.ToLower(word)
		}
		text = append(text, "# binding", fmt.Sprintf("g, %s, %s", subject, role))
	}
	r.Shuffle(len(text), func(i, j int) { text[i], text[j] = text[j], text[i] })
	return text
}

func subjectType(b kalm.Binding) string {
	if b.Group {
		return "group"
	}
	return "user"
}

func safe(kind, name string) string { return kind + "-" + strings.ReplaceAll(name, "\n", "") }

func before(text string, w kalm.World) bool {
	end, err := kalm.ParseExpiry(text)
	return err == nil && text != "" && end.At.Before(w.Now)
}
