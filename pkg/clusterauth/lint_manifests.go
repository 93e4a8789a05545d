package clusterauth

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// LintManifests checks what a cluster template gave, rendered by somebody else with auth values: the ones of o, or the
// sentinels. It finds what can be seen there: all but CT008 and CT010, and CT006 only with o.Anonymous, which says that
// it was rendered with auth.configWithAnon. The error is of YAML that can't be read, and of a version of k0s that is
// none.
func LintManifests(rendered []byte, o LintOptions) ([]finding.Finding, error) {
	o.Name, o.Key, o.Hash = cmp.Or(o.Name, SentinelName), cmp.Or(o.Key, SentinelKey), cmp.Or(o.Hash, SentinelHash)
	l, err := newLinter(o, cmp.Or(o.File, "-"))
	if err != nil {
		return nil, err
	}
	documents, err := readDocuments(rendered, l.where, "")
	if err != nil {
		return nil, fmt.Errorf("read manifests: %w", err)
	}
	if len(documents) == 0 {
		return nil, errors.New("read manifests: nothing is there")
	}
	l.checkRendered(documents)
	if o.Anonymous {
		l.checkAnonymous(readPlanes(documents))
	}
	return l.done(), nil
}

// checkRendered checks what was rendered with auth values.
func (l *linter) checkRendered(documents []lintDocument) {
	planes := readPlanes(documents)
	if len(planes) == 0 {
		l.checkNone(documents)
		return
	}
	l.checkSecret(documents, planes)
	l.checkFlags(planes)
}

// checkNone tells of a template without a control plane that takes a configuration.
func (l *linter) checkNone(documents []lintDocument) {
	at, what := finding.Location{File: l.where}, "template has no control plane"
	for _, d := range documents {
		if kind := word(d.root, "kind"); strings.HasSuffix(kind, "ControlPlane") {
			at = d.at(under(d.root, "kind"), "kind: "+kind)
			what = fmt.Sprintf("control plane is of kind %s, not K0sControlPlane or K0smotronControlPlane", kind)
		}
	}
	l.add("CT013", "", at, what+": clusterAuth is ignored",
		"k0rdent hands over the configuration to each template, but only these two kinds have a place for it. ClusterDeployments of this template accept "+
			"spec.clusterAuth, and say that it is ready, without any effect.")
}

// readDocuments reads what a template gave.
func readDocuments(data []byte, file, source string) ([]lintDocument, error) {
	var out []lintDocument
	r := document.Reader{File: file}
	err := r.Documents(data, func(node *yaml.Node) { out = append(out, lintDocument{document.Target(node), file, source}) })
	return out, err
}
