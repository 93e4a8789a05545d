package grid_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// keyed returns a list whose keys are its texts before a colon.
func keyed(texts ...string) *screen.List {
	list := words(texts...)
	list.Key = func(row int) string {
		key, _, _ := strings.Cut(texts[row], ":")
		return key
	}
	return list
}

// numbered returns a list of n rows, k0 to k(n-1).
func numbered(n int) *screen.List {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = fmt.Sprintf("k%d", i)
	}
	return keyed(texts...)
}

// state says where somebody is: the key under the cursor, and the lines in sight, without blanks.
func state(g *grid.Grid, h int) string {
	var lines []string
	for line := range strings.SplitSeq(text.Plain(g.View(24, h, theme.Colourless())), "\n") {
		lines = append(lines, strings.ReplaceAll(line, " ", ""))
	}
	at, of := g.Position()
	return fmt.Sprintf("%s %d/%d %s", g.Key(), at, of, strings.Join(lines[1:], ","))
}

func TestMoving(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rows int
		do   func(*grid.Grid)
		want string
	}{
		"start":              {20, func(*grid.Grid) {}, "k0 1/20 ►k0,k1,k2,k3"},
		"down":               {20, func(g *grid.Grid) { g.Move(1) }, "k1 2/20 k0,►k1,k2,k3"},
		"up at the top":      {20, func(g *grid.Grid) { g.Move(-1) }, "k0 1/20 ►k0,k1,k2,k3"},
		"down out of sight":  {20, func(g *grid.Grid) { g.Move(5) }, "k5 6/20 k2,k3,k4,►k5"},
		"and back":           {20, func(g *grid.Grid) { g.Move(5); g.Move(-4) }, "k1 2/20 ►k1,k2,k3,k4"},
		"bottom":             {20, func(g *grid.Grid) { g.Bottom() }, "k19 20/20 k16,k17,k18,►k19"},
		"below the bottom":   {20, func(g *grid.Grid) { g.Bottom(); g.Move(3) }, "k19 20/20 k16,k17,k18,►k19"},
		"top":                {20, func(g *grid.Grid) { g.Bottom(); g.Top() }, "k0 1/20 ►k0,k1,k2,k3"},
		"page":               {20, func(g *grid.Grid) { g.Move(1); g.Page(1) }, "k5 6/20 k4,►k5,k6,k7"},
		"pages":              {20, func(g *grid.Grid) { g.Page(3); g.Page(-1) }, "k8 9/20 ►k8,k9,k10,k11"},
		"page beyond":        {6, func(g *grid.Grid) { g.Page(1); g.Page(1) }, "k5 6/6 k2,k3,k4,►k5"},
		"page up at the top": {20, func(g *grid.Grid) { g.Move(2); g.Page(-1) }, "k0 1/20 ►k0,k1,k2,k3"},
		"wheel":              {20, func(g *grid.Grid) { g.Scroll(3) }, "k3 4/20 ►k3,k4,k5,k6"},
		"wheel in sight":     {20, func(g *grid.Grid) { g.Move(3); g.Scroll(2) }, "k3 4/20 k2,►k3,k4,k5"},
		"wheel up":           {20, func(g *grid.Grid) { g.Bottom(); g.Scroll(-3) }, "k16 17/20 k13,k14,k15,►k16"},
		"wheel at the end":   {6, func(g *grid.Grid) { g.Scroll(99) }, "k2 3/6 ►k2,k3,k4,k5"},
		"wheel of few":       {2, func(g *grid.Grid) { g.Move(1); g.Scroll(3) }, "k1 2/2 k0,►k1,,"},
		"to a row":           {20, func(g *grid.Grid) { g.MoveTo(2) }, "k2 3/20 k0,k1,►k2,k3"},
		"to no row":          {20, func(g *grid.Grid) { g.MoveTo(99) }, "k0 1/20 ►k0,k1,k2,k3"},
		"seek":               {20, func(g *grid.Grid) { g.Seek("k9") }, "k9 10/20 k6,k7,k8,►k9"},
		"seek no key":        {20, func(g *grid.Grid) { g.Seek("x") }, "k0 1/20 ►k0,k1,k2,k3"},
		"no rows":            {0, func(g *grid.Grid) { g.Move(1); g.Page(1); g.Bottom(); g.Scroll(1); g.Shift(1) }, " 0/0 ,,,"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g grid.Grid
			g.Show(arrange(t, numbered(tc.rows), grid.Sort{}, "", nil), false)
			g.View(24, 5, theme.Colourless())
			tc.do(&g)
			if got := state(&g, 5); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

// A grid that was never shown anything, or never drawn, can be moved all the same.
func TestZeroGrid(t *testing.T) {
	t.Parallel()
	var g grid.Grid
	g.Move(3)
	g.Page(1)
	g.Bottom()
	g.Scroll(2)
	g.Shift(1)
	g.MoveTo(4)
	g.Unmark()
	if row, key := g.Row(), g.Key(); row != -1 || key != "" || g.Marked() || g.Shown() != nil {
		t.Errorf("row %d, key %q, marked %v, shown %v, want none", row, key, g.Marked(), g.Shown())
	}
	if row, head := g.Hit(3, 1); row != -1 || head != 0 {
		t.Errorf("Hit = %d, %d, want -1, 0", row, head)
	}
	g.Seek("k2")
	g.Show(arrange(t, numbered(4), grid.Sort{}, "", nil), false)
	if g.Key() != "k2" {
		t.Errorf("key = %q, want k2", g.Key())
	}
}

func TestShowKeepsTheRow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		do     func(*grid.Grid)
		list   *screen.List
		filter string
		want   string
	}{
		"rows above":          {func(g *grid.Grid) { g.Move(2) }, keyed("k00", "k0", "k1", "k2", "k3", "k4"), "", "k2 4/6 k0,k1,►k2,k3"},
		"rows gone above":     {func(g *grid.Grid) { g.Move(2) }, keyed("k2", "k3", "k4"), "", "k2 1/3 ►k2,k3,k4,"},
		"gone":                {func(g *grid.Grid) { g.Move(2) }, keyed("k0", "k1", "k3", "k4", "k5"), "", "k3 3/5 k0,k1,►k3,k4"},
		"gone at the end":     {func(g *grid.Grid) { g.Bottom() }, keyed("k0", "k1", "k2"), "", "k2 3/3 k0,k1,►k2,"},
		"all gone":            {func(g *grid.Grid) { g.Move(2) }, keyed(), "", " 0/0 ,,,"},
		"other order":         {func(g *grid.Grid) { g.Move(1) }, keyed("k4", "k3", "k2", "k1", "k0"), "", "k1 4/5 k3,k2,►k1,k0"},
		"never moved":         {func(*grid.Grid) {}, keyed("a", "b", "k0", "k1"), "", "a 1/4 ►a,b,k0,k1"},
		"filtered":            {func(g *grid.Grid) { g.Move(4) }, numbered(6), "k !2", "k4 4/5 k0,k1,k3,►k4"},
		"filtered out":        {func(g *grid.Grid) { g.Move(4) }, numbered(6), "!4 !5", "k0 1/4 ►k0,k1,k2,k3"},
		"sought":              {func(g *grid.Grid) { g.Seek("new") }, keyed("k0", "k1", "new"), "", "new 3/3 k0,k1,►new,"},
		"sought, given up":    {func(g *grid.Grid) { g.Seek("new"); g.Move(1) }, keyed("k0", "k1", "new"), "", "k1 2/3 k0,►k1,new,"},
		"sought, still not":   {func(g *grid.Grid) { g.Move(1); g.Seek("new") }, keyed("k00", "k0", "k1"), "", "k1 3/3 k00,k0,►k1,"},
		"same keys elsewhere": {func(g *grid.Grid) { g.Move(1) }, keyed("k1:b", "k0:a"), "", "k1 1/2 ►k1:b,k0:a,,"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g grid.Grid
			g.Show(arrange(t, numbered(6), grid.Sort{}, "", nil), false)
			g.View(24, 5, theme.Colourless())
			tc.do(&g)
			a := arrange(t, tc.list, grid.Sort{}, tc.filter, nil)
			g.Show(a, false)
			if got := state(&g, 5); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if g.Shown() != a {
				t.Error("another arrangement is shown")
			}
		})
	}
}

