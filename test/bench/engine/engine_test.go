package engine

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/authorization/authorizer"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/bench/cluster"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// Bars of the huge cluster. The ratio is that of upstream's SubjectAccessEvaluator to the engine for the same question: the subjects, without
// proofs, which upstream doesn't have.
const (
	compileBar = 150 * time.Millisecond
	whoCanBar  = 5 * time.Millisecond
	canBar     = 5 * time.Microsecond
	ratioBar   = 50
)

// BenchmarkEngine measures the engine without a server on a huge cluster, upstream's own "who can" beside it, prints both, and says which bar
// is missed. Each figure is the best of several runs, so that other work on the machine counts little.
func BenchmarkEngine(b *testing.B) {
	set := cluster.New(cluster.Huge())
	m := &measurements{set: set, snapshot: set.Snapshot(true), ix: rbac.Compile(set.Snapshot(true)), up: set.Upstream(), best: map[string]time.Duration{}}

	m.run(b, "compile", func() { _ = rbac.Compile(m.snapshot) })
	for _, q := range questions() {
		a := q.action
		a.Namespace = ""
		m.run(b, "who can "+q.name+" anywhere", func() { _ = m.ix.WhoCan(a, rbac.Anywhere) })
		m.run(b, "who can "+q.name+" in one namespace", func() { _ = m.ix.WhoCan(q.action, rbac.InNamespace) })
		m.run(b, "subjects "+q.name+" in one namespace", func() { _ = m.ix.AllowedSubjects(q.action, rbac.InNamespace) })
		m.run(b, "subjects "+q.name+" anywhere", func() { _ = m.ix.AllowedSubjects(a, rbac.Anywhere) })
		m.run(b, "upstream "+q.name+" in one namespace", func() { m.allowedSubjects(b, q.action) })
	}
	id := rbac.NewIdentity(rbac.User(cluster.User(42)), "everybody", "team-42", "readers-02")
	asked := questions()[1].action
	m.run(b, "can (no)", func() { _ = m.ix.Allowed(id, asked) })
	asked.Namespace = cluster.Namespace(42)
	if !m.ix.Allowed(id, asked) {
		b.Fatal("the owner of a namespace may not do anything there")
	}
	m.run(b, "can (yes)", func() { _ = m.ix.Allowed(id, asked) })
	m.run(b, "can with proofs", func() { _ = m.ix.Can(id, asked) })
	m.run(b, "rules everywhere", func() { _ = m.ix.Rights(id, "") })
	m.report(b)
}

type query struct {
	name   string
	action rbac.Action
}

// questions are one that few subjects may do, one that tens may, and one that hundreds may.
func questions() []query {
	return []query{
		{"delete secrets", rbac.Action{Verb: "delete", Resource: "secrets", Namespace: cluster.Namespace(2500)}},
		{"get secrets", rbac.Action{Verb: "get", Resource: "secrets", Namespace: cluster.Namespace(2500)}},
		{"list pods", rbac.Action{Verb: "list", Resource: "pods", Namespace: cluster.Namespace(2500)}},
	}
}

type measurements struct {
	set      *objects.Set
	snapshot *rbac.Snapshot
	ix       *rbac.Index
	up       *objects.Upstream
	best     map[string]time.Duration
}

// run measures one thing and keeps its best time.
func (m *measurements) run(b *testing.B, name string, do func()) {
	b.Helper()
	b.Run(name, func(b *testing.B) {
		b.ReportAllocs()
		batch := 1
		for b.Loop() {
			start := time.Now()
			for range batch {
				do()
			}
			took := time.Since(start) / time.Duration(batch)
			if best, known := m.best[name]; !known || took < best {
				m.best[name] = took
			}
			if took < 10*time.Microsecond {
				batch = 100 // the clock must not count
			}
		}
		b.ReportMetric(float64(m.best[name].Nanoseconds()), "best-ns/op")
	})
}

func (m *measurements) allowedSubjects(b *testing.B, a rbac.Action) {
	b.Helper()
	attributes := authorizer.AttributesRecord{
		User: &user.DefaultInfo{}, Verb: a.Verb, APIGroup: a.Group, Resource: a.Resource, Namespace: a.Namespace, ResourceRequest: true,
	}
	subjects, err := m.up.Locator.AllowedSubjects(context.Background(), attributes)
	if err != nil || len(subjects) < 2 {
		b.Fatalf("upstream found %d subjects, %v", len(subjects), err)
	}
}

// report prints the figures and judges them.
func (m *measurements) report(b *testing.B) {
	b.Helper()
	var lines strings.Builder
	w := tabwriter.NewWriter(&lines, 0, 8, 2, ' ', 0)
	defer func() {
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		if _, err := os.Stdout.WriteString(lines.String()); err != nil {
			b.Fatal(err)
		}
	}()
	write := func(cells ...string) {
		if _, err := w.Write([]byte(strings.Join(cells, "\t") + "\n")); err != nil {
			b.Fatal(err)
		}
	}
	row := func(what, value, bar string, ok bool) {
		verdict := "ok"
		if !ok {
			verdict = "MISSED"
		}
		write(what, value, bar, verdict)
	}
	at := func(name string, bar time.Duration) {
		row(name, m.best[name].String(), "< "+bar.String(), m.best[name] < bar)
	}
	ratio := func(bar int, what string, theirs, ours time.Duration) {
		r := float64(theirs) / float64(ours)
		row(what, fmt.Sprintf("%.0fx (%v / %v)", r, theirs, ours), fmt.Sprintf(">= %dx", bar), r >= float64(bar))
	}
	write("\nhuge cluster, in process", "best", "bar", "")
	at("compile", compileBar)
	for _, q := range questions() {
		at("who can "+q.name+" anywhere", whoCanBar)
	}
	at("can (no)", canBar)
	at("can (yes)", canBar)
	for _, q := range questions() {
		theirs := m.best["upstream "+q.name+" in one namespace"]
		ours := m.best["subjects "+q.name+" in one namespace"]
		ratio(ratioBar, "faster than upstream: "+q.name+", one namespace", theirs, ours)
		ratio(1, "the same with proofs", theirs, m.best["who can "+q.name+" in one namespace"])
		ratio(ratioBar, "faster than upstream: "+q.name+", all namespaces", theirs*time.Duration(len(m.set.Namespaces)), m.best["subjects "+q.name+" anywhere"])
	}
}
