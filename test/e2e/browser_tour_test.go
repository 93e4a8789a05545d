package e2e

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// TestBrowserTour goes the way of somebody who finds out who can read secrets, and then shares a workspace with a
// colleague: on a real cluster, through kubectl, on a terminal.
func TestBrowserTour(t *testing.T) {
	w := newTour(t, "kubeflow")
	w.runKubeflow(t)
	admin := w.admin
	admin.kubectl(t, "profile", "create", "browser-tour", "--owner", "dana@acme.example", "--yes", "--wait").want(t, 0)
	admin.kubectl(t, "contrib", "add", "bob@acme.example", "--role", "edit", "-n", "browser-tour", "--yes").want(t, 0)
	x := admin.browse(t, seat{columns: 120, rows: 40})
	x.Wait(t, "live", "browser-tour", "Namespaces")

	readSecrets(t, x, "browser-tour", "bob@acme.example")

	// To the workspace, where a member is added with a preview.
	x.Press(t, ":", "browser-tour")
	x.Wait(t, "go to", "► browser-tour")
	x.Press(t, "<enter>")
	titled(t, x, "workspace browser-tour")
	x.Press(t, "a")
	x.Wait(t, "add a member")
	x.Press(t, "zoe@acme.example", "<tab>", "<ctrl+u>", "viewer", "<enter>", "<enter>")
	x.Wait(t, "gains", "zoe@acme.example")
	if out := admin.kubectl(t, "contrib", "list", "-n", "browser-tour"); strings.Contains(out.stdout, "zoe@acme.example") {
		t.Fatalf("the preview has written something:\n%s", out.stdout)
	}
	x.Press(t, "y")
	x.Wait(t, "done")
	x.Press(t, "<esc>")
	x.Wait(t, "user:zoe@acme.example")
	admin.kubectl(t, "contrib", "list", "-n", "browser-tour").prints(t, "zoe@acme.example")

	// Somebody else changes something, and it arrives by itself.
	admin.kubectl(t, "contrib", "add", "mia@acme.example", "--role", "view", "-n", "browser-tour", "--yes").want(t, 0)
	x.Wait(t, "user:mia@acme.example")
	admin.kubectl(t, "contrib", "remove", "mia@acme.example", "-n", "browser-tour", "--yes").want(t, 0)
	x.Gone(t, "user:mia@acme.example")

	// Zoe is removed, and that is taken back.
	x.Press(t, "/", "zoe", "<enter>", "x")
	x.Wait(t, "loses", "zoe@acme.example")
	x.Press(t, "y")
	x.Wait(t, "done")
	x.Press(t, "<esc>")
	x.Gone(t, "user:zoe@acme.example")
	if out := admin.kubectl(t, "contrib", "list", "-n", "browser-tour"); strings.Contains(out.stdout, "zoe@acme.example") {
		t.Fatalf("it was not removed:\n%s", out.stdout)
	}
	x.Press(t, "u")
	x.Wait(t, "create", "zoe")
	x.Press(t, "y")
	x.Wait(t, "done")
	x.Press(t, "<esc>")
	x.Wait(t, "user:zoe@acme.example")
	admin.kubectl(t, "contrib", "list", "-n", "browser-tour").prints(t, "zoe@acme.example")

	leave(t, x, "q")
}

// TestBrowserTourOffline goes the reading part of the way on manifests, where nothing can be changed.
func TestBrowserTourOffline(t *testing.T) {
	x := nowhere(t).browse(t, seat{columns: 120, rows: 40}, "--from", shared.acme())
	x.Wait(t, "offline", "team-vision", "read-only")
	readSecrets(t, x, "team-vision", "bob@acme.example")
	x.Press(t, ":", "team-vision")
	x.Wait(t, "go to", "► team-vision")
	x.Press(t, "<enter>")
	titled(t, x, "workspace team-vision")
	x.Press(t, "a")
	x.Wait(t, "read-only: this is no live cluster")
	leave(t, x, "q")
}

// readSecrets asks who can read the secrets of a workspace, looks for one of them, goes to the role that lets him, and back.
func readSecrets(t *testing.T, x *terminal.Terminal, namespace, who string) {
	t.Helper()
	x.Press(t, "w")
	x.Wait(t, "who can")
	x.Press(t, "get secrets -n "+namespace)
	x.Wait(t, "get secrets in "+namespace, "user:"+who)
	x.Press(t, "<enter>", "/", strings.TrimSuffix(who, ".example"))
	x.Until(t, "the row of "+who+" alone", func(screen string) bool {
		return strings.Contains(screen, "► user:"+who) && !strings.Contains(screen, "system:masters ")
	})
	x.Press(t, "<enter>", "o")
	titled(t, x, "clusterrole kubeflow-edit")
	x.Wait(t, "Rules", "Holders")
	x.Press(t, "<esc>")
	titled(t, x, "who can get secrets in "+namespace)
	x.Wait(t, "► user:"+who)
	x.Press(t, "<esc>")
	x.Wait(t, "system:masters")
	x.Press(t, "<esc>")
	titled(t, x, "Namespaces")
}
