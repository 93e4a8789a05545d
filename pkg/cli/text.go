package cli

import (
	"cmp"
	"slices"
	"strings"
)

// dedent removes blank lines around text and the indentation that all its lines share.
func dedent(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n")
	shared := -1
	for i, line := range lines {
		lines[i] = strings.TrimRight(line, " ")
		if lines[i] == "" {
			continue
		}
		if width := len(line) - len(strings.TrimLeft(line, " ")); shared < 0 || width < shared {
			shared = width
		}
	}
	for i, line := range lines {
		if line != "" && shared > 0 {
			lines[i] = line[min(shared, len(line)):]
		}
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// indent puts prefix in front of every line that is not empty.
func indent(text, prefix string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = prefix + line
		}
	}
	return strings.Join(lines, "\n")
}

// Similar returns those of known that word may have been meant for: up to three, closest first, for a "did you mean".
func Similar(word string, known []string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var near []candidate
	for _, name := range known {
		distance := editDistance(strings.ToLower(word), strings.ToLower(name))
		// A third of the letters may be wrong; a prefix of three letters or more is always taken.
		prefix := len(word) >= 3 && strings.HasPrefix(strings.ToLower(name), strings.ToLower(word))
		if distance <= max(1, len(word)/3) || prefix {
			near = append(near, candidate{name, distance})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.name, b.name))
	})
	var names []string
	for _, c := range slices.Compact(near) {
		if len(names) < 3 {
			names = append(names, c.name)
		}
	}
	return names
}

// editDistance counts the letters to insert, delete, replace, or swap with their neighbour (optimal string alignment).
func editDistance(a, b string) int {
	from, to := []rune(a), []rune(b)
	row := func(start int) []int {
		cells := make([]int, len(to)+1)
		cells[0] = start
		return cells
	}
	var before []int
	last := row(0)
	for j := range last {
		last[j] = j
	}
	for i := range from {
		this := row(i + 1)
		for j := range to {
			replaced := last[j]
			if from[i] != to[j] {
				replaced++
			}
			this[j+1] = min(replaced, this[j]+1, last[j+1]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				this[j+1] = min(this[j+1], before[j-1]+1)
			}
		}
		before, last = last, this
	}
	return last[len(to)]
}
