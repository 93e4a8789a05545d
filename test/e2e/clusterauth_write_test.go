package e2e

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// authRelease is what k0rdent's controller has made of a cluster: until then there is nothing that could roll.
const authRelease = `---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: NAME, namespace: NS}
spec: {interval: 10m, chartRef: {kind: HelmChart, name: openstack-standalone-cp-1-0-46}, values: {}}
`

// bystander is a random value in a Secret whose CA is changed: nobody wants to see or to lose it.
type bystander struct{ stored string }

// newBystander puts a random value into the Secret with the CA.
func newBystander(t *testing.T, w authWorld) bystander {
	t.Helper()
	random := make([]byte, 48)
	_, _ = rand.Read(random) // it never fails
	b := bystander{base64.StdEncoding.EncodeToString(random)}
	w.admin.kubectl(t, "patch", "secret", "dex-ca", "-n", w.namespace, "-p", `{"data": {"tls.key": "`+b.stored+`"}}`).want(t, 0)
	return b
}

// hidden fails the test if the value, or what is beside it from the start, is in what a program said.
func (b bystander) hidden(t *testing.T, o outcome) {
	t.Helper()
	random, err := base64.StdEncoding.DecodeString(b.stored)
	if err != nil {
		t.Fatal(err)
	}
	o.reveals(t, b.stored, b.stored[:24], string(random), hex.EncodeToString(random),
		neighbour, base64.StdEncoding.EncodeToString([]byte(neighbour)))
}

// others are the keys of the Secret but for the CA, and its labels and annotations, as they are stored.
func (w authWorld) others(t *testing.T) string {
	t.Helper()
	var all []string
	for _, path := range []string{`.data.tls\.key`, ".data.other", ".metadata.labels", ".metadata.annotations", ".type"} {
		all = append(all, w.jsonpath(t, "secret/dex-ca", path))
	}
	return strings.Join(all, " ")
}

