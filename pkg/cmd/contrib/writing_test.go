package contrib

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// offers returns the words that a completion of the arguments offers; the last one is being typed.
func offers(t *testing.T, args ...string) []string {
	t.Helper()
	got := execute(t, "", append([]string{cobra.ShellCompRequestCmd}, args...)...)
	if got.Code != 0 || got.Stderr != "" {
		t.Errorf("exit %d, stderr %q, want neither", got.Code, got.Stderr)
	}
	lines := strings.Split(strings.TrimSuffix(got.Stdout, "\n"), "\n")
	words := slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, ":") })
	for i := range words {
		words[i], _, _ = strings.Cut(words[i], "\t")
	}
	return words
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ args, want []string }{
		"commands":           {[]string{"ex"}, []string{"expire", "export"}},
		"members":            {[]string{"remove", "--from", acme, "-n", "team-vision", "p"}, []string{"priya@acme.example"}},
		"members, with kind": {[]string{"set-role", "--from", acme, "-n", "team-vision", "user:b"}, []string{"user:bob@acme.example"}},
		"anybody":            {[]string{"add", "--from", acme, "-n", "team-vision", "group:s"}, []string{"group:scientists", "group:shop-developers", "group:sre", "group:system:serviceaccounts:ci"}},
		"who leaves":         {[]string{"offboard", "--from", acme, "ze"}, []string{}},
		"one who leaves":     {[]string{"offboard", "--from", acme, "zoe@acme.example", ""}, []string{}},
		"heir":               {[]string{"offboard", "--from", acme, "zoe@acme.example", "--transfer-to", "da"}, []string{"dana@acme.example"}},
		"listed subject":     {[]string{"list", "--from", acme, "--subject", "sa:"}, []string{"sa:ci/deployer"}},
		"roles":              {[]string{"add", "bob", "--role", ""}, []string{"editor", "owner", "viewer", "clusterEditor", "clusterOwner", "clusterViewer"}},
		"roles to take":      {[]string{"remove", "bob", "--role", ""}, []string{"editor", "owner", "viewer"}},
		"ends":               {[]string{"set-role", "bob", "--expires", ""}, []string{"12h", "7d", "2w", "never"}},
		"dry run":            {[]string{"add", "bob", "--dry-run", ""}, []string{"none", "client", "server"}},
		"formats":            {[]string{"add", "bob", "-o", ""}, []string{"yaml", "json", "name"}},
		"formats of export":  {[]string{"export", "-o", ""}, []string{"yaml", "csv", "manifests"}},
		"namespaces":         {[]string{"list", "--from", acme, "-n", "team"}, []string{"team-nlp", "team-vision"}},
		"nothing to read":    {[]string{"remove", "--from", "nope", ""}, []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := offers(t, tt.args...)
			slices.Sort(got)
			slices.Sort(tt.want)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("offers differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		typed []string
		want  string
	}{
		"plain":  {[]string{"bob@x.com", "--role", "editor"}, "kubectl contrib add bob@x.com --role editor -n dev"},
		"quoted": {[]string{"user:a b", "it's", "--role=editor", "--yes", "-n", "qa", "--as", "me", "--dry-run=server", "-o", "yaml", "--field-manager=x", "--preview", "full"}, `kubectl contrib add 'user:a b' 'it'\''s' --role editor -n dev`},
		"flags":  {[]string{"bob", "--no-http", "--flavor", "native"}, "kubectl contrib add bob --flavor native --no-http -n dev"},
		"lists":  {[]string{"bob", "--gateway-principal", "a/b", "--gateway-principal", "c"}, "kubectl contrib add bob --gateway-principal a/b --gateway-principal c -n dev"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := &cobra.Command{Use: "kubectl-contrib", Annotations: map[string]string{cobra.CommandDisplayNameAnnotation: "kubectl contrib"}}
			root.PersistentFlags().StringP("namespace", "n", "", "")
			root.PersistentFlags().String("as", "", "")
			got := ""
			add := &cobra.Command{Use: "add", Run: func(cmd *cobra.Command, args []string) { got = commandLine(cmd, args, "dev") }}
			fs := add.Flags()
			for _, name := range []string{"role", "dry-run", "output", "field-manager", "preview", "flavor"} {
				short := ""
				if name == "output" {
					short = "o"
				}
				fs.StringP(name, short, "", "")
			}
			fs.Bool("yes", false, "")
			fs.Bool("no-http", false, "")
			fs.StringArray("gateway-principal", nil, "")
			root.AddCommand(add)
			root.SetArgs(append([]string{"add"}, tt.typed...))
			if err := root.Execute(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAdviser(t *testing.T) {
	t.Parallel()
	inv := &inventory.Inventory{
		Served: map[inventory.Kind]bool{},
		Namespaces: []*corev1.Namespace{{ObjectMeta: metav1.ObjectMeta{
			Name: "dev", Labels: map[string]string{workspace.Label: "true"}, Annotations: map[string]string{workspace.OwnerAnnotation: "user:dana"},
		}}},
	}
	s := workspace.NewState(inv, workspace.Options{Flavor: workspace.Native})
	bindings := rbacv1.PolicyRule{Resources: []string{"rolebindings"}}
	policies := rbacv1.PolicyRule{Resources: []string{"authorizationpolicies"}, Verbs: []string{"create"}}
	changed := rbacv1.PolicyRule{Resources: []string{"authorizationpolicies"}, Verbs: []string{"create", "delete"}}
	const administrator = "ask an administrator to run: RUN"
	const nobody = "no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or " + administrator
	for name, tt := range map[string]struct{ got, want string }{
		"owned":    {contrib.Adviser(s, "RUN", false)(bindings, "dev"), "ask the owner, user:dana, or an administrator to run: RUN"},
		"unknown":  {contrib.Adviser(s, "RUN", false)(bindings, "qa"), administrator},
		"policies": {contrib.Adviser(s, "RUN", false)(policies, "dev"), nobody},
		"set-role": {contrib.Adviser(s, "RUN", true)(changed, "dev"), nobody},
		"add":      {contrib.Adviser(s, "RUN", true)(policies, "dev"), nobody + "; --no-http gives the rights in Kubernetes alone"},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestCronJob(t *testing.T) {
	t.Parallel()
	got := execute(t, "", "expire", "--cronjob", "--image", "registry.example.com/gatehouse:v1", "--schedule", "@hourly")
	for _, want := range []string{"kind: CronJob", "image: registry.example.com/gatehouse:v1", "schedule: '@hourly'", "authorizationpolicies"} {
		if !strings.Contains(got.Stdout, want) {
			t.Errorf("no %q in:\n%s", want, got.Stdout)
		}
	}
	if got.Code != 0 || got.Stderr != "" {
		t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
	}
	native := execute(t, "", "expire", "--cronjob", "--image", "x", "--flavor", "native", "-o", "json")
	if native.Code != 0 || strings.Contains(native.Stdout, "authorizationpolicies") || !strings.Contains(native.Stdout, `"kind": "List"`) ||
		!strings.Contains(native.Stdout, `"--no-istio"`) {
		t.Errorf("native: %s", native)
	}
}
