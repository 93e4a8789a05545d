package doctor

import (
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// document is the JSON of a diagnosis. Fields are added, never renamed or removed, within one version.
type document struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Complete is false when something could not be read: then there may be more than was found.
	Complete bool       `json:"complete"`
	Gaps     []rbac.Gap `json:"gaps,omitempty"`
	// Fixable counts the findings that have a fix; NotShown those that are not as bad as was asked for.
	Fixable  int               `json:"fixable"`
	NotShown int               `json:"notShown"`
	Findings []finding.Finding `json:"findings"`
	// Groups are there when everything is judged together.
	Groups []group `json:"groups,omitempty"`
}

func view(c *Clinic, d *diagnosis) document {
	gaps := d.ward.Inventory.Gaps
	return document{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: c.Kind, Complete: len(gaps) == 0, Gaps: gaps,
		Fixable: findings.Fixable(d.findings), NotShown: d.minor, Findings: d.findings,
		Groups: c.groups(d.findings),
	}
}
