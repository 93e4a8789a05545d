package clusterauth

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Login says how a person logs in to a cluster. What is empty is chosen where there is no choice.
type Login struct {
	// Issuer is the URL of one of the issuers.
	Issuer string
	// Audience is one of the issuer's audiences, which is the client's id at the issuer.
	Audience string
	// Name is what the context, its cluster and, with "-oidc" behind it, its user are called; empty is the cluster's name.
	Name string
	// Scopes are what the client asks for beside openid; nil are those that the claims need which the configuration uses.
	Scopes []string
}

// Kubeconfig returns a kubeconfig for people who log in to a cluster through an issuer of its ClusterAuthentication: the
// server and its CA are those of the administrator's kubeconfig, whose key, token and certificate are left where they are,
// and the user is the plugin oidc-login of kubectl (int128/kubelogin). The notes say what may keep people out. Errors never
// hold content of the administrator's kubeconfig; those that the user can mend are [Refusal]s.
func Kubeconfig(c Cluster, admin []byte, a Authentication, o Login) (*clientcmdapi.Config, []string, error) {
	refuse := func(next, format string, args ...any) error {
		return Refuse(next, "make kubeconfig of %s: %w", c.object(), fmt.Errorf(format, args...))
	}
	switch {
	case a.Problem != nil:
		return nil, nil, refuse("", "%w", a.Problem)
	case a.Configuration == nil || len(a.Configuration.JWT) == 0:
		return nil, nil, refuse("", "%s has no issuers", a.object())
	}
	jwt, err := a.chooseIssuer(o.Issuer)
	if err != nil {
		return nil, nil, refuse(hintOf(err), "%w", err)
	}
	audience, err := chooseAudience(jwt, o.Audience)
	if err != nil {
		return nil, nil, refuse(hintOf(err), "%w", err)
	}
	server, notes, err := publicCluster(admin)
	if err != nil {
		return nil, nil, refuse(hintOf(err), "%w", err)
	}
	name := o.Name
	if name == "" {
		name = c.Name
	}
	user := name + "-oidc"
	scopes := o.Scopes
	if scopes == nil {
		scopes = scopesFor(jwt)
	}
	exec, more := loginPlugin(a, jwt, audience, scopes)
	notes = append(notes, more...)
	notes = append(notes, loginNotes(c, a, jwt, audience)...)

	out := clientcmdapi.NewConfig()
	out.Clusters[name] = server
	out.AuthInfos[user] = &clientcmdapi.AuthInfo{Exec: exec}
	out.Contexts[name] = &clientcmdapi.Context{Cluster: name, AuthInfo: user}
	out.CurrentContext = name
	return out, notes, nil
}

// publicCluster returns the server of an administrator's kubeconfig, with nothing in it that is secret.
func publicCluster(admin []byte) (*clientcmdapi.Cluster, []string, error) {
	in, err := clientcmd.Load(admin)
	if err != nil {
		// The cause may quote the content.
		return nil, nil, Refuse("", "the administrator's kubeconfig can't be read")
	}
	var from *clientcmdapi.Cluster
	switch context := in.Contexts[in.CurrentContext]; {
	case context != nil && in.Clusters[context.Cluster] != nil:
		from = in.Clusters[context.Cluster]
	case in.CurrentContext == "" && len(in.Clusters) == 1:
		for _, only := range in.Clusters {
			from = only
		}
	default:
		return nil, nil, Refuse("", "the administrator's kubeconfig does not say which cluster it is for")
	}
	out := clientcmdapi.NewCluster()
	var notes []string
	server, err := withoutUser(from.Server)
	if err != nil || server == "" {
		return nil, nil, Refuse("", "the server of the administrator's kubeconfig is no URL")
	}
	out.Server, out.TLSServerName, out.DisableCompression = server, from.TLSServerName, from.DisableCompression
	if from.ProxyURL != "" {
		if out.ProxyURL, err = withoutUser(from.ProxyURL); err != nil {
			return nil, nil, Refuse("", "the proxy of the administrator's kubeconfig is no URL")
		}
		if out.ProxyURL != from.ProxyURL {
			notes = append(notes, "the password of the proxy is left out")
		}
	}
	switch {
	case len(from.CertificateAuthorityData) > 0:
		list, _, err := certificates(from.CertificateAuthorityData)
		if err != nil {
			return nil, nil, Refuse("", "the CA of the administrator's kubeconfig: %w", err)
		}
		out.CertificateAuthorityData = encode(list)
	case from.CertificateAuthority != "":
		return nil, nil, Refuse("", "the CA of the administrator's kubeconfig is in a file that is not at hand")
	case from.InsecureSkipTLSVerify:
		out.InsecureSkipTLSVerify = true
		notes = append(notes, "as in the administrator's kubeconfig, the certificate of the server is not checked: whoever is in "+
			"between gets the tokens of those who log in")
	}
	return out, notes, nil
}

