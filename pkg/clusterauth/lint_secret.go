package clusterauth

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// What a template has to contain, for the explanations.
const (
	mountSnippet = `spec:
  {{- if (((.Values.auth).configSecret).name) }}
  mounts:
    - path: /var/lib/k0s/auth
      secret:
        defaultMode: 420
        items:
          - key: {{ .Values.auth.configSecret.key }}
            path: config-{{ .Values.auth.configSecret.hash }}.yaml
        secretName: {{ .Values.auth.configSecret.name }}
  {{- end }}
  k0sConfig:
    spec:
      api:
        extraArgs:
          {{- if (((.Values.auth).configSecret).name) }}
          authentication-config: /var/lib/k0s/auth/config-{{ .Values.auth.configSecret.hash }}.yaml
          {{- end }}`
	fileSnippet = `spec:
  k0sConfigSpec:
    {{- if (((.Values.auth).configSecret).name) }}
    files:
      - path: /var/lib/k0s/auth/config-{{ .Values.auth.configSecret.hash }}.yaml
        permissions: "0644"
        contentFrom:
          secretRef:
            name: {{ .Values.auth.configSecret.name }}
            key: {{ .Values.auth.configSecret.key }}
    {{- end }}
    k0s:
      spec:
        api:
          extraArgs:
            {{- if (((.Values.auth).configSecret).name) }}
            authentication-config: /var/lib/k0s/auth/config-{{ .Values.auth.configSecret.hash }}.yaml
            {{- end }}`
)

// fixed returns what the template of a control plane has to contain.
func (p *lintPlane) fixed() string {
	if p.hosted {
		return mountSnippet
	}
	return fileSnippet
}

// checkSecret checks the way of the Secret to the API server, in what was rendered with auth values: CT001 to CT005,
// CT009 and CT014.
func (l *linter) checkSecret(documents []lintDocument, planes []lintPlane) {
	used := slices.ContainsFunc(documents, func(d lintDocument) bool {
		node, _ := findText(d.root, l.o.Name, "")
		return node != nil
	})
	for i := range planes {
		p := &planes[i]
		switch files := p.from(l.o.Name); {
		case len(files) > 0:
			for _, f := range files {
				l.checkFile(p, f)
			}
			l.checkFlag(p, files)
		case used:
			l.checkPlace(p, documents)
		default:
			why := "k0rdent writes the configuration of the API server into a Secret and hands over its name as auth.configSecret.name. " +
				"This template makes nothing of it, so that spec.clusterAuth has no effect, though k0rdent calls it ready. "
			if p.source == "" {
				why += "If it was rendered with the name of another Secret, or with none, say which, or render it again. "
			}
			l.add("CT001", p.object, p.at(nil, "extraArgs", "spec:"), fmt.Sprintf("Secret %s is not used", l.o.Name), snippet(why+"Write", p.fixed()))
		}
	}
}

// from returns the files that come from a Secret.
func (p *lintPlane) from(secret string) []lintFile {
	var out []lintFile
	for _, f := range p.files {
		if f.secret == secret {
			out = append(out, f)
		}
	}
	return out
}

// checkPlace says where the Secret is instead of where it should be.
func (l *linter) checkPlace(p *lintPlane, documents []lintDocument) {
	right := "spec.k0sConfigSpec.files"
	if p.hosted {
		right = "spec.mounts"
	}
	node, where := findText(p.root, l.o.Name, "")
	in := p.lintDocument
	if node == nil {
		for _, d := range documents {
			if node, where = findText(d.root, l.o.Name, ""); node != nil {
				where, in = strings.ToLower(word(d.root, "kind"))+" "+where, d
				break
			}
		}
	}
	l.add("CT002", p.object, in.at(node, ".Values.auth.configSecret.name", "configSecret.name", "secretName"),
		fmt.Sprintf("the Secret (auth.configSecret.name) is in %s, not in %s", where, right),
		snippet("Nothing reads it there: the file that authentication-config names does not exist, and the API server does not start. Write", p.fixed()))
}

// checkFile checks a file that the configuration is put into.
func (l *linter) checkFile(p *lintPlane, f lintFile) {
	if f.key == "" {
		// All keys of the Secret are files of their own names.
		f.key, f.path = l.o.Key, path.Join(f.path, l.o.Key)
	}
	if f.key != l.o.Key {
		l.add("CT005", p.object, p.at(f.node, "key: "+f.key, "key:"), fmt.Sprintf("key of the Secret is %q, not auth.configSecret.key", f.key),
			snippet("k0rdent says which key it wrote. A name of one's own works only as long as it is the same. Write", "key: {{ .Values.auth.configSecret.key }}"))
	}
	if !strings.Contains(f.path, l.o.Hash) {
		l.checkUnhashed(p, f)
	}
	l.checkDirectory(p, f.path, p.at(f.node, "/etc/k0s", "path:"))
	l.checkMode(p, f)
}

