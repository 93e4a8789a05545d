package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// payloads are names that would do something to a terminal that gets them as they are. None of them is anything that the
// browser itself sends.
func payloads() []string {
	return []string{
		"\x1b]0;forged\a", "\x1b]52;c;Zm9yZ2Vk\a", "\x1b[38;5;197m", "\x1b[777;1H", "\x1b[2J\x1b[3J", "\x1bPforged\x1b\\", "\x1bc", "\u009b31m", "\u0085",
		"\r\nforged", "\bforged", "\x7fforged", "\u202eforged", "\u2066forged", "\u200bforged", "\ufeffforged",
	}
}

// hostileTeam is manifests of a namespace in which subjects, and offline the roles and bindings too, have such names. Two
// other names are long, and written from right to left.
func hostileTeam(namespace string, roles bool) string {
	names := append(payloads(), strings.Repeat("long", 2500), strings.Repeat("שלום", 40))
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: v1\nkind: Namespace\nmetadata: {name: %s}\n", namespace)
	for i, name := range names {
		object, role := fmt.Sprintf("binding-%02d", i), "view"
		if roles {
			object, role = name, name
			fmt.Fprintf(&b, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: %s}\nrules: [{apiGroups: [\"\"], resources: [pods, %s], verbs: [get]}]\n",
				ascii(name), ascii(name))
		}
		fmt.Fprintf(&b, "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: %s, namespace: %s, annotations: {user: %s, role: view}}\n"+
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}\n"+
			"subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]\n",
			ascii(object), namespace, ascii(name), ascii(role), ascii("hostile"+name))
	}
	return b.String()
}

// TestBrowserSendsNoNames goes through pages on which names stand that would do something to the terminal: out of manifests
// and, as far as it takes them, out of a cluster.
func TestBrowserSendsNoNames(t *testing.T) {
	t.Parallel()
	t.Run("manifests", func(t *testing.T) {
		t.Parallel()
		from := folder(t, map[string]string{"team.json": hostileTeam("hostile-names", true)})
		x := nowhere(t).browse(t, seat{}, "--from", from)
		throughNames(t, x)
		leave(t, x, "q")
	})
	t.Run("cluster", func(t *testing.T) {
		t.Parallel()
		h := scratchHome(t, "")
		h.run(t, strings.NewReader(hostileTeam("browser-names", false)), shared.kubectl(), "apply", "-f", "-").want(t, 0)
		x := h.browse(t, seat{})
		throughNames(t, x)
		leave(t, x, "q")
	})
}

// throughNames looks at subjects, and at everything that leads on from them.
func throughNames(t *testing.T, x *terminal.Terminal) {
	t.Helper()
	x.Wait(t, "► ")
	for _, tab := range []string{"5", "4", "3", "2"} {
		x.Press(t, tab)
		x.Wait(t, "["+tab+" ")
		x.Press(t, "/", "forged", "<enter>")
		x.Wait(t, "/forged")
		x.Press(t, "<down>", "y", "<esc>")
		x.Gone(t, "/forged")
	}
	x.Press(t, "5", "/", "hostile", "<enter>")
	x.Wait(t, "[5 Subjects]", "/hostile", "► user:hostile")
	for range len(payloads()) + 1 {
		x.Press(t, "<enter>")
		x.Wait(t, "[1 Grants")
		x.Press(t, "[")
		x.Wait(t, "[5 Subjects]", "► ")
		x.Press(t, "<down>")
	}
	x.Press(t, ":", "hostile")
	x.Wait(t, "go to", "hostile")
	x.Press(t, "<ctrl+u>", "<esc>")
	x.Gone(t, "go to")
	raw := x.Raw()
	for _, bad := range payloads() {
		if i := strings.Index(raw, bad); i >= 0 {
			t.Errorf("%q was sent: %q", bad, raw[max(0, i-40):min(len(raw), i+80)])
		}
	}
	if !strings.Contains(raw, "hostile^[") || !strings.Contains(raw, "hostilelong") {
		t.Error("the names were not shown")
	}
	if len(raw) > 4<<20 {
		t.Errorf("%d bytes were sent", len(raw))
	}
}
