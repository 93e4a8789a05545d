package clusterauth

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// What a template is rendered with by [LintChart], and what [LintManifests] looks for when it is not told otherwise:
// values that appear nowhere by chance, so that where they turn up says how the template uses them.
const (
	SentinelName = "gatehouse-lint-auth-config"
	SentinelKey  = "gatehouse-lint-key"
	SentinelHash = "9a7e4005"
)

// LintOptions says what a cluster template is checked for.
type LintOptions struct {
	// K0s is the version of k0s that clusters will run, "v1.36.3+k0s.2"; empty takes what the template asks for.
	K0s string
	// Anonymous says that a ClusterAuthentication with "anonymous" is to be used.
	Anonymous bool
	// Egress says that a ClusterAuthentication with "egressSelectorType" is to be used.
	Egress bool
	// Values override those of the chart, as spec.config of a ClusterDeployment does. LintManifests does not look at them.
	Values map[string]any
	// Name, Key and Hash are the auth.configSecret values that manifests were rendered with; empty means the sentinels.
	// LintChart does not look at them.
	Name, Key, Hash string
	// File names the manifests in findings, "-" for standard input. LintChart does not look at it.
	File string
}

// LintRule describes a check of a cluster template.
type LintRule struct {
	ID string `json:"id"`
	// Severity is the worst that the check gives.
	Severity finding.Severity `json:"severity"`
	Title    string           `json:"title"`
}

// LintRules returns what cluster templates are checked for, in the order of their ids.
func LintRules() []LintRule {
	return []LintRule{
		{"CT001", finding.Error, "Secret with the configuration is not used"},
		{"CT002", finding.Error, "Secret is not mounted where the kind of control plane looks for it"},
		{"CT003", finding.Error, "authentication-config does not name the file that is mounted"},
		{"CT004", finding.Error, "hash is not part of the name of the file, so that changes are not rolled out"},
		{"CT005", finding.Warning, "key of the Secret is not taken from the values"},
		{"CT006", finding.Error, "anonymous-auth is set though the configuration has anonymous"},
		{"CT007", finding.Error, "flags oidc-* exclude a configuration file"},
		{"CT008", finding.Error, "template fails, or asks for the file, without auth values"},
		{"CT009", finding.Error, "file is below /etc/k0s"},
		{"CT010", finding.Error, "values or schema do not declare, or forbid, what k0rdent sets"},
		{"CT011", finding.Error, "k0s is too old for the configuration"},
		{"CT012", finding.Error, "konnectivity is off though egressSelectorType is used"},
		{"CT013", finding.Error, "no control plane that takes a configuration: clusterAuth is ignored"},
		{"CT014", finding.Error, "file can't be read by the API server, or be changed by others"},
		{"CT015", finding.Error, "flag of the API server is set twice"},
	}
}

// linter collects findings on one template.
type linter struct {
	o LintOptions
	// where is the chart or the manifests, for findings without a place of their own.
	where    string
	findings []finding.Finding
}

func newLinter(o LintOptions, where string) (*linter, error) {
	if o.K0s != "" {
		if _, err := k0rdent.KubernetesOf(o.K0s); err != nil {
			return nil, err
		}
	}
	return &linter{o: o, where: where}, nil
}

// add adds a finding with the severity of its rule.
func (l *linter) add(id, object string, at finding.Location, message, why string) {
	severity := finding.Warning
	for _, rule := range LintRules() {
		if rule.ID == id {
			severity = rule.Severity
		}
	}
	l.addAs(severity, id, object, at, message, why)
}

// addAs adds a finding that is not as bad as its rule can be.
func (l *linter) addAs(severity finding.Severity, id, object string, at finding.Location, message, why string) {
	l.findings = append(l.findings, finding.Finding{
		ID: id, Severity: severity, Object: object, Message: message, Why: why, Location: at,
	})
}

// done returns what was found, sorted, each once.
func (l *linter) done() []finding.Finding {
	finding.Sort(l.findings)
	return slices.CompactFunc(l.findings, func(a, b finding.Finding) bool {
		return a.ID == b.ID && a.Object == b.Object && a.Location == b.Location && a.Message == b.Message
	})
}

// lintDocument is one document that a template gave.
type lintDocument struct {
	root *yaml.Node
	// file is the template, or the manifests.
	file string
	// source is the text of the template. Without it the lines of nodes are those of the file.
	source string
}

// at returns where something is: the line of the node, or else the first line of the template that has one of the
// texts; for a template that has none of them, the whole file.
func (d lintDocument) at(node *yaml.Node, texts ...string) finding.Location {
	if d.source == "" {
		if node == nil {
			node = d.root
		}
		return finding.Location{File: d.file, Line: node.Line}
	}
	for _, text := range texts {
		if before, _, ok := strings.Cut(d.source, text); ok && text != "" {
			return finding.Location{File: d.file, Line: 1 + strings.Count(before, "\n")}
		}
	}
	return finding.Location{File: d.file}
}

// snippet returns an explanation, followed by what to write into a template.
func snippet(why, text string) string {
	return fmt.Sprintf("%s:\n\n%s", why, strings.TrimSuffix(text, "\n"))
}
