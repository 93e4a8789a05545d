// Command kubectl-clusterauth is the kubectl plugin "kubectl clusterauth": who gets into the clusters that k0rdent makes,
// and into any other cluster that reads an AuthenticationConfiguration.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/clusterauth"
)

func main() { os.Exit(cli.Main(clusterauth.NewCommand)) }
