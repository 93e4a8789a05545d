package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestWriteScripts runs testdata/write: scripts that change the scratch control plane, one after the other. A script
// starts as a superuser and has these commands beside those of testscript:
//
//	kubectl ARG...              run kubectl; ! when it must fail
//	exitcode N PROGRAM ARG...   run a program that must end with this code
//	as USER [GROUP...]          be somebody else from now on; "as admin" is the superuser
//	profiles NAME...            make profiles as Kubeflow's controller leaves them, of owner-of-NAME@example.com
func TestWriteScripts(t *testing.T) {
	cp := scratch(t)
	as := func(ts *testscript.TestScript, neg bool, args []string) {
		need(ts, !neg && len(args) >= 1, "as USER [GROUP...]")
		if args[0] == "admin" {
			ts.Setenv("KUBECONFIG", cp.Admin())
			return
		}
		kubeconfig, err := cp.Kubeconfig(args[0], args[1:]...)
		ts.Check(err)
		ts.Setenv("KUBECONFIG", kubeconfig)
	}
	profiles := func(ts *testscript.TestScript, neg bool, args []string) {
		need(ts, !neg && len(args) > 0, "profiles NAME...")
		makeProfiles(t, cp, args...)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "write"),
		UpdateScripts:       os.Getenv("GATEHOUSE_UPDATE") != "",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			for name, value := range map[string]string{
				"PATH": shared.bin, "HOME": filepath.Join(env.WorkDir, "home"), "KUBECONFIG": cp.Admin(),
				"KUBECACHEDIR": filepath.Join(env.WorkDir, "cache"),
			} {
				env.Setenv(name, value)
			}
			examples := filepath.Join(shared.root, "examples")
			return errors.Join(os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o700),
				os.CopyFS(filepath.Join(env.WorkDir, "examples"), os.DirFS(examples)))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"as": as, "exitcode": scriptExitCode, "kubectl": scriptKubectl, "profiles": profiles,
		},
	})
}