// stored is a key of the Secret.
func (w authWorld) stored(t *testing.T, key string) string {
	t.Helper()
	data, err := base64.StdEncoding.DecodeString(w.jsonpath(t, "secret/dex-ca", ".data."+strings.ReplaceAll(key, ".", `\.`)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// tries are the ways to look at a change without making it.
func tries() [][]string {
	return [][]string{
		nil,
		{"--dry-run=client"},
		{"--dry-run=client", "-o", "yaml"},
		{"--dry-run=client", "-o", "json"},
		{"--dry-run=server"},
		{"--dry-run=server", "-o", "yaml"},
		{"--dry-run=server", "--preview=full"},
	}
}

// tried looks at a change in all ways: nothing is written by that, and nothing of the bystander is shown.
func (b bystander) tried(t *testing.T, w authWorld, args []string) {
	t.Helper()
	before := w.versions(t)
	for _, flags := range tries() {
		t.Run(strings.Join(append(args[:2:2], flags...), " "), func(t *testing.T) {
			out := w.admin.clusterauth(t, append(slices.Clip(args), flags...)...)
			if flags == nil {
				out.want(t, 1)
				out.hears(t, "nothing was changed: there is no terminal to ask on")
			} else {
				out.want(t, 0)
			}
			b.hidden(t, out)
		})
	}
	if after := w.versions(t); after != before {
		t.Errorf("%s: a try has written something:\n%s\n%s", args[0], before, after)
	}
}

// TestClusterauthRotate exchanges the CA of an issuer in its two steps, in a Secret that holds a key of somebody else.
func TestClusterauthRotate(t *testing.T) {
	w := newAuthWorld(t, "auth-rotate", "edge")
	w.apply(t, strings.ReplaceAll(authRelease, "NAME", "edge"))
	b := newBystander(t, w)
	fresh := newAuthority(t, "new, of the issuer")
	file := filepath.Join(folder(t, map[string]string{"new.crt": fresh.pem}), "new.crt")
	others := w.others(t)
	annotation := ""
	for _, step := range []struct {
		flags []string
		want  string
	}{
		{nil, w.ca.pem + fresh.pem},
		{[]string{"--finish"}, fresh.pem},
	} {
		args := append([]string{"ca", "rotate", "dex", "-n", w.namespace, "--ca-file", file}, step.flags...)
		b.tried(t, w, args)
		out := w.admin.clusterauth(t, append(args, "--yes", "--preview=full", "-o", "yaml")...)
		out.want(t, 0)
		out.hears(t, "cluster auth-rotate/edge: ", "2 other keys that the plan neither shows nor touches")
		b.hidden(t, out)
		if got := w.stored(t, "ca.crt"); got != step.want {
			t.Errorf("%v: the CA is\n%swant\n%s", step.flags, got, step.want)
		}
		if got := w.others(t); got != others {
			t.Errorf("%v: what is beside the CA has changed", step.flags)
		}
		now := w.jsonpath(t, "clusterauthentication/dex", `.metadata.annotations.gatehouse\.dev/ca-changed`)
		if now == "" || now == annotation {
			t.Errorf("%v: the annotation that makes the controller look is %q, and was %q", step.flags, now, annotation)
		}
		annotation = now
		before := w.versions(t)
		again := w.admin.clusterauth(t, append(args, "--yes", "-o", "yaml")...)
		again.want(t, 0)
		again.hears(t, "nothing to do")
		b.hidden(t, again)
		if after := w.versions(t); after != before {
			t.Errorf("%v: the second call has written something:\n%s\n%s", step.flags, before, after)
		}
	}
}

// TestClusterauthCreateIntoSecret puts the CA of a new ClusterAuthentication into a Secret that holds keys of others.
func TestClusterauthCreateIntoSecret(t *testing.T) {
	w := newAuthWorld(t, "auth-create")
	b := newBystander(t, w)
	fresh := newAuthority(t, "of another issuer")
	file := filepath.Join(folder(t, map[string]string{"new.crt": fresh.pem}), "new.crt")
	others := w.others(t)
	args := []string{
		"create", "another", "-n", w.namespace, "--issuer", "https://another.example", "--audience", "a",
		"--ca-file", file, "--ca-secret", "dex-ca:another.crt",
	}
	b.tried(t, w, args)
	out := w.admin.clusterauth(t, append(args, "--yes", "--preview=full", "-o", "yaml")...)
	out.want(t, 0)
	b.hidden(t, out)
	if got := w.stored(t, "another.crt"); got != fresh.pem {
		t.Errorf("the CA is %q", got)
	}
	if got := w.stored(t, "ca.crt"); got != w.ca.pem {
		t.Errorf("the CA of dex has become %q", got)
	}
	if got := w.others(t); got != others {
		t.Error("what is beside the CA has changed")
	}
	if got := w.jsonpath(t, "clusterauthentication/another", ".spec.caSecret.key"); got != "another.crt" {
		t.Errorf("the key of the CA is %q", got)
	}
	before := w.versions(t)
	again := w.admin.clusterauth(t, append(args, "--yes", "-o", "yaml")...)
	again.says(t, 1, "it is there already")
	b.hidden(t, again)
	if after := w.versions(t); after != before {
		t.Errorf("the second call has written something:\n%s\n%s", before, after)
	}
}

// TestClusterauthSyncCopies brings a copy up to date that k0rdent made, and no other object of that name.
func TestClusterauthSyncCopies(t *testing.T) {
	system := newAuthWorld(t, "auth-sync")
	team, own := newAuthWorld(t, "auth-sync-team"), newAuthWorld(t, "auth-sync-own")
	team.apply(t, `apiVersion: k0rdent.mirantis.com/v1beta1
kind: AccessManagement
metadata: {name: auth-sync}
spec: {accessRules: [{targetNamespaces: {list: [auth-sync-team, auth-sync-own]}, clusterAuthentications: [dex]}]}
`)
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		cmd := exec.CommandContext(ctx, shared.kubectl(), "delete", "accessmanagement", "auth-sync", "--kubeconfig", system.cp.Admin())
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("delete accessmanagement: %v\n%s", err, text)
		}
	})
	const authentication = "clusterauthentication/dex"
	team.admin.kubectl(t, "label", authentication, "-n", team.namespace, "k0rdent.mirantis.com/managed=true", "team=a").want(t, 0)
	system.admin.kubectl(t, "patch", authentication, "-n", system.namespace, "--type=json",
		"-p", `[{"op": "add", "path": "/spec/authenticationConfiguration/jwt/0/issuer/audiences/-", "value": "new-app"}]`).want(t, 0)
	before := own.versions(t) + system.versions(t)
	args := []string{"sync-copies", "--system-namespace", system.namespace}
	system.admin.clusterauth(t, append(args, "--dry-run=server")...).want(t, 0)
	audiences := ".spec.authenticationConfiguration.jwt[0].issuer.audiences"
	if got := team.jsonpath(t, authentication, audiences); got != `["kubernetes"]` {
		t.Errorf("the dry run has written %s", got)
	}
	out := system.admin.clusterauth(t, append(args, "--yes")...)
	out.want(t, 0)
	out.hears(t, "auth-sync-own/dex is not k0rdent's, and stays as it is")
	if got := team.jsonpath(t, authentication, audiences); got != `["kubernetes","new-app"]` {
		t.Errorf("the copy has %s\nstdout: %s\nstderr: %s", got, out.stdout, out.stderr)
	}
	if got := team.jsonpath(t, authentication, ".spec.caSecret.namespace"); got != system.namespace {
		t.Errorf("the copy takes its CA from namespace %q", got)
	}
	if got := team.jsonpath(t, authentication, `.metadata.labels`); got != `{"k0rdent.mirantis.com/managed":"true","team":"a"}` {
		t.Errorf("the copy has the labels %s", got)
	}
	if after := own.versions(t) + system.versions(t); after != before {
		t.Errorf("more was written than the copy:\n%s\n%s", before, after)
	}
	again := team.versions(t)
	out = system.admin.clusterauth(t, append(args, "--yes")...)
	out.want(t, 0)
	out.hears(t, "nothing to do")
	if after := team.versions(t); after != again {
		t.Errorf("the second call has written something:\n%s\n%s", again, after)
	}
}

