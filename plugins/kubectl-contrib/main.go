// Command kubectl-contrib is the kubectl plugin "kubectl contrib": the members of workspaces, on Kubeflow and on plain
// Kubernetes.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/contrib"
)

func main() { os.Exit(cli.Main(contrib.NewCommand)) }
