package conformance

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// row is one line of the oracle.
type row struct {
	text    string // as it stands in the file
	number  string // of the case
	id      rbac.Identity
	request string
	action  rbac.Action
	allowed bool
}

func readOracle(t *testing.T) []row {
	t.Helper()
	data, err := os.ReadFile("testdata/oracle.tsv")
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 5 {
			t.Fatalf("oracle.tsv:%d: %d columns, want 5", i+1, len(cells))
		}
		if i == 0 {
			continue
		}
		action, err := parseRequest(cells[3])
		if err != nil {
			t.Fatalf("oracle.tsv:%d: %v", i+1, err)
		}
		rows = append(rows, row{
			text: line, number: cells[0], action: action, request: cells[3], allowed: cells[4] == "yes",
			id: rbac.NewIdentity(rbac.User(cells[1]), strings.FieldsFunc(cells[2], func(r rune) bool { return r == ',' })...),
		})
	}
	if len(rows) < 65 {
		t.Fatalf("oracle.tsv has %d rows, want all 65", len(rows))
	}
	return rows
}

// readCases returns the objects of every case by its number.
func readCases(t *testing.T) map[string]*objects.Set {
	t.Helper()
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]*objects.Set{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set, err := objects.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		number, _, _ := strings.Cut(filepath.Base(file), "-")
		cases[number] = set
	}
	return cases
}

// TestOracle asks every row of every query that the engine has.
func TestOracle(t *testing.T) {
	t.Parallel()
	indexes := map[string]*rbac.Index{}
	for number, set := range readCases(t) {
		set.Merge(objects.Bootstrap())
		indexes[number] = rbac.Compile(set.Snapshot(false))
	}
	for _, r := range readOracle(t) {
		ix := indexes[r.number]
		if ix == nil {
			t.Fatalf("%s: no such case", r.text)
		}
		for query, got := range answers(ix, r.id, r.action) {
			if got != r.allowed {
				t.Errorf("%s: %s says %v", r.text, query, got)
			}
		}
	}
}

// answers asks whether the identity may do the action, in every way there is.
func answers(ix *rbac.Index, id rbac.Identity, a rbac.Action) map[string]bool {
	can := ix.Can(id, a)
	matrix := ix.SubjectMatrix(a, []string{"nothing", a.Verb}, rbac.InNamespace)
	return map[string]bool{
		"allowed":          ix.Allowed(id, a),
		"can":              can.Allowed,
		"proofs":           can.Superuser || len(can.Proofs) > 0,
		"who can":          granted(ix.WhoCan(a, rbac.InNamespace).Grants, id, a),
		"who can anywhere": granted(ix.WhoCan(a, rbac.Anywhere).Grants, id, a),
		"rules":            id.Superuser() || allowedBy(ix.Rights(id, ""), a),
		"rules of a place": id.Superuser() || allowedBy(ix.Rights(id, a.Namespace), a),
		"matrix": slices.ContainsFunc(matrix, func(r rbac.MatrixRow) bool {
			return isOne(id, r.Subject) && (r.Cells[1].Everywhere || slices.Contains(r.Cells[1].Namespaces, a.Namespace))
		}),
	}
}

// isOne reports whether the identity is the subject, or a member of it.
func isOne(id rbac.Identity, s rbac.Subject) bool {
	if s.UserName() != "" {
		return s.UserName() == id.User
	}
	return slices.Contains(id.Groups, s.Name)
}

// granted reports whether one of the grants is for the identity and for the place of the action.
func granted(grants []rbac.Grant, id rbac.Identity, a rbac.Action) bool {
	return slices.ContainsFunc(grants, func(g rbac.Grant) bool {
		return isOne(id, g.Subject) && (g.Everywhere || !a.IsURL() && slices.Contains(g.Namespaces, a.Namespace))
	})
}

func allowedBy(rights []rbac.Right, a rbac.Action) bool {
	return slices.ContainsFunc(rights, func(r rbac.Right) bool { return r.Allows(a) })
}

// TestAggregatedOffline is case 30: rules that only a controller would have filled in.
func TestAggregatedOffline(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(readCases(t)["30"].Snapshot(false))
	mona := rbac.NewIdentity(rbac.User("mona"))
	for _, verb := range []string{"get", "list"} {
		a := rbac.Action{Verb: verb, Resource: "secrets", Namespace: "dev"}
		for query, got := range answers(ix, mona, a) {
			if want := verb == "get"; got != want {
				t.Errorf("%s: %s says %v, want %v", a, query, got, want)
			}
		}
	}
	proofs := ix.Can(mona, rbac.Action{Verb: "get", Resource: "secrets"}).Proofs
	if len(proofs) != 1 || proofs[0].Role.Name != "agg" || proofs[0].Part == nil || proofs[0].Part.Name != "part" {
		t.Errorf("proofs %+v, want one through agg out of part", proofs)
	}
}

// TestOneSubjectTwoBindings is case 29: one grant with two proofs.
func TestOneSubjectTwoBindings(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(readCases(t)["29"].Snapshot(false))
	var got []string
	for _, g := range ix.WhoCan(rbac.Action{Verb: "get", Resource: "pods"}, rbac.Anywhere).Grants {
		for _, p := range g.Proofs {
			got = append(got, g.Subject.String()+" "+p.Binding.KindName())
		}
	}
	if want := []string{"user:luke clusterrolebinding/a", "user:luke clusterrolebinding/b"}; !slices.Equal(got, want) {
		t.Errorf("proofs %v, want %v", got, want)
	}
}