func (l *linter) checkUnhashed(p *lintPlane, f lintFile) {
	at := p.at(f.node, path.Base(f.path), "path:")
	message := fmt.Sprintf("name of the file %s does not contain auth.configSecret.hash", f.path)
	const write = "config-{{ .Values.auth.configSecret.hash }}.yaml"
	if p.hosted {
		l.addAs(finding.Warning, "CT004", p.object, at, message, snippet("The pods are not rolled when the configuration changes: the API servers "+
			"read the new one some time later, each for itself, and never a change of anonymous. Name the file", write))
		return
	}
	l.add("CT004", p.object, at, message, snippet("Machines are replaced when the path of a file of theirs changes, and for no other change of it. With this path a new "+
		"configuration never reaches a machine that is there. Name the file", write))
}

// checkDirectory checks that a path is not where k0s keeps its own configuration.
func (l *linter) checkDirectory(p *lintPlane, name string, at finding.Location) {
	if clean := path.Clean(name); clean != "/etc/k0s" && !strings.HasPrefix(clean, "/etc/k0s/") {
		return
	}
	severity, why := finding.Warning, "It is where k0s keeps its own configuration"
	if p.hosted {
		severity, why = finding.Error, "In a hosted control plane a mount there hides what k0smotron puts there, and the pod does not start"
	}
	l.addAs(severity, "CT009", p.object, at, fmt.Sprintf("file %s is below /etc/k0s", name), why+". Use /var/lib/k0s/auth.")
}

// checkMode checks that the user kube-apiserver may read the file, and others not change it.
func (l *linter) checkMode(p *lintPlane, f lintFile) {
	if f.mode == "" {
		// Kubernetes and cloud-init both make it 0644.
		return
	}
	at, want := p.at(f.node, "permissions:", "defaultMode:", "mode:"), `defaultMode: 420`
	base := 0
	if f.octal {
		base, want = 8, `permissions: "0644"`
	}
	mode, err := strconv.ParseUint(f.mode, base, 32)
	problem := ""
	switch {
	case f.octal && f.number:
		problem = "are a number, where the API wants a text"
	case err != nil || mode > 0o777:
		problem = "are no permissions: 0644 is 420 in decimal"
	case mode&0o004 == 0:
		problem = "do not let the user kube-apiserver read it"
	case mode&0o022 != 0:
		problem = "let others change who may log in"
	default:
		return
	}
	l.add("CT014", p.object, at, fmt.Sprintf("permissions %s of %s %s", f.mode, f.path, problem),
		snippet("The API server runs as a user of its own, not as root, and does not start when it can't read the file. Write", want))
}

// checkFlag checks that authentication-config names one of the files.
func (l *linter) checkFlag(p *lintPlane, files []lintFile) {
	flag, ok := p.flag("authentication-config")
	if !ok {
		why := "The file is there, but nothing tells the API server to read it. Write"
		message := "authentication-config is not set"
		for _, other := range p.flags {
			if strings.Contains(other.name, "authentication-config") {
				flag, message = other, fmt.Sprintf("authentication-config is not set: %s is another word", other.name)
				why = "The API server has no such flag, and does not start. Write"
			}
		}
		if flag.node == nil {
			flag.node = under(p.root, "spec")
		}
		l.add("CT003", p.object, p.at(flag.node, flag.name, "extraArgs:", "spec:"), message, snippet(why, p.fixed()))
		return
	}
	if flag.name != "authentication-config" {
		l.add("CT003", p.object, p.at(flag.node, flag.name), fmt.Sprintf("flag is written %s: names of extraArgs have no dashes before them", flag.name),
			snippet("k0s puts the dashes there itself. Write", p.fixed()))
		return
	}
	var names []string
	for _, f := range files {
		if f.key == "" {
			f.path = path.Join(f.path, l.o.Key)
		}
		names = append(names, f.path)
	}
	if !slices.Contains(names, path.Clean(flag.value)) || !path.IsAbs(flag.value) {
		l.add("CT003", p.object, p.at(flag.node, "authentication-config:"),
			fmt.Sprintf("authentication-config is %q, but the file is %s", flag.value, strings.Join(names, ", ")),
			snippet("The API server does not start when the file is not there. Write", p.fixed()))
	}
}
