package profile

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// apiVersion is the version of all JSON output of this plugin. Fields are added, never renamed or removed, within one.
const apiVersion = "gatehouse.dev/v1alpha1"

// header starts every JSON output.
type header struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Complete is false when something could not be read: then there may be more than is listed.
	Complete bool       `json:"complete"`
	Gaps     []rbac.Gap `json:"gaps,omitempty"`
}

func newHeader(kind string, inv *inventory.Inventory) header {
	return header{APIVersion: apiVersion, Kind: kind, Complete: len(inv.Gaps) == 0, Gaps: inv.Gaps}
}

// columns makes the heading of a table; wide ones are left out of the plain table.
func columns(names []string, wide ...string) []metav1.TableColumnDefinition {
	var out []metav1.TableColumnDefinition
	for _, n := range names {
		out = append(out, metav1.TableColumnDefinition{Name: n, Type: "string"})
	}
	for _, n := range wide {
		out = append(out, metav1.TableColumnDefinition{Name: n, Type: "string", Priority: 1})
	}
	return out
}

// age is how long ago something was, as kubectl says it.
func age(created, now time.Time) string {
	if created.IsZero() {
		return "<unknown>"
	}
	return duration.HumanDuration(now.Sub(created))
}

// orNone is what tables show for nothing.
func orNone(text string) string {
	if text == "" {
		return "<none>"
	}
	return text
}

// plural returns "1 member", "2 members".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// subjectText is a subject as tables show it; an owner that is not known is empty.
func subjectText(s rbac.Subject) string {
	if s.Name == "" {
		return ""
	}
	return s.String()
}
