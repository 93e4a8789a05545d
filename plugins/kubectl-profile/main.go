// Command kubectl-profile is the kubectl plugin "kubectl profile": the workspaces of a cluster, from their first day to
// their last.
package main

import (
	"os"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
)

func main() { os.Exit(cli.Main(profile.NewCommand)) }
