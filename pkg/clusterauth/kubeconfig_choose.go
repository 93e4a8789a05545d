package clusterauth

import (
	"errors"
	"maps"
	"reflect"
	"slices"

	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

var errNoURL = errors.New("it is no URL")

// hintOf returns the hint of a [Refusal] that is wrapped anew, empty for none.
func hintOf(err error) string {
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		return refusal.Next
	}
	return ""
}

// chooseIssuer returns the issuer of a URL, or the only one when none is named.
func (a Authentication) chooseIssuer(issuer string) (apiserverv1.JWTAuthenticator, error) {
	for _, jwt := range a.Configuration.JWT {
		if jwt.Issuer.URL == issuer || issuer == "" && len(a.Configuration.JWT) == 1 {
			return jwt, nil
		}
	}
	next := "it has " + join(a.Issuers())
	if issuer == "" {
		return apiserverv1.JWTAuthenticator{}, Refuse(next, "%s has several issuers: want one of them", a.object())
	}
	return apiserverv1.JWTAuthenticator{}, Refuse(next, "%s has no issuer %s", a.object(), issuer)
}

// chooseAudience returns the audience that is named, or the only one.
func chooseAudience(jwt apiserverv1.JWTAuthenticator, audience string) (string, error) {
	audiences := jwt.Issuer.Audiences
	switch {
	case audience == "" && len(audiences) == 1:
		return audiences[0], nil
	case audience == "" && len(audiences) == 0:
		return "", Refuse("", "issuer %s has no audiences, so that it lets in nobody", jwt.Issuer.URL)
	case audience == "":
		return "", Refuse("it has "+join(audiences), "issuer %s has several audiences: want one of them", jwt.Issuer.URL)
	case !slices.Contains(audiences, audience):
		return "", Refuse("it has "+join(audiences), "issuer %s does not take audience %s", jwt.Issuer.URL, audience)
	}
	return audience, nil
}

// Merge returns a kubeconfig with all of existing, and with what added has; neither is changed. The current context stays
// unless there is none. An entry of a name that is taken is replaced only by one that reaches the same cluster: the
// cluster has the same server, the user is a call of oidc-login, too. Else it is a [Refusal], since it would take
// somebody's way to another cluster away. The notes say what was replaced.
func Merge(existing, added *clientcmdapi.Config) (*clientcmdapi.Config, []string, error) {
	out := existing.DeepCopy()
	var notes []string
	const next = "give it another name"
	for _, name := range slices.Sorted(maps.Keys(added.Clusters)) {
		old, entry := out.Clusters[name], added.Clusters[name].DeepCopy()
		switch {
		case old == nil:
		case old.Server != entry.Server:
			return nil, nil, Refuse(next, "merge kubeconfig: there is a cluster %s already, with server %s", name, old.Server)
		case !sameCluster(old, entry):
			notes = append(notes, "replaced cluster "+name)
		}
		if out.Clusters == nil {
			out.Clusters = map[string]*clientcmdapi.Cluster{}
		}
		out.Clusters[name] = entry
	}
	for _, name := range slices.Sorted(maps.Keys(added.AuthInfos)) {
		old, entry := out.AuthInfos[name], added.AuthInfos[name].DeepCopy()
		switch {
		case old == nil:
		case !logsIn(old):
			return nil, nil, Refuse(next, "merge kubeconfig: there is a user %s already, who does not log in by oidc-login", name)
		case !slices.Equal(old.Exec.Args, entry.Exec.Args):
			notes = append(notes, "replaced user "+name)
		}
		if out.AuthInfos == nil {
			out.AuthInfos = map[string]*clientcmdapi.AuthInfo{}
		}
		out.AuthInfos[name] = entry
	}
	for _, name := range slices.Sorted(maps.Keys(added.Contexts)) {
		old, entry := out.Contexts[name], added.Contexts[name].DeepCopy()
		if old != nil && (old.Cluster != entry.Cluster || old.AuthInfo != entry.AuthInfo) {
			return nil, nil, Refuse(next, "merge kubeconfig: there is a context %s already, of cluster %s and user %s", name, old.Cluster, old.AuthInfo)
		}
		if old != nil {
			entry.Namespace, entry.LocationOfOrigin = old.Namespace, old.LocationOfOrigin
		}
		if out.Contexts == nil {
			out.Contexts = map[string]*clientcmdapi.Context{}
		}
		out.Contexts[name] = entry
	}
	if out.CurrentContext == "" {
		out.CurrentContext = added.CurrentContext
	}
	return out, notes, nil
}

// sameCluster reports whether two entries say the same, wherever they were read.
func sameCluster(a, b *clientcmdapi.Cluster) bool {
	one, other := a.DeepCopy(), b.DeepCopy()
	for _, c := range []*clientcmdapi.Cluster{one, other} {
		c.LocationOfOrigin, c.Extensions = "", nil
	}
	return reflect.DeepEqual(one, other)
}

// logsIn reports whether a user is a call of oidc-login, and nothing else.
func logsIn(user *clientcmdapi.AuthInfo) bool {
	return user.Exec != nil && len(user.Exec.Args) > 0 && user.Exec.Args[0] == "oidc-login" &&
		user.Token == "" && user.TokenFile == "" && user.Password == "" &&
		len(user.ClientKeyData) == 0 && user.ClientKey == "" && user.AuthProvider == nil
}
