package dialog

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/theme"
)

func TestHighlight(t *testing.T) {
	t.Parallel()
	marks := &theme.Theme{Match: lipgloss.NewStyle().Reverse(true)}
	for name, tt := range map[string]struct{ text, query, want string }{
		"nothing typed": {"team-nlp", "", "team-nlp"},
		"a word":        {"team-nlp", "nlp", "team-[nlp]"},
		"two words":     {"team-nlp role", "role te", "[te]am-nlp [role]"},
		"other case":    {"Team-NLP", "tEAM", "[Team]-NLP"},
		"letters":       {"team-nlp", "tmnp", "[t]ea[m]-[n]l[p]"},
		"wide letters":  {"团队-nlp", "队n", "团[队]-[n]lp"},
		"no match":      {"team-nlp", "x", "team-nlp"},
		"longer lower":  {"İstanbul", "stan", "İ[stan]bul"},
		"no text":       {"", "x", ""},
	} {
		got := highlight(tt.text, tt.query, lipgloss.NewStyle(), marks)
		got = strings.NewReplacer("\x1b[7m", "[", "\x1b[m", "]").Replace(got)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
