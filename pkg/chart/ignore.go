package chart

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// ignoreRule is a line of a .helmignore file.
type ignoreRule struct {
	pattern string
	// negated leaves out all that does not match, which is what Helm makes of "!".
	negated bool
	// directory matches directories only.
	directory bool
	// whole compares the pattern with the path, not with its last part.
	whole bool
}

// ignore is a .helmignore file. The first rule that leaves a file out decides.
type ignore []ignoreRule

// readIgnore reads the .helmignore of a chart, when there is one. What begins with a dot in templates/ is always left
// out.
func readIgnore(root *os.Root) (ignore, error) {
	const name = ".helmignore"
	data, err := root.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var rules ignore
	for i, line := range strings.Split(strings.TrimPrefix(string(data), "\uFEFF"), "\n") {
		rule, ok, err := parseIgnore(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, i+1, err)
		}
		if ok {
			rules = append(rules, rule)
		}
	}
	return append(rules, ignoreRule{pattern: "templates/.?*", whole: true}), nil
}

func parseIgnore(line string) (rule ignoreRule, ok bool, err error) {
	line = strings.TrimSpace(line)
	if line == "" || strings.HasPrefix(line, "#") {
		return rule, false, nil
	}
	if strings.Contains(line, "**") {
		return rule, false, errors.New(`"**" is not supported, by Helm neither`)
	}
	if _, err := path.Match(line, "abc"); err != nil {
		return rule, false, err
	}
	line, rule.negated = strings.CutPrefix(line, "!")
	line, rule.directory = strings.CutSuffix(line, "/")
	rule.whole = strings.Contains(line, "/")
	rule.pattern = strings.TrimPrefix(line, "/")
	return rule, true, nil
}

// match says whether a path with slashes is left out.
func (rules ignore) match(name string, directory bool) bool {
	for _, rule := range rules {
		subject := name
		if !rule.whole {
			subject = path.Base(name)
		}
		// The pattern was tried when it was read.
		matched, _ := path.Match(rule.pattern, subject)
		switch {
		case rule.negated && (rule.directory && !directory || !matched):
			return true
		case rule.negated, rule.directory && !directory:
			continue
		case matched:
			return true
		}
	}
	return false
}
