package accesstoken

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// The example company, and the tokens with every mistake.
const (
	acme   = "../../../examples/acme"
	tokens = "../../../examples/tokens"
)

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// execute runs the plugin as a function, with stdin as its input, on a day in November 2026.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: "kubectl accesstoken", New: NewCommand, Clock: clocktesting.NewFakePassiveClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))}.Run(t, stdin, args...)
}

// pasted is a token of the account of examples/tokens: its signature is none.
const pasted = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJodHRwczovL2t1YmVybmV0ZXMuZGVmYXVsdC5zdmMiLCJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6c2hvcDpnb29kIiwiYXVkIjpbImFwaSJdLCJleHAiOjE4MTE4MDgwMDAsImt1YmVybmV0ZXMuaW8iOnsibmFtZXNwYWNlIjoic2hvcCIsInNlcnZpY2VhY2NvdW50Ijp7Im5hbWUiOiJnb29kIn0sInNlY3JldCI6eyJuYW1lIjoiZ29vZC0yMDI2MTEwMS0wOTAwMDAifX19.bm9uZQ"

// kalmToken is the text in an AccessToken of the examples that is right.
const kalmToken = "example-good-example-good-example-good-example-good-example-good"

func TestCommands(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		stdin string
		args  []string
	}{
		"list/bare":              {args: []string{"--from", acme}},
		"list/all":               {args: []string{"list", "--from", tokens}},
		"list/wide":              {args: []string{"list", "-n", "shop", "-o", "wide", "--from", tokens}},
		"list/json":              {args: []string{"list", "-n", "legacy", "-o", "json", "--from", tokens}},
		"list/name":              {args: []string{"list", "-o", "name", "--from", tokens}},
		"list/csv":               {args: []string{"list", "-n", "legacy", "-o", "csv", "--from", tokens}},
		"list/concerned":         {args: []string{"list", "-n", "build", "--from", tokens}},
		"list/none":              {args: []string{"list", "-n", "elsewhere", "--from", acme}},
		"describe/bound":         {args: []string{"describe", "strong", "-n", "shop", "--from", tokens}},
		"describe/groups":        {args: []string{"describe", "runner", "--from", tokens}},
		"describe/invalid":       {args: []string{"describe", "secret/invalid-token", "--from", tokens}},
		"describe/short":         {args: []string{"describe", "accesstoken/7e", "--from", tokens}},
		"describe/revoked":       {args: []string{"describe", "revoked", "--from", tokens}},
		"describe/lasting":       {args: []string{"describe", "secret/builder-token", "--from", tokens}},
		"describe/kalm":          {args: []string{"describe", "deploy", "--from", tokens}},
		"describe/json":          {args: []string{"describe", "deploy", "-o", "json", "--from", tokens}},
		"describe/slip":          {args: []string{"describe", "goood", "--from", tokens}},
		"describe/pasted":        {stdin: pasted + "\n", args: []string{"describe", "-", "--from", tokens}},
		"describe/pasted-json":   {stdin: pasted, args: []string{"describe", "-", "-o", "json", "--from", tokens}},
		"describe/pasted-gone":   {stdin: pasted, args: []string{"describe", "-", "--from", acme}},
		"describe/pasted-kalm":   {stdin: kalmToken, args: []string{"describe", "-", "--from", tokens}},
		"describe/pasted-none":   {stdin: "a-word", args: []string{"describe", "-", "--from", tokens}},
		"describe/argument":      {args: []string{"describe", pasted}},
		"describe/bare-token":    {args: []string{pasted}},
		"revoke/bound":           {args: []string{"revoke", "good", "-n", "shop", "--dry-run=client", "--preview=none", "--from", tokens}},
		"revoke/keep":            {args: []string{"revoke", "good", "--keep-account", "--dry-run=client", "--from", tokens}},
		"revoke/kalm":            {args: []string{"revoke", "deploy", "--dry-run=client", "--from", tokens}},
		"revoke/expired":         {args: []string{"revoke", "--expired", "--dry-run=client", "--preview=none", "--from", tokens}},
		"revoke/one-wrong":       {args: []string{"revoke", "good", "nosuch", "-n", "shop", "--dry-run=client", "--from", tokens}},
		"revoke/none":            {args: []string{"revoke", "--dry-run=client", "--from", tokens}},
		"audit/table":            {args: []string{"audit", "--severity", "info", "--from", tokens}},
		"audit/text":             {args: []string{"audit", "-n", "shop", "-o", "text", "--severity", "info", "--from", tokens}},
		"audit/kalm":             {args: []string{"audit", "--rule", "TK004,TK008,TK009", "-o", "text", "--from", tokens}},
		"audit/concerned":        {args: []string{"audit", "-n", "build", "--severity", "info", "--from", tokens}},
		"audit/acme":             {args: []string{"audit", "--from", acme}},
		"create/manifests":       {args: []string{"create", "ci", "--may", "get,patch:deployments.apps/web", "--may", "view:pods", "--memo", "the pipeline", "-n", "shop", "--dry-run=client", "-o", "yaml"}},
		"create/rotate":          {args: []string{"create", "good", "--rotate", "--expires", "1d", "-n", "shop", "--dry-run=client", "--from", tokens}},
		"create/there":           {args: []string{"create", "good", "--may", "view:pods", "-n", "shop", "--dry-run=client", "--from", tokens}},
		"create/strong":          {args: []string{"create", "ci", "--may", "create:serviceaccounts/token", "--may", "get:secrets", "-n", "shop", "--dry-run=client", "-o", "name", "--from", tokens}},
		"create/bad-may":         {args: []string{"create", "ci", "--may", "gte:pods", "-n", "shop", "--dry-run=client"}},
		"create/no-may":          {args: []string{"create", "ci", "-n", "shop", "--dry-run=client"}},
		"create/short":           {args: []string{"create", "ci", "--may", "view:pods", "--expires", "5m", "-n", "shop", "--dry-run=client"}},
		"create/offline":         {args: []string{"create", "ci", "--may", "view:pods", "-n", "shop", "--from", tokens}},
		"create/output":          {args: []string{"create", "ci", "--may", "view:pods", "-n", "shop", "-o", "yaml"}},
		"create/dry-token":       {args: []string{"create", "ci", "--may", "view:pods", "-n", "shop", "-o", "token", "--dry-run=client"}},
		"create/kalm-verify":     {args: []string{"create", "ci", "--flavor", "kalm", "--may", "view:components", "-n", "shop", "--verify"}},
		"create/kalm-audience":   {args: []string{"create", "ci", "--flavor", "kalm", "--may", "view:components", "-n", "shop", "--audience", "x"}},
		"create/kalm-config":     {args: []string{"create", "ci", "--flavor", "kalm", "--may", "view:components", "-n", "shop", "-o", "kubeconfig"}},
		"create/kalm-unmet":      {args: []string{"create", "ci", "--flavor", "kalm", "--may", "view:httproutes", "-n", "shop", "--dry-run=client"}},
		"create/kalm-slip":       {args: []string{"create", "ci", "--flavor", "kalm", "--may", "view:compnents", "-n", "shop", "--dry-run=client"}},
		"create/kalm-there":      {args: []string{"create", "deploy", "--flavor", "kalm", "--may", "view:components", "-n", "shop", "--dry-run=client", "--from", tokens}},
		"create/kalm-gone":       {args: []string{"create", "ci", "--flavor", "kalm", "--rotate", "-n", "shop", "--dry-run=client", "--from", tokens}},
		"create/audience":        {args: []string{"create", "ci", "--may", "view:pods", "-n", "shop", "--audience", "x", "--verify"}},
		"create/audience-config": {args: []string{"create", "ci", "--may", "view:pods", "-n", "shop", "--audience", "x", "-o", "kubeconfig", "--from", tokens}},
		"create/years":           {args: []string{"create", "ci", "--may", "patch:deployments.apps/web", "-n", "shop", "--expires", "3650d", "--dry-run=client", "-o", "name", "--from", tokens}},
		"create/flavor":          {args: []string{"create", "ci", "--flavor", "kubeflow", "--may", "view:components", "-n", "shop"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, tt.stdin, tt.args...)
			for _, secret := range []string{pasted, kalmToken} {
				for _, part := range append(strings.Split(secret, "."), secret) {
					if len(part) > 20 && strings.Contains(got.Stdout+got.Stderr, part) {
						t.Error("a part of a token is shown")
					}
				}
			}
			golden.Equal(t, got.String(), name)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "list", "create", "describe", "revoke", "audit"} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(strings.Fields(command), "--help")...)
			if got.Code != 0 || got.Stderr != "" {
				t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
			}
			golden.Equal(t, got.Stdout, "help/"+strings.TrimSuffix("accesstoken-"+command, "-"))
		})
	}
}
