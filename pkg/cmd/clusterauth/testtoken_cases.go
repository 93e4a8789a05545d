package clusterauth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/login"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// loginFailed is the id of the finding that a login is not as it should be.
const loginFailed = "LT001"

// caseResult is a case, where it is, and what came of it.
type caseResult struct {
	File string `json:"file"`
	login.Result
}

// casesView is the JSON of cases. Fields are added, never renamed or removed, within one version.
type casesView struct {
	APIVersion    string       `json:"apiVersion"`
	Kind          string       `json:"kind"`
	Configuration string       `json:"configuration"`
	Failed        int          `json:"failed"`
	Results       []caseResult `json:"results"`
}

func (f *testTokenFlags) runCases(ctx context.Context, p printer.Printer, t target, tester *login.Tester, files []caseFile) error {
	v := casesView{APIVersion: "gatehouse.dev/v1alpha1", Kind: "LoginTests", Configuration: t.name, Results: []caseResult{}}
	undecided := false
	for _, file := range files {
		for _, c := range file.cases {
			r := caseResult{file.name, tester.Check(ctx, c)}
			if !r.Passed {
				v.Failed++
			}
			undecided = undecided || r.Error != ""
			v.Results = append(v.Results, r)
		}
	}
	report := printer.Report{
		Object: func() any { return v }, Text: func() []string { return v.text(f.steps) }, Table: v.table, Findings: v.findings, Passed: v.passed,
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		f.env.Notef("%s, %d failed", findings.Count(len(v.Results), "case"), v.Failed)
	}
	switch {
	case undecided:
		return cli.Silent(cli.ExitPredicateError)
	case v.Failed > 0:
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// why says what is wrong with a case, empty when it is as it should be.
func (r *caseResult) why() string {
	if r.Error != "" {
		return r.Error
	}
	return strings.Join(r.Differences, "; ")
}

// text tells of each case; with steps, what was looked at where one is not as it should be.
func (v casesView) text(steps bool) []string {
	var out []string
	for i := range v.Results {
		r := &v.Results[i]
		if r.Passed {
			out = append(out, "ok      "+r.Name)
			continue
		}
		out = append(out, fmt.Sprintf("failed  %s (%s)", r.Name, r.location()))
		if r.Error != "" {
			out = append(out, "        "+r.Error)
		}
		for _, difference := range r.Differences {
			out = append(out, "        "+difference)
		}
		for _, s := range r.Verdict.Steps {
			if !steps {
				break
			}
			for _, line := range stepText(s) {
				out = append(out, "      "+line)
			}
		}
	}
	return out
}

func (r *caseResult) location() finding.Location {
	return finding.Location{File: r.File, Line: r.Line}
}

func (v casesView) table() *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Case", Type: "string"},
		{Name: "Result", Type: "string"},
		{Name: "User", Type: "string"},
		{Name: "Why", Type: "string"},
		{Name: "Location", Type: "string", Priority: 1},
	}}
	for i := range v.Results {
		r := &v.Results[i]
		result := map[bool]string{true: "ok", false: "failed"}[r.Passed]
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			r.Name, result, userOf(r.Verdict), orDash(words(r.why())), r.location().String(),
		}})
	}
	return t
}

// userOf is who a token is, in a word.
func userOf(v login.Verdict) string {
	switch {
	case v.Allowed && v.User != nil:
		return quoteEmpty(v.User.Username)
	case v.Refusal != nil:
		return "nobody (" + v.Refusal.Rule + ")"
	}
	return "?"
}

func (v casesView) findings() []finding.Finding {
	var out []finding.Finding
	for i := range v.Results {
		if r := &v.Results[i]; !r.Passed {
			out = append(out, finding.Finding{
				ID: loginFailed, Severity: finding.Error, Object: r.Name, Message: "the login is not as expected", Why: r.why(),
				Location: r.location(),
			})
		}
	}
	return out
}

func (v casesView) passed() []string {
	var out []string
	for i := range v.Results {
		if v.Results[i].Passed {
			out = append(out, v.Results[i].Name)
		}
	}
	slices.Sort(out)
	return out
}
