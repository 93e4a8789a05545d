package clusterauth

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// judgedTargets are configurations, and what was found about them.
type judgedTargets struct {
	names    []string
	versions []string
	findings []finding.Finding
}

// judgeTargets judges configurations for a version of Kubernetes; nil is the oldest of the clusters that use each, else the
// newest.
func judgeTargets(all []target, kubernetes *version.Version, now time.Time) judgedTargets {
	var out judgedTargets
	for _, t := range all {
		out.names = append(out.names, t.name)
		if t.authentication != nil {
			read := kubernetes
			if read == nil {
				read = t.oldest()
			}
			out.findings = append(out.findings, placed(clusterauth.JudgeAuthentication(t.state, *t.authentication, read), t)...)
			continue
		}
		out.findings = append(out.findings, judgePlain(t, kubernetes, now)...)
	}
	if kubernetes != nil {
		out.versions = []string{fmt.Sprintf("%d.%d", kubernetes.Major(), kubernetes.Minor())}
	}
	finding.Sort(out.findings)
	out.findings = slices.CompactFunc(out.findings, func(a, b finding.Finding) bool {
		return a.ID == b.ID && a.Object == b.Object && a.Message == b.Message && a.Location == b.Location
	})
	return out
}

// judgePlain judges the file of an API server that k0rdent has nothing to do with.
func judgePlain(t target, kubernetes *version.Version, now time.Time) []finding.Finding {
	options := authn.Options{Kubernetes: kubernetes, Object: t.name, Location: t.location, Lines: t.lines, Now: now}
	if t.problem == nil {
		return authn.Judge(t.config, options)
	}
	return authn.JudgeUnreadable(t.problem, options)
}

// placed puts the place in a file into findings about an object that was read from one.
func placed(found []finding.Finding, t target) []finding.Finding {
	for i := range found {
		if found[i].Location == (finding.Location{}) {
			found[i].Location = t.location
		}
	}
	return found
}

// located are findings for people: what is about a file says which, and on which line of it.
func located(found []finding.Finding) []finding.Finding {
	out := slices.Clone(found)
	for i := range out {
		f := &out[i]
		switch {
		case f.Location.File == "":
		case f.Object == "", f.Object == f.Location.File:
			f.Object = f.Location.String()
		default:
			f.Object += " (" + f.Location.String() + ")"
		}
	}
	return out
}

// judgementView is the JSON of a validation. Fields are added, never renamed or removed, within one version.
type judgementView struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Checked names the configurations, in order.
	Checked []string `json:"checked"`
	// KubernetesVersion is the one that was asked for; absent when each counts with that of its clusters.
	KubernetesVersion string            `json:"kubernetesVersion,omitempty"`
	Findings          []finding.Finding `json:"findings"`
}

func (j judgedTargets) view(shown []finding.Finding) judgementView {
	return judgementView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "AuthenticationValidation", Checked: append([]string{}, j.names...),
		KubernetesVersion: strings.Join(j.versions, ""), Findings: shown,
	}
}

// passed names the configurations without findings.
func (j judgedTargets) passed(shown []finding.Finding) []string {
	return slices.DeleteFunc(slices.Clone(j.names), func(name string) bool {
		return slices.ContainsFunc(shown, func(f finding.Finding) bool { return f.Object == name })
	})
}

func (j judgedTargets) summary(shown []finding.Finding, threshold finding.Severity) string {
	return findings.Count(len(j.names), "configuration") + " checked: " +
		findings.Summary(shown, len(j.findings)-len(shown), threshold)
}