// What time alone changes is no mark, and does not hide one.
func TestMarksOfTime(t *testing.T) {
	t.Parallel()
	aging := func(texts ...string) *screen.List {
		list := keyed(texts...)
		text := list.Cell
		list.Columns = append(list.Columns, screen.Column{Name: "AGE", Drifts: true})
		list.Cell = func(row, column int) screen.Cell {
			before, age, _ := strings.Cut(text(row, 0).Text, "@")
			return []screen.Cell{{Text: before}, {Text: age}}[column]
		}
		return list
	}
	var g grid.Grid
	g.Show(arrange(t, aging("a:1@1m", "b:1@1m"), grid.Sort{}, "", nil), true)
	g.View(24, 5, theme.Colourless())
	g.Show(arrange(t, aging("a:1@2m", "b:2@2m"), grid.Sort{}, "", nil), true)
	if got, want := state(&g, 5), "a 1/2 ►a:12m,~b:22m,,"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// News never put another row under a cursor that somebody looks at.
func TestNewsKeepTheRow(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		drawn bool
		do    func(*grid.Grid)
		news  *screen.List
		want  string
	}{
		"never seen":       {false, func(*grid.Grid) {}, keyed("a", "k0", "k1"), "a 1/3 ►a,k0,k1,"},
		"never moved":      {true, func(*grid.Grid) {}, keyed("a", "k0", "k1"), "k0 2/3 +a,►k0,k1,"},
		"moved":            {true, func(g *grid.Grid) { g.Move(1) }, keyed("a", "k0", "k1", "k2", "k3", "k4"), "k1 3/6 k0,►k1,k2,k3"},
		"much comes above": {true, func(*grid.Grid) {}, keyed("a", "b", "c", "d", "e", "k0"), "k0 6/6 +c,+d,+e,►k0"},
		"it goes":          {true, func(*grid.Grid) {}, keyed("k1", "k2"), "k1 1/2 ►k1,k2,,"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g grid.Grid
			g.Show(arrange(t, numbered(6), grid.Sort{}, "", nil), false)
			if tc.drawn {
				g.View(24, 5, theme.Colourless())
			}
			tc.do(&g)
			g.Show(arrange(t, tc.news, grid.Sort{}, "", nil), true)
			if got := state(&g, 5); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestMarks(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		list    *screen.List
		changed bool
		want    string
	}{
		"none":        {keyed("a:1", "b:1", "c:1"), true, "a 1/3 ►a:1,b:1,c:1,"},
		"came":        {keyed("a:1", "b:1", "bb:1", "c:1"), true, "a 1/4 ►a:1,b:1,+bb:1,c:1"},
		"changed":     {keyed("a:1", "b:2", "c:1"), true, "a 1/3 ►a:1,~b:2,c:1,"},
		"cursor":      {keyed("a:2", "b:1", "c:1"), true, "a 1/3 ►~a:2,b:1,c:1,"},
		"sorted anew": {keyed("c:1", "b:1", "a:1"), true, "a 3/3 c:1,b:1,►a:1,"},
		"not asked":   {keyed("x:1", "b:2"), false, "x 1/2 ►x:1,b:2,,"},
		"others":      {keyed("x:1"), true, "x 1/1 ►+x:1,,,"},
		"gone":        {keyed("a:1"), true, "a 1/1 ►a:1,,,"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var g grid.Grid
			g.Show(arrange(t, keyed("a:1", "b:1", "c:1"), grid.Sort{}, "", nil), true)
			g.View(24, 5, theme.Colourless())
			g.Show(arrange(t, tc.list, grid.Sort{}, "", nil), tc.changed)
			if got := state(&g, 5); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			if marked := strings.ContainsAny(tc.want, "+~"); g.Marked() != marked {
				t.Errorf("Marked = %v, want %v", g.Marked(), marked)
			}
			g.Unmark()
			if got := state(&g, 5); g.Marked() || strings.ContainsAny(got, "+~") {
				t.Errorf("after Unmark: %s", got)
			}
		})
	}
}

// A row that came stays one that came, and rows out of sight are not looked at.
func TestMarksAddUp(t *testing.T) {
	t.Parallel()
	var g grid.Grid
	for _, list := range []*screen.List{
		keyed("a", "b"), keyed("a", "b", "n:1", "z:1", "zz:1"), keyed("a", "b:2", "n:2", "z:1", "zz:2"),
	} {
		g.Show(arrange(t, list, grid.Sort{}, "", nil), true)
		g.View(24, 4, theme.Colourless())
	}
	g.Page(1)
	g.Page(-1)
	if got, want := state(&g, 6), "a 1/5 ►a,~b:2,+n:2,z:1,zz:2"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestHit(t *testing.T) {
	t.Parallel()
	var g grid.Grid
	g.Show(arrange(t, grants(team()), grid.Sort{Column: 1}, "", nil), false)
	g.View(56, 5, theme.Colourless())
	g.Scroll(1)
	g.View(56, 5, theme.Colourless())
	type hit struct{ row, head int }
	for at, want := range map[[2]int]hit{
		{0, 0}: {-1, 0}, {2, 0}: {-1, 1}, {13, 0}: {-1, 1}, {14, 0}: {-1, 0}, {16, 0}: {-1, 2}, {60, 0}: {-1, 0},
		{0, 1}: {3, 0}, {30, 2}: {2, 0}, {55, 4}: {0, 0}, {56, 1}: {-1, 0}, {3, 5}: {-1, 0}, {3, -1}: {-1, 0}, {-1, 1}: {-1, 0},
	} {
		row, head := g.Hit(at[0], at[1])
		if diff := cmp.Diff(want, hit{row, head}, cmp.AllowUnexported(hit{})); diff != "" {
			t.Errorf("Hit%v (-want +got):\n%s", at, diff)
		}
	}
}

// Each column comes into sight as one goes to the right, and all come back.
func TestShift(t *testing.T) {
	t.Parallel()
	for _, w := range []int{20, 30, 40, 56, 80, 200} {
		var g grid.Grid
		g.Show(arrange(t, grants(team()), grid.Sort{}, "", nil), false)
		first := g.View(w, 3, theme.Colourless())
		seen := map[int]bool{}
		for range 10 {
			g.View(w, 3, theme.Colourless())
			for x := range w {
				if _, head := g.Hit(x, 0); head > 0 {
					seen[head] = true
				}
			}
			g.Shift(1)
		}
		if len(seen) != 6 {
			t.Errorf("%d cells: columns %v were in sight, want all 6", w, seen)
		}
		g.Shift(-10)
		if back := g.View(w, 3, theme.Colourless()); back != first {
			t.Errorf("%d cells: after the way back:\n%s\nwant\n%s", w, back, first)
		}
	}
}

// Columns that were out of sight come back when there is room for all.
func TestShiftOnAWiderScreen(t *testing.T) {
	t.Parallel()
	var g grid.Grid
	g.Show(arrange(t, grants(team()), grid.Sort{}, "", nil), false)
	want := g.View(120, 4, theme.Colourless())
	g.View(40, 4, theme.Colourless())
	g.Shift(3)
	g.View(40, 4, theme.Colourless())
	if got := g.View(120, 4, theme.Colourless()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
