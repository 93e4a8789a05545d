// Command kubectl-whocan is the kubectl plugin "kubectl whocan": who may do what on a cluster, where and why.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/whocan"
)

func main() { os.Exit(cli.Main(whocan.NewCommand)) }
