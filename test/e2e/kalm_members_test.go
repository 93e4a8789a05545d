package e2e

import (
	"crypto/md5" //nolint:gosec // names are made of it, nothing is protected
	"encoding/hex"
	"strings"
	"testing"
)

// apiName returns the name that Kalm's API gives to the binding of a subject in shop.
func apiName(subject string) string {
	sum := md5.Sum([]byte(subject)) //nolint:gosec // as above
	return "shop-rolebinding-" + hex.EncodeToString(sum[:])
}

// TestKalmMembers walks one member through all that there is to do with members of Kalm's, on a server that has its kinds.
func TestKalmMembers(t *testing.T) {
	t.Parallel()
	w := newKalmWorld(t)
	const zed = "zed@shop.example"

	t.Log("add: by the API's name, with who asks as the creator, and until when")
	out := w.done("add", zed, "--role", "viewer", "--expires", "2031-01-01", "-n", "shop", "--yes")
	out.hears(t, "give nothing in the Kubernetes API")
	b := w.one(zed)
	if b.Metadata.Name != apiName(zed) || b.Spec.Creator != "root@shop.example" || b.Spec.Role != "viewer" ||
		b.Spec.SubjectType != "user" || b.Spec.ExpiredAt != "2031-01-01T00:00:00Z" {
		t.Errorf("added %+v", b)
	}
	w.done("add", zed, "--role", "viewer", "--expires", "2031-01-01", "-n", "shop", "--yes").hears(t, "nothing to do")
	w.done("add", zed, "--role", "viewer", "-n", "shop", "--yes").hears(t, "ends at 2031-01-01T00:00:00Z, as before", "nothing to do")
	w.contrib("add", zed, "--role", "owner", "-n", "shop", "--yes").says(t, 1, "the role there is viewer", "kubectl contrib set-role")

	t.Log("set-role: in place, and the date stays")
	w.done("set-role", zed, "--role", "editor", "-n", "shop", "--yes").hears(t, "ends at 2031-01-01T00:00:00Z, as before")
	if after := w.one(zed); after.Metadata.UID != b.Metadata.UID || after.Spec.Role != "editor" || after.Spec.ExpiredAt != b.Spec.ExpiredAt {
		t.Errorf("%+v became %+v", b, after)
	}

	t.Log("who can't be a member")
	for subject, want := range map[string]string{
		"sa:shop/default":       "Kalm knows users and groups, and no service accounts",
		"a@x.com, role_cluster": "writes the name into its policy as text",
		"a#b@x.com":             "writes the name into its policy as text",
	} {
		w.contrib("add", subject, "--role", "viewer", "-n", "shop", "--yes").says(t, 1, want)
	}
	w.contrib("add", zed, "--role", "viewer", "-n", "cluster", "--yes").says(t, 1, "for those of the whole cluster")
	w.contrib("add", zed, "--role", "clusterrole/view", "-n", "shop", "--yes").says(t, 1, "viewer, editor and owner alone")
	w.contrib("add", "Zed2@shop.example", "--role", "viewer", "-n", "shop", "--yes").says(t, 1, "nobody would have the role", "name the user zed2@shop.example")

	t.Log("where Kalm keeps no members, nothing else is given instead")
	w.contrib("add", zed, "--role", "editor", "-n", "plain", "--flavor", "kalm", "--yes").
		says(t, 1, "it is no application of Kalm's", "kubectl label namespace plain kalm-enabled=true")
	if got := w.how(zed, "-n", "plain"); got != "" {
		t.Errorf("in plain: %s", got)
	}

	t.Log("who has no rights is told what is missing, and nobody is taken for nobody")
	nora := homeOf(t, w.cp, "nora@shop.example")
	list := nora.run(t, nil, shared.kubectl(), "contrib", "list", "-n", "shop")
	list.want(t, 0)
	list.hears(t, "cannot read ", "rolebindings.core.kalm.dev", "the answer is partial")
	nora.run(t, nil, shared.kubectl(), "contrib", "list", "-n", "shop", "--strict").want(t, 2)
	nora.run(t, nil, shared.kubectl(), "contrib", "add", "nora@shop.example", "--role", "owner", "-n", "shop", "--yes").
		says(t, 1, "its role bindings cannot be read", "core.kalm.dev")

	t.Log("a group of the same text has another name")
	w.done("add", "group:"+zed, "--role", "viewer", "-n", "shop", "--yes")
	names := ""
	for _, b := range w.bindings(zed) {
		names += b.Metadata.Name + " " + b.Spec.SubjectType + " "
	}
	if want := apiName(zed) + " user " + apiName(zed) + "-group group "; names != want {
		t.Errorf("names %q, want %q", names, want)
	}
	w.done("remove", "group:"+zed, "-n", "shop", "--yes")
	w.one(zed)

	t.Log("suspend: by name, until it is taken back; what it has stays")
	out = w.done("suspend", zed, "--yes")
	out.hears(t, "auditors, shop-team", "still gets through Kalm's protected endpoints")
	if got := w.how(zed, "-A"); got != "kalm-system:suspended:kalm-suspended shop:editor:kalm-suspended" {
		t.Errorf("suspended: %s", got)
	}
	w.done("suspend", zed, "--yes").hears(t, zed+" is suspended")
	w.done("remove", zed, "-n", "kalm-system", "--yes").hears(t, "stays suspended")
	w.done("suspend", zed, "--unsuspend", "--yes")
	if got := w.how(zed, "-A"); got != "shop:editor:kalm" {
		t.Errorf("no longer suspended: %s", got)
	}

	t.Log("roles for the whole cluster")
	w.done("add", zed, "--role", "clusterViewer", "--yes")
	w.done("set-role", zed, "--role", "editor", "--cluster-wide", "--yes")
	if got := w.how(zed, "-n", "shop"); got != "shop:editor:kalm kalm-system:clusterEditor:kalm-cluster" {
		t.Errorf("cluster-wide: %s", got)
	}
	w.done("remove", zed, "--cluster-wide", "--yes")
	w.one(zed)

	t.Log("rename: a subject can't change, so that it is another object")
	w.done("rename", zed, "zoe@shop.example", "--yes")
	if b := w.one("zoe@shop.example"); b.Spec.Role != "editor" || b.Spec.ExpiredAt != "2031-01-01T00:00:00Z" || len(w.bindings(zed)) != 0 {
		t.Errorf("renamed to %+v, left %v", b, w.bindings(zed))
	}

	t.Log("export and apply say the same")
	members := w.done("export", "-n", "shop").stdout
	if !strings.Contains(members, "zoe@shop.example") {
		t.Errorf("exported\n%s", members)
	}

	t.Log("expire: what is past its date goes, a suspension never does")
	w.kubectlWith(nil, "patch", "rolebindings.core.kalm.dev", "-n", "kalm-system", w.suspensionOf("erin@shop.example"),
		"--type=merge", "-p", `{"spec":{"expiredAt":"2026-01-01T00:00:00Z"}}`)
	w.done("expire", "-A", "--yes")
	if got := w.how("dave@shop.example", "-A"); got != "" {
		t.Errorf("dave is still %s", got)
	}
	if got := w.how("erin@shop.example", "-A"); !strings.Contains(got, "suspended:kalm-suspended") {
		t.Errorf("erin is %s", got)
	}

	t.Log("remove and offboard")
	w.done("remove", "zoe@shop.example", "-n", "shop", "--yes")
	w.done("offboard", "erin@shop.example", "--yes")
	for _, gone := range []string{"zoe@shop.example", "erin@shop.example"} {
		if left := w.bindings(gone); len(left) > 0 {
			t.Errorf("%s has still %v", gone, left)
		}
	}
}

