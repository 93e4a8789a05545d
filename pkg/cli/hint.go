package cli

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/clientcmd"
)

// causeHints returns what to do about causes that everybody meets: no kubeconfig, no such context, a server that does
// not answer or is not believed, credentials that are not accepted.
func (e *Env) causeHints(cmd *cobra.Command, err error) []string {
	text := err.Error()
	var connection *url.Error
	switch {
	case errors.Is(err, clientcmd.ErrEmptyConfig):
		return e.offline(cmd, e.kubeconfigHint())
	case strings.Contains(text, "exec: executable"):
		return []string{"the kubeconfig's user gets its credentials from that program: is it installed, and on PATH? (" +
			e.kubeconfigFiles() + ")"}
	case apierrors.IsUnauthorized(err):
		return []string{"the credentials of " + e.where("") + " are wrong or have expired: log in again"}
	case errors.As(err, &connection):
		return e.connectionHints(cmd, connection)
	}
	if name, ok := unknownContext(text); ok && len(hintsOf(err)) == 0 {
		if config, readErr := e.kubeconfig(); readErr == nil {
			return e.offline(cmd, e.contextHint(name, slices.Sorted(maps.Keys(config.Contexts))))
		}
	}
	return nil
}

// unknownContext returns the context that client-go says it did not find.
func unknownContext(text string) (string, bool) {
	if _, name, ok := strings.Cut(text, "context was not found for specified context: "); ok {
		return name, true
	}
	before, _, ok := strings.Cut(text, `" does not exist`)
	if !ok {
		return "", false
	}
	_, name, ok := strings.Cut(before, `context "`)
	return name, ok
}

func (e *Env) connectionHints(cmd *cobra.Command, err *url.Error) []string {
	if config, readErr := e.kubeconfig(); readErr == nil && len(config.Clusters) == 0 && *e.Config.APIServer == "" {
		return e.offline(cmd, e.kubeconfigHint())
	}
	at := host(err) + " (" + e.where(host(err)) + ")"
	var (
		verification *tls.CertificateVerificationError
		authority    x509.UnknownAuthorityError
		name         x509.HostnameError
		dns          *net.DNSError
	)
	switch {
	case errors.As(err, &name):
		return []string{"the certificate of " + at + " is for another name: check the address, or give --tls-server-name"}
	case errors.As(err, &authority), errors.As(err, &verification):
		return []string{"the certificate of " + at + " is not trusted: check the certificate authority of the kubeconfig"}
	case errors.As(err, &dns) && dns.IsNotFound:
		return e.offline(cmd, "the name in "+at+" does not resolve: check it, and the network (VPN?)")
	case err.Timeout():
		return e.offline(cmd, at+" did not answer in time: check the network (VPN?), or allow more with --request-timeout")
	case isRefused(err):
		return e.offline(cmd, "nothing listens at "+at+": is the cluster running, and reachable from here?")
	}
	return e.offline(cmd, "the server asked was "+at)
}

// where names the context that a server belongs to, and the files that say so. An empty host means the context in use.
func (e *Env) where(host string) string {
	if *e.Config.APIServer != "" {
		return "--server"
	}
	config, err := e.kubeconfig()
	if err != nil {
		return e.kubeconfigFiles()
	}
	inUse := *e.Config.Context
	if inUse == "" {
		inUse = config.CurrentContext
	}
	names := slices.Sorted(maps.Keys(config.Contexts))
	// The context in use is the likeliest of several with the same server.
	for _, name := range slices.Concat([]string{inUse}, names) {
		context := config.Contexts[name]
		if context == nil {
			continue
		}
		cluster := config.Clusters[context.Cluster]
		if host != "" && (cluster == nil || !serves(cluster.Server, host)) {
			continue
		}
		return fmt.Sprintf("context %q in %s", name, e.kubeconfigFiles())
	}
	return e.kubeconfigFiles()
}

func serves(server, host string) bool {
	u, err := url.Parse(server)
	return err == nil && (u.Host == host || server == host)
}

// offline adds, to commands that can read manifests, that they need no cluster.
func (e *Env) offline(cmd *cobra.Command, hint string) []string {
	if cmd.Flags().Lookup("from") == nil {
		return []string{hint}
	}
	return []string{hint, "--from FILE reads manifests or a snapshot instead of a cluster"}
}