// withoutUser returns a URL without a name and password.
func withoutUser(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "", errNoURL
	}
	if u.User == nil {
		return text, nil
	}
	u.User = nil
	return u.String(), nil
}

// loginPlugin returns the call of the plugin that gets tokens.
func loginPlugin(a Authentication, jwt apiserverv1.JWTAuthenticator, audience string, scopes []string) (*clientcmdapi.ExecConfig, []string) {
	var notes []string
	args := []string{"oidc-login", "get-token", "--oidc-issuer-url=" + jwt.Issuer.URL, "--oidc-client-id=" + audience}
	for _, scope := range scopes {
		args = append(args, "--oidc-extra-scope="+scope)
	}
	ca := []byte(jwt.Issuer.CertificateAuthority)
	if a.CASecret != nil && len(a.CA) > 0 {
		ca = a.CA
	}
	switch list, _, err := certificates(ca); {
	case a.CAProblem != nil:
		notes = append(notes, a.CAProblem.Error()+": the plugin is not told of a CA")
	case len(ca) > 0 && err != nil:
		notes = append(notes, "the CA of the issuer is of no use: "+err.Error())
	case len(ca) > 0:
		args = append(args, "--certificate-authority-data="+base64.StdEncoding.EncodeToString(encode(list)))
	}
	return &clientcmdapi.ExecConfig{
		// Every release of the plugin speaks v1beta1; older ones don't speak v1.
		APIVersion:      "client.authentication.k8s.io/v1beta1",
		Command:         "kubectl",
		Args:            args,
		InteractiveMode: clientcmdapi.IfAvailableExecInteractiveMode,
		InstallHint:     "install the plugin with: kubectl krew install oidc-login",
	}, notes
}

// loginNotes says what may keep people out.
func loginNotes(c Cluster, a Authentication, jwt apiserverv1.JWTAuthenticator, audience string) []string {
	var notes []string
	if from := jwt.Issuer.DiscoveryURL; from != nil && *from != "" {
		notes = append(notes, "the plugin asks the issuer at "+jwt.Issuer.URL+", not at discoveryURL as the API server does: that "+
			"address must answer people's machines")
	}
	switch {
	case c.ClusterAuth != a.Name || c.Namespace != a.Namespace:
		notes = append(notes, c.object()+" does not use "+a.object()+": its API server knows nothing of the issuer")
	case c.Uses() == UseNo:
		notes = append(notes, "template "+c.Template+" ignores clusterAuth: the API server knows nothing of the issuer")
	case c.AuthReady != nil && c.AuthReady.Status != "True":
		notes = append(notes, "KCM reports that authentication is not ready: "+c.AuthReady.Message)
	}
	notes = append(notes, "client "+audience+" must be a public one at the issuer, and allow http://localhost:8000 and "+
		"http://localhost:18000 as redirects; a client secret does not belong in a file that is handed out")
	return notes
}

// scopesFor returns the scopes by which issuers give the claims that are used, sorted. Most know these three names.
func scopesFor(jwt apiserverv1.JWTAuthenticator) []string {
	mappings := jwt.ClaimMappings
	used := []string{mappings.Username.Claim, mappings.Groups.Claim, mappings.UID.Claim}
	expressions := []string{mappings.Username.Expression, mappings.Groups.Expression, mappings.UID.Expression}
	for _, extra := range mappings.Extra {
		expressions = append(expressions, extra.ValueExpression)
	}
	for _, rule := range jwt.ClaimValidationRules {
		used, expressions = append(used, rule.Claim), append(expressions, rule.Expression)
	}
	claims := [][2]string{
		{"email", "email"},
		{"email_verified", "email"},
		{"groups", "groups"},
		{"name", "profile"},
		{"nickname", "profile"},
		{"preferred_username", "profile"},
	}
	out := []string{}
	for _, claim := range claims {
		mentions := func(expression string) bool {
			return slices.Contains(strings.FieldsFunc(expression, func(r rune) bool {
				return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz_", r)
			}), claim[0]) && strings.Contains(expression, "claims")
		}
		if slices.Contains(used, claim[0]) || slices.ContainsFunc(expressions, mentions) {
			out = addOnce(out, claim[1])
		}
	}
	slices.Sort(out)
	return out
}
