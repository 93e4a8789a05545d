package main

import (
	"strings"
	"unicode/utf8"

	"github.com/kubegatehouse/gatehouse/docs/picture"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/whocan"
)

// example is the company that the pictures are about.
const example = "examples/acme"

// pictures draws what the programs show, by the names of files. They are made by the code that they show, and so can't be
// out of date; and there is neither a cluster nor a clock that runs, so that they are the same each time.
func pictures() (map[string][]byte, error) {
	pages, err := screens()
	if err != nil {
		return nil, err
	}
	asked := plugin{"kubectl whocan", whocan.NewCommand}
	pages["whocan.svg"] = asked.picture([]string{"get", "secrets", "-n", "team-vision"},
		[]string{"why", "bob@acme.example", "delete", "pods", "-n", "team-nlp", "--group", "ml-readers"})
	return pages, nil
}

// picture draws what a terminal shows when the commands are run on the example company.
func (p plugin) picture(commands ...[]string) []byte {
	var lines []string
	for i, command := range commands {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "$ "+p.name+" "+strings.Join(command, " "))
		out := p.output(append(command, "--from", example))
		lines = append(lines, strings.Split(strings.TrimRight(out, "\n"), "\n")...)
	}
	width := 0
	for i, line := range lines {
		width = max(width, utf8.RuneCountInString(line))
		lines[i] = coloured(line)
	}
	return picture.SVG(strings.Join(lines, "\n"), width, len(lines))
}

// What a terminal takes for colours.
const (
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	plain  = "\x1b[m"
)

// coloured tells what was typed from headings and from answers.
func coloured(line string) string {
	switch {
	case strings.HasPrefix(line, "$ "):
		return green + line + plain
	case strings.HasPrefix(line, "SUBJECT"), strings.HasPrefix(line, "no:"), strings.HasPrefix(line, "yes:"):
		return yellow + line + plain
	}
	return line
}
