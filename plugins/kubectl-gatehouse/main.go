// Command kubectl-gatehouse is the kubectl plugin "kubectl gatehouse": a browser of namespaces, roles and grants in the
// terminal, and the commands of all other plugins under one roof.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/gatehouse"
)

func main() { os.Exit(cli.Main(gatehouse.NewCommand)) }
