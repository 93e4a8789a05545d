package grid_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// words returns a list of one column of texts.
func words(texts ...string) *screen.List {
	return &screen.List{
		Columns: []screen.Column{{Name: "WORD", Min: 4}},
		Rows:    len(texts),
		Key:     strconv.Itoa,
		Cell:    func(row, _ int) screen.Cell { return screen.Cell{Text: texts[row]} },
	}
}

// shown are the texts of the first column of what is shown.
func shown(a *grid.Arrangement) []string {
	out := []string{}
	for _, row := range a.Rows {
		out = append(out, a.List.Cell(int(row), 0).Text)
	}
	return out
}

func TestArrangeSorts(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		in   []string
		sort grid.Sort
		want []string
	}{
		"unsorted":            {in: []string{"b", "a"}, want: []string{"b", "a"}},
		"text":                {in: []string{"b", "c", "a"}, sort: grid.Sort{Column: 1}, want: []string{"a", "b", "c"}},
		"descending":          {in: []string{"b", "c", "a"}, sort: grid.Sort{Column: 1, Descending: true}, want: []string{"c", "b", "a"}},
		"numbers in text":     {in: []string{"t10", "t9", "t1", "t009", "t"}, sort: grid.Sort{Column: 1}, want: []string{"t", "t1", "t9", "t009", "t10"}},
		"numbers and letters": {in: []string{"b", "10", "-", "9", "a1b2", "a1b10"}, sort: grid.Sort{Column: 1}, want: []string{"-", "9", "10", "a1b2", "a1b10", "b"}},
		"nought":              {in: []string{"1", "0", "00"}, sort: grid.Sort{Column: 1}, want: []string{"0", "00", "1"}},
		"case":                {in: []string{"b", "A", "a", "B"}, sort: grid.Sort{Column: 1}, want: []string{"A", "a", "b", "B"}},
		"equal descending":    {in: []string{"A", "b", "a"}, sort: grid.Sort{Column: 1, Descending: true}, want: []string{"b", "A", "a"}},
		"empty first":         {in: []string{"a", "", "b"}, sort: grid.Sort{Column: 1}, want: []string{"", "a", "b"}},
		"other scripts":       {in: []string{"é", "z", "É", "東"}, sort: grid.Sort{Column: 1}, want: []string{"z", "é", "É", "東"}},
		"prefix":              {in: []string{"team-abcdefghij2", "team-abcdefghij", "team-abcdefghi"}, sort: grid.Sort{Column: 1}, want: []string{"team-abcdefghi", "team-abcdefghij", "team-abcdefghij2"}},
		"no such column":      {in: []string{"b", "a"}, sort: grid.Sort{Column: 2}, want: []string{"b", "a"}},
		"no rows":             {sort: grid.Sort{Column: 1}, want: []string{}},
		"long numbers":        {in: []string{"9" + strings.Repeat("0", 300), strings.Repeat("8", 300), "7"}, sort: grid.Sort{Column: 1}, want: []string{"7", strings.Repeat("8", 300), "9" + strings.Repeat("0", 300)}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := arrange(t, words(tc.in...), tc.sort, "", nil)
			if diff := cmp.Diff(tc.want, shown(a)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
			if a.Sort != tc.sort {
				t.Errorf("Sort = %v, want %v", a.Sort, tc.sort)
			}
		})
	}
}

func TestArrangeSortsNumbers(t *testing.T) {
	t.Parallel()
	numbers := []float64{3, -1, math.NaN(), 20, 3, 0}
	list := words("a", "b", "c", "d", "e", "f")
	list.Columns[0].Numeric = true
	cell := list.Cell
	list.Cell = func(row, column int) screen.Cell {
		c := cell(row, column)
		c.Number = numbers[row]
		return c
	}
	for descending, want := range map[bool][]string{
		false: {"b", "f", "a", "e", "d", "c"}, // what is no number comes last either way
		true:  {"d", "a", "e", "f", "b", "c"},
	} {
		if diff := cmp.Diff(want, shown(arrange(t, list, grid.Sort{Column: 1, Descending: descending}, "", nil))); diff != "" {
			t.Errorf("descending %v (-want +got):\n%s", descending, diff)
		}
	}
}