// TestClusterauthAttachWarns attaches a cluster of a single machine: that it goes is told before anything is written.
func TestClusterauthAttachWarns(t *testing.T) {
	w := newAuthWorld(t, "auth-attach")
	w.apply(t, strings.NewReplacer("NAME", "lone", "  clusterAuth: dex\n", "", "replicas: 3", "replicas: 1", "controlPlaneNumber: 3", "controlPlaneNumber: 1").
		Replace(authCluster+authRelease))
	const warning = "warning: clusterdeployment auth-attach/lone (KC040): its control plane has a single machine, which is replaced"
	before := w.versions(t)
	args := []string{"attach", "lone", "dex", "-n", w.namespace}
	w.admin.clusterauth(t, args...).says(t, 1, warning, "nothing was changed: there is no terminal to ask on")
	w.admin.clusterauth(t, append(args, "--dry-run=client")...).hears(t, warning)
	w.admin.clusterauth(t, append(args, "--dry-run=server")...).hears(t, warning)
	// Somebody who may not write hears of it, too.
	w.grant(t, "planner@clusterauth.example", `[{apiGroups: ["*"], resources: ["*"], verbs: [get, list]}]`).
		clusterauth(t, append(args, "--yes")...).says(t, 1, warning)
	if after := w.versions(t); after != before {
		t.Errorf("something was written:\n%s\n%s", before, after)
	}
	cmd := exec.CommandContext(t.Context(), shared.kubectl(), append(append([]string{"clusterauth"}, args...), "--yes")...)
	var said bytes.Buffer // one for both streams: what comes first matters
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = w.admin.env(), w.admin.dir, &said, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	told, done := strings.Index(said.String(), warning), strings.Index(said.String(), "clusterdeployment.k0rdent.mirantis.com/lone configured")
	if told < 0 || done < told {
		t.Errorf("the warning does not come first:\n%s", said.String())
	}
	if got := w.jsonpath(t, "clusterdeployment/lone", ".spec.clusterAuth"); got != "dex" {
		t.Errorf("the cluster uses %q", got)
	}
}
