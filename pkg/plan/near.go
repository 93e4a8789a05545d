package plan

// Near returns the lines that come and go, with so many around each of those that stay; "..." stands for others.
func (c Change) Near(around int) []DiffLine {
	keep := make([]bool, len(c.Lines))
	for i, l := range c.Lines {
		if l.Op == ' ' {
			continue
		}
		for j := max(0, i-around); j <= min(len(c.Lines)-1, i+around); j++ {
			keep[j] = true
		}
	}
	var out []DiffLine
	for i, l := range c.Lines {
		switch {
		case keep[i]:
			out = append(out, l)
		case i == 0 || keep[i-1]:
			out = append(out, DiffLine{Op: ' ', Text: "..."})
		}
	}
	return out
}
