package screen

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestCommand names what is looked at, wherever the command is run.
func TestCommand(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		frame world.Frame
		want  string
	}{
		"cluster":   {world.Frame{Context: "prod"}, "kubectl whocan get secrets"},
		"manifests": {world.Frame{From: []string{"a b", "c"}}, "kubectl whocan get secrets --from 'a b' --from c"},
		"asked for": {world.Frame{Where: []string{"--context", "prod", "--as", "it's me"}}, `kubectl whocan get secrets --context prod --as 'it'\''s me'`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := command(&world.World{Frame: tt.frame}, "whocan", "get", "secrets"); got != tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
		})
	}
}
