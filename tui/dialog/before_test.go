package dialog_test

import (
	"errors"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
)

func TestBefore(t *testing.T) {
	t.Parallel()
	form := dialog.NewForm(change.Wish{Verb: change.Add, Workspace: "team-nlp"}, small(t), now())
	back, p := dialog.BackMsg{Dialog: form}, proposals()["gives"]
	tests := map[string]struct {
		dialog dialog.Dialog
		keys   string
		want   tea.Msg
	}{
		"refused":    {dialog.NewMessage("cannot do that", errors.New("no")), "down enter", back},
		"waited for": {dialog.NewWaiting("wait"), "enter esc", back},
		"not meant":  {dialog.NewPreview(p), "down n", back},
		"meant":      {dialog.NewPreview(p), "y", dialog.CarryMsg{Proposal: p}},
		"copied":     {dialog.NewPreview(p), "c", dialog.CopyMsg{Command: p.Command}},
	}
	same := []cmp.Option{
		cmp.Comparer(func(a, b dialog.BackMsg) bool { return a.Dialog == b.Dialog }),
		cmp.Comparer(func(a, b *change.Proposal) bool { return a == b }),
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := play(dialog.Before(tt.dialog, form), keys(tt.keys)...)
			if diff := cmp.Diff([]tea.Msg{tt.want}, got.outcomes, same...); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
	if d := dialog.NewWaiting("wait"); dialog.Before(d, nil) != d {
		t.Error("there is something in front of nothing")
	}
}

// Who comes back to a form finds there what was typed, and can mend it.
func TestFormAgain(t *testing.T) {
	t.Parallel()
	for name, d := range map[string]dialog.Dialog{"export": dialog.NewExport("roles"), "save": dialog.NewSave("acme")} {
		again := play(play(d, keys("tab '2' enter")...).form, key("enter"))
		want := []tea.Msg{dialog.SaveMsg{Path: "acme2"}}
		if name == "export" {
			want = []tea.Msg{dialog.ExportMsg{Format: "yaml", Path: "roles.yaml2"}}
		}
		if diff := cmp.Diff(want, again.outcomes); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	said := play(dialog.NewForm(change.Wish{Verb: change.Add, Workspace: "team-nlp"}, small(t), now()), keys("'bob@x.con' enter 'viewer' enter enter")...)
	if said.form == nil {
		t.Fatal("the wish came from no form")
	}
	mended := play(said.form, keys("up up backspace 'm' ctrl+s")...)
	got := mended.outcomes[len(mended.outcomes)-1].(dialog.WishMsg).Wish
	if got.Subject.Name != "bob@x.com" || got.Role != "viewer" || got.Workspace != "team-nlp" {
		t.Errorf("the wish is %+v", got)
	}
}
