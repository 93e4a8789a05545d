// Command kubectl-queueaccess is the kubectl plugin "kubectl queueaccess": who may use which queue, on Kaiwo and on Kueue.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/queueaccess"
)

func main() { os.Exit(cli.Main(queueaccess.NewCommand)) }
