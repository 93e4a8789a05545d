// Command multicall is etcd, kube-apiserver, kube-controller-manager and kubectl in one file, so that the test control plane is linked once
// and kept once. The base name it is called by chooses the program; when that is none of the four, the first argument does.
//
// With GATEHOUSE_CONTROLPLANE_PARENT set to a process id, the program ends when that process is no longer its parent: a test that is killed
// leaves no server behind, also where the operating system has no signal for it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // REST client metrics, as upstream's own mains register them
	_ "k8s.io/component-base/metrics/prometheus/version"  // build information metric
	kubectl "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

func main() {
	if parent, err := strconv.Atoi(os.Getenv("GATEHOUSE_CONTROLPLANE_PARENT")); err == nil {
		go dieWith(parent)
	}
	if program := find(filepath.Base(os.Args[0])); program != nil {
		os.Exit(program())
	}
	if len(os.Args) > 1 {
		if program := find(os.Args[1]); program != nil {
			os.Args = os.Args[1:]
			os.Exit(program())
		}
	}
	fmt.Fprintf(os.Stderr, "%s: not a program of this binary: call it as etcd, kube-apiserver, kube-controller-manager or kubectl\n", os.Args[0])
	os.Exit(2)
}

// find returns the program of that name, or nil. A program reads os.Args itself and returns its exit code.
func find(name string) func() int {
	switch name {
	case "etcd":
		return func() int {
			etcdmain.Main(os.Args)
			return 0
		}
	case "kube-apiserver":
		return func() int { return cli.Run(apiserver.NewAPIServerCommand()) }
	case "kube-controller-manager":
		return func() int { return cli.Run(controllermanager.NewControllerManagerCommand()) }
	case "kubectl":
		return func() int {
			if err := cli.RunNoErrOutput(kubectl.NewDefaultKubectlCommand()); err != nil {
				kubectlutil.CheckErr(err) // prints the error as kubectl does and exits with its code
				return 1
			}
			return 0
		}
	}
	return nil
}

// dieWith ends this process as soon as parent is not its parent any more.
func dieWith(parent int) {
	for os.Getppid() == parent {
		time.Sleep(500 * time.Millisecond)
	}
	os.Exit(1)
}
