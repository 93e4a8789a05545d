package screen

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestRefusedWishes checks that what can't be changed from a row says what changes it.
func TestRefusedWishes(t *testing.T) {
	t.Parallel()
	member := func(role kalm.Role, how workspace.How, everywhere bool) []change.Wish {
		return memberWishes(&world.World{}, &workspace.Member{
			Workspace: "kalm-system", Subject: rbac.User("bob@x.com"), Kalm: &kalm.Binding{Role: role}, How: how, ClusterWide: everywhere,
		})
	}
	for name, test := range map[string]struct {
		wishes []change.Wish
		says   string
	}{
		"what suspends":       {member(kalm.Suspended, workspace.Suspended, false), "kubectl contrib suspend --unsuspend bob@x.com"},
		"who is suspended":    {member(kalm.Editor, workspace.Suspended, false), "kubectl contrib suspend --unsuspend bob@x.com"},
		"a role everywhere":   {member(kalm.ClusterViewer, workspace.ByKalmCluster, true), "kubectl contrib remove bob@x.com --cluster-wide"},
		"a placeholder":       {member(kalm.Placeholder, workspace.Placeholder, false), "kubectl contrib remove bob@x.com -n kalm-system"},
		"who may use a queue": {append(queueWishes(&queue.Queue{Name: "gpu"}), queueWishes(&queue.Queue{Name: "gpu"})...), "kubectl queueaccess grant SUBJECT --queue gpu"},
		"the life of a token": {tokenWishes(&token.Token{Kind: token.Bound, Name: "ci", Namespace: "dev"}), "--rotate"},
		"the life of Kalm's":  {tokenWishes(&token.Token{Kind: token.Kalm, Name: "ci"}), "kubectl accesstoken create"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := 0
			for _, wish := range test.wishes {
				if wish.Refusal == "" {
					if wish.Verb != change.Remove || wish.Token == "" {
						t.Errorf("%s is not refused", wish.Verb)
					}
					continue
				}
				if refused++; !strings.Contains(wish.Refusal, test.says) {
					t.Errorf("%s: %s", wish.Verb, wish.Refusal)
				}
			}
			if refused < 2 {
				t.Errorf("%d wishes are refused", refused)
			}
		})
	}
}

// Of somebody who has grants of Kalm's alone it is not said only that no binding names him.
func TestSubjectOfKalm(t *testing.T) {
	t.Parallel()
	moment, err := source.FileMoment(t.Context(), []string{"../../examples/kalm"}, source.FilesOptions{}, world.Want())
	if err != nil {
		t.Fatal(err)
	}
	w := world.New(moment, world.Frame{Offline: true, ReadOnly: true}, hugeNow())
	for name, says := range map[string]string{"heidi@shop.example": "owner in cluster", "nobody@shop.example": ""} {
		page, err := Build(w, Place{Kind: Subject, Subject: rbac.User(name)})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(page.Notes, "\n")
		if said := strings.Contains(notes, "grants of its own"); said != (says != "") || !strings.Contains(notes, says) {
			t.Errorf("%s: %s", name, notes)
		}
	}
}
