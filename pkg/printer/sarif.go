package printer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// The parts of SARIF 2.1.0 that we write: docs.oasis-open.org/sarif/sarif/v2.1.0, sections 3.13 to 3.52.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations,omitempty"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical *sarifPhysical `json:"physicalLocation,omitempty"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
)

func printSARIF(out *bytes.Buffer, r Report) error {
	if r.Findings == nil {
		return missing(SARIF)
	}
	findings := r.Findings()
	ids := make([]string, 0, len(findings))
	for _, f := range findings {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)

	run := sarifRun{Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{
		Name:           "gatehouse",
		InformationURI: "https://github.com/kubegatehouse/gatehouse",
		Rules:          []sarifRule{},
	}
	for _, id := range ids {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: id})
	}
	for _, f := range findings {
		index, _ := slices.BinarySearch(ids, f.ID)
		run.Results = append(run.Results, result(f, index))
	}
	log := sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	}
	return printJSON(out, Report{Object: func() any { return log }})
}

func result(f finding.Finding, rule int) sarifResult {
	r := sarifResult{RuleID: f.ID, RuleIndex: rule, Level: level(f.Severity), Message: sarifText{Text: f.Message}}
	if f.Why != "" {
		r.Message.Text += "\n" + f.Why
	}
	var at sarifLocation
	if f.Location.File != "" {
		at.Physical = &sarifPhysical{Artifact: sarifArtifact{URI: fileURI(f.Location.File)}}
		if f.Location.Line > 0 {
			at.Physical.Region = &sarifRegion{StartLine: f.Location.Line}
		}
	}
	if f.Object != "" {
		at.Logical = []sarifLogical{{FullyQualifiedName: f.Object}}
	}
	if at.Physical != nil || at.Logical != nil {
		r.Locations = []sarifLocation{at}
	}
	// What stays the same when lines move is what makes two results one.
	sum := sha256.Sum256([]byte(strings.Join([]string{f.ID, f.Object, f.Message}, "\x00")))
	r.Fingerprints = map[string]string{"gatehouse/v1": hex.EncodeToString(sum[:16])}
	return r
}

func level(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "error"
	case finding.Warning:
		return "warning"
	case finding.Info:
		return "note"
	}
	return "none"
}

// fileURI returns a relative reference for a relative path, and a file URI for an absolute one.
func fileURI(path string) string {
	u := url.URL{Path: filepath.ToSlash(path)}
	if filepath.IsAbs(path) {
		u.Scheme = "file"
		if !strings.HasPrefix(u.Path, "/") {
			u.Path = "/" + u.Path
		}
	}
	return u.String()
}
