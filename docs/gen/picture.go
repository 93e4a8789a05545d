package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// Sizes of the picture, in pixels.
const (
	pictureFont   = 13
	pictureLetter = 7.83 // width of a letter of that font
	pictureLine   = 19
	pictureMargin = 18
)

// picture draws what a terminal shows when the commands are run on the example company. It is made by the code that it
// shows, so it can't be out of date.
func (g *generator) picture(commands ...[]string) []byte {
	var lines []string
	for i, command := range commands {
		if i > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "$ "+g.name+" "+strings.Join(command, " "))
		var out bytes.Buffer
		g.run(&out, io.Discard, append(command, "--from", "examples/acme"))
		lines = append(lines, strings.Split(strings.TrimRight(out.String(), "\n"), "\n")...)
	}
	width := 0
	for _, line := range lines {
		width = max(width, utf8.RuneCountInString(line))
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%d" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%d">`+"\n",
		float64(width)*pictureLetter+2*pictureMargin, len(lines)*pictureLine+2*pictureMargin, pictureFont)
	b.WriteString(`<rect width="100%" height="100%" rx="8" fill="#16181d"/>` + "\n")
	for i, line := range lines {
		fmt.Fprintf(&b, `<text x="%d" y="%d" fill="%s" xml:space="preserve">%s</text>`+"\n",
			pictureMargin, pictureMargin+(i+1)*pictureLine-5, colourOf(line), html.EscapeString(line))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// colourOf tells what was typed from headings and from answers.
func colourOf(line string) string {
	switch {
	case strings.HasPrefix(line, "$ "):
		return "#8fd18f"
	case strings.HasPrefix(line, "SUBJECT"), strings.HasPrefix(line, "no:"), strings.HasPrefix(line, "yes:"):
		return "#e8c36a"
	}
	return "#d7dae0"
}

// run runs the plugin as a function.
func (g *generator) run(out, errOut io.Writer, args []string) {
	cli.Run(context.Background(), g.env(out, errOut), g.newCommand, args)
}
