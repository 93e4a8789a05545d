// Command minimal is the least that a program with a command line (cobra) and a client for Kubernetes (client-go) can
// be. How long it takes to start is what the plugins' own start is compared with.
//
//	minimal [--kubeconfig FILE]     count the namespaces of a cluster
//	minimal --version
package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
)

func main() {
	kubeconfig := ""
	cmd := &cobra.Command{
		Use:     "minimal",
		Version: "v0.0.0",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
			if err != nil {
				return err
			}
			client, err := kubernetes.NewForConfig(config)
			if err != nil {
				return err
			}
			namespaces, err := client.CoreV1().Namespaces().List(cmd.Context(), metav1.ListOptions{})
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), len(namespaces.Items))
			return err
		},
	}
	cmd.Flags().StringVar(&kubeconfig, "kubeconfig", "", "`FILE` to read the cluster's address and credentials from.")
	if cmd.Execute() != nil {
		os.Exit(1)
	}
}
