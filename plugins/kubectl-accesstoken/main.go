// Command kubectl-accesstoken is the kubectl plugin "kubectl accesstoken": tokens for machines, on plain Kubernetes and on Kalm.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/accesstoken"
)

func main() { os.Exit(cli.Main(accesstoken.NewCommand)) }