func TestArrangeFilters(t *testing.T) {
	t.Parallel()
	names := []string{
		"team-vision/deployer", "team-nlp/viewer", "kube-system/Admin", "vision", "tv-depot", "user:dana@acme.example", "Ünïcode", "x.nlpv",
	}
	tests := map[string]struct {
		filter string
		want   []string
	}{
		"nothing":             {"", names},
		"blanks":              {"   ", names},
		"letters":             {"vi", []string{"team-vision/deployer", "team-nlp/viewer", "vision"}},
		"any case":            {"ADMIN", []string{"kube-system/Admin"}},
		"two words":           {"team vi", []string{"team-vision/deployer", "team-nlp/viewer"}},
		"excluded":            {"vi !team", []string{"vision"}},
		"only excluded":       {"!e", []string{"vision", "x.nlpv"}},
		"lone mark":           {"! vision", []string{"team-vision/deployer", "vision"}},
		"starts of words":     {"tvd", []string{"tv-depot", "team-vision/deployer"}},
		"a letter left out":   {"depler", []string{"team-vision/deployer"}},
		"first letter inside": {"isd", []string{"team-vision/deployer"}},
		"fuzzy":               {"nlpvi", []string{"team-nlp/viewer"}},
		"exact, so not fuzzy": {"nlpv", []string{"x.nlpv"}},
		"too far apart":       {"tmvn", []string{}},
		"too short":           {"td", []string{}},
		"fuzzy and exact":     {"tvd depot", []string{"tv-depot"}},
		"beyond ASCII":        {"ünï", []string{"Ünïcode"}},
		"upper beyond ASCII":  {"ÜNÏ", []string{"Ünïcode"}},
		"no such":             {"zzz", []string{}},
		"long":                {"this-is-no-name-of-anything-anywhere", []string{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shown(arrange(t, words(names...), grid.Sort{}, tc.filter, nil))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// Words are found in any column, but none across two.
func TestArrangeFiltersAllColumns(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		filter string
		want   []string
	}{
		"several columns": {"acme owner vision", []string{"user:dana@acme.example"}},
		"across two":      {"ownerteam", []string{}},
		"last column":     {"120%", []string{"sa:team-nlp/default-editor"}},
		"fuzzy, sorted":   {"tvs", []string{"group:ml-platform", "user:dana@acme.example"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := shown(arrange(t, grants(team()), grid.Sort{Column: 1}, tc.filter, nil))
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// Whatever was known before, the result is what it is without.
func TestArrangeFromEarlier(t *testing.T) {
	t.Parallel()
	list := grants(crowd(2000))
	typed := []string{
		"", "p", "pe", "per", "pers", "pers 1", "pers 12", "pers !12", "pers !1", "!kalm", "!kalm t5w", "t5w", "pda", "pdae", "pdaex", "ed", "edi",
		"prs", "prsn", "prsn dep", "owner", "o", "wn", "wnr",
	}
	sorts := []grid.Sort{{}, {Column: 1}, {Column: 3, Descending: true}, {Column: 6, Descending: true}}
	random := rand.New(rand.NewPCG(1, 2))
	var earlier *grid.Arrangement
	for range 300 {
		sort, filter := sorts[random.IntN(len(sorts))], typed[random.IntN(len(typed))]
		if earlier != nil && random.IntN(2) == 0 {
			filter = earlier.Filter + string("perxs 1!"[random.IntN(8)])
		}
		want := arrange(t, list, sort, filter, nil)
		got := arrange(t, list, sort, filter, earlier)
		if !slices.Equal(want.Rows, got.Rows) {
			t.Fatalf("%q %v from %q %v: %d rows, want %d", filter, sort, earlier.Filter, earlier.Sort, len(got.Rows), len(want.Rows))
		}
		if got.Filter != filter || got.Sort != sort || got.List != list {
			t.Fatalf("the arrangement says %q %v, want %q %v", got.Filter, got.Sort, filter, sort)
		}
		earlier = got
	}
	if other := arrange(t, words("person"), grid.Sort{}, "p", earlier); len(other.Rows) != 1 {
		t.Errorf("an arrangement of another list gives %d rows, want 1", len(other.Rows))
	}
}

// Texts that are too long to be kept are found all the same.
func TestArrangeLongTexts(t *testing.T) {
	t.Parallel()
	var texts []string
	for i := range 40 {
		texts = append(texts, strings.Repeat("x", 1_000_000)+fmt.Sprintf(" Name-%d", i))
	}
	a := arrange(t, words(texts...), grid.Sort{Column: 1, Descending: true}, "-3", nil)
	if want := 11; len(a.Rows) != want {
		t.Errorf("%d rows, want %d", len(a.Rows), want)
	}
	if a = arrange(t, a.List, a.Sort, "-33", a); len(a.Rows) != 1 {
		t.Errorf("%d rows, want 1", len(a.Rows))
	}
}

// An arrangement that nobody wants any more ends, whatever it is at.
func TestArrangeStops(t *testing.T) {
	t.Parallel()
	items := crowd(10_000)
	list := grants(items)
	for _, after := range []int{0, 100, 9_000, 15_000, 40_000, 69_000} {
		ctx, cancel := context.WithCancel(t.Context())
		var mu sync.Mutex
		calls, late := 0, 0
		counted := *list
		counted.Cell = func(row, column int) screen.Cell {
			mu.Lock()
			defer mu.Unlock()
			if calls++; calls == after {
				cancel()
			}
			if calls > after {
				late++
			}
			return list.Cell(row, column)
		}
		if after == 0 {
			cancel()
		}
		a, err := grid.Arrange(ctx, &counted, grid.Sort{Column: 1}, "person", nil)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped after %d cells: %v, %v, want canceled", after, a, err)
		}
		if most := 64 * 6 * 8; late > most {
			t.Errorf("%d cells were asked for after the end, want at most %d", late, most)
		}
		cancel()
	}
}

// Several may arrange from the same at the same time: the one that was stopped and the one that took its place.
func TestArrangeAtTheSameTime(t *testing.T) {
	t.Parallel()
	list := grants(crowd(3000))
	earlier := arrange(t, list, grid.Sort{Column: 1}, "p", nil)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			filter := "person-0" + strconv.Itoa(i)
			a, err := grid.Arrange(t.Context(), list, grid.Sort{Column: 1 + i%3}, filter, earlier)
			if err != nil || len(a.Rows) == 0 && i < 3 {
				t.Errorf("%q: %v", filter, err)
			}
		})
	}
	group.Wait()
}

func FuzzArrange(f *testing.F) {
	f.Add("abc", "b", "Team-10", "a !b")
	f.Add("\x00", "\xff", "e\u0301", "\x00")
	f.Add("a-b-c", "axbxc", "abc", "abc")
	f.Fuzz(func(t *testing.T, a, b, c, filter string) {
		list := words(a, b, c, a+b, b+c)
		got := arrange(t, list, grid.Sort{Column: 1}, filter, nil)
		seen := map[int32]bool{}
		for _, row := range got.Rows {
			if row < 0 || int(row) >= list.Rows || seen[row] {
				t.Fatalf("Arrange(%q) gives rows %v", filter, got.Rows)
			}
			seen[row] = true
		}
		longer := filter + "x"
		want := arrange(t, list, grid.Sort{Column: 1}, longer, nil)
		if more := arrange(t, list, grid.Sort{Column: 1}, longer, got); !slices.Equal(more.Rows, want.Rows) {
			t.Fatalf("Arrange(%q) from %q gives %v, want %v", longer, filter, more.Rows, want.Rows)
		}
		var g grid.Grid
		g.Show(got, false)
		checkView(t, g.View(30, 7, theTheme()), 30, 7)
	})
}
