package clusterauth

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// checkFlags checks the arguments of the API server next to authentication-config, in what was rendered with auth
// values: CT007, CT015, CT011 and CT012.
func (l *linter) checkFlags(planes []lintPlane) {
	for i := range planes {
		p := &planes[i]
		for _, flag := range p.flags {
			if strings.HasPrefix(strings.TrimLeft(flag.name, "-"), "oidc-") {
				l.add("CT007", p.object, p.at(flag.node, flag.name+":"), fmt.Sprintf("flag %s is set next to authentication-config", flag.name),
					snippet("An API server that gets both does not start. The issuer belongs into the ClusterAuthentication. Set it without auth values only", fmt.Sprintf(
						"{{- if not (((.Values.auth).configSecret).name) }}\n%s: %s\n{{- end }}", flag.name, flag.value)))
			}
		}
		l.checkTwice(p)
		l.checkVersion(p)
		l.checkKonnectivity(p)
	}
}

// checkTwice checks that no flag is set twice.
func (l *linter) checkTwice(p *lintPlane) {
	seen := map[string]bool{}
	for _, flag := range p.flags {
		if seen[flag.name] {
			l.add("CT015", p.object, p.at(flag.node, flag.name+":"), fmt.Sprintf("flag %s is set twice", flag.name),
				snippet("A key that is there twice is an error, or the last one wins, depending on who reads it. Leave out of what users add what the template sets",
					"{{- with omit .Values.k0s.api.extraArgs \""+flag.name+"\" }}\n{{- toYaml . | nindent 10 }}\n{{- end }}"))
		}
		seen[flag.name] = true
	}
}

// checkAnonymous checks what was rendered for a configuration that has anonymous: CT006.
func (l *linter) checkAnonymous(planes []lintPlane) {
	for i := range planes {
		p := &planes[i]
		if flag, ok := p.flag("anonymous-auth"); ok {
			l.add("CT006", p.object, p.at(flag.node, "anonymous-auth"), fmt.Sprintf("anonymous-auth is %q though the configuration has anonymous", flag.value),
				snippet("An API server that gets both does not start. k0rdent says that the configuration has anonymous by auth.configWithAnon. Write",
					"{{- if not (.Values.auth).configWithAnon }}\nanonymous-auth: \""+flag.value+"\"\n{{- end }}"))
		}
	}
}

// checkVersion checks that k0s knows what k0rdent writes.
func (l *linter) checkVersion(p *lintPlane) {
	text, whose := l.o.K0s, "will be"
	if text == "" {
		text, whose = p.version, "is"
	}
	kubernetes, err := k0rdent.KubernetesOf(text)
	if err != nil {
		// Without a version, or with one that is a template's own word, there is nothing to be said.
		return
	}
	at := p.at(under(p.root, "spec", "version"), "version:")
	if kubernetes.LessThan(version.MustParseGeneric("1.34.0")) {
		l.add("CT011", p.object, at, fmt.Sprintf("k0s %s %s, older than 1.34", whose, text),
			"k0rdent writes apiserver.config.k8s.io/v1 since KCM 1.10, which API servers read from Kubernetes 1.34 on. An older one does not start. Use v1.34 or newer.")
	}
	if l.o.Anonymous && !k0rdent.FixedAnonymous(text) {
		l.add("CT011", p.object, at, fmt.Sprintf("k0s %s %s, which contradicts anonymous", whose, text),
			"Before v1.36.3+k0s.1 k0s sets --anonymous-auth itself. With a configuration that has anonymous the API server then does not start.")
	}
}

// checkKonnectivity checks that there is something to select when egressSelectorType is used.
func (l *linter) checkKonnectivity(p *lintPlane) {
	if l.o.Egress && disabled(p.args, "konnectivity-server") {
		l.add("CT012", p.object, p.at(under(p.root, "spec", "k0sConfigSpec", "args"), "konnectivity-server", "args:"),
			"konnectivity is disabled, so that egressSelectorType can't be used",
			"k0s configures an egress only with konnectivity. Without it the API server does not start with a configuration that has egressSelectorType. "+
				"Take konnectivity-server out of --disable-components, or egressSelectorType out of the ClusterAuthentication.")
	}
}