func (w kalmWorld) suspensionOf(subject string) string {
	w.t.Helper()
	for _, b := range w.bindings(subject) {
		if b.Spec.Role == "suspended" {
			return b.Metadata.Name
		}
	}
	w.t.Fatalf("%s is not suspended", subject)
	return ""
}

// TestKalmDoctor finds the traps of the shop on the server, repairs what can be, and finds that no more.
func TestKalmDoctor(t *testing.T) {
	t.Parallel()
	w := newKalmWorld(t)
	before := w.contrib("doctor", "-A")
	before.want(t, 1)
	for _, id := range []string{"KL001", "KL002", "KL003", "KL004", "KL005", "KL006"} {
		if !strings.Contains(before.stdout, id) {
			t.Errorf("%s is not found:\n%s", id, before.stdout)
		}
	}
	after := w.contrib("doctor", "-A", "--fix", "--yes")
	after.want(t, 1)
	for _, id := range []string{"KL001", "KL004", "KL006"} {
		if strings.Contains(after.stdout, id) {
			t.Errorf("%s is still found:\n%s", id, after.stdout)
		}
	}
	if b := w.one("frank@shop.example"); b.Spec.Role != "owner" || b.Metadata.Name != apiName("frank@shop.example") {
		t.Errorf("frank has %+v", b)
	}
	if left := w.bindings("mallory@shop.example, role_cluster_owner"); len(left) > 0 {
		t.Errorf("mallory has still %v", left)
	}
}
