// Package picture draws what a terminal shows as an SVG.
package picture

import (
	"bytes"
	"fmt"
	"html"
	"image/color"
	"strings"

	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
)

// Sizes, in pixels. A picture scales, and so they only matter against each other.
const (
	font   = 13
	letter = 7.83 // width of a cell: that of a letter in most fonts of this size
	line   = 17   // height of a cell
	margin = 14
)

// Colours of a terminal with a dark background, in the order of ANSI.
const (
	paper = "#16181d"
	ink   = "#d7dae0"
)

func palette() [16]string {
	return [16]string{
		"#16181d", "#e0706c", "#8fd18f", "#e8c36a", "#3b5f8f", "#c792ea", "#6fc3c3", "#b6bac4",
		"#7a7f8a", "#ff8f8b", "#a9e5a9", "#ffd986", "#7fb0f0", "#dcb0f5", "#8fe0e0", "#ffffff",
	}
}

// SVG draws a screen of that many cells. The text is what is sent to a terminal, with its escape sequences for styles;
// the same text gives the same bytes.
func SVG(screen string, width, height int) []byte {
	cells := uv.NewScreenBuffer(width, height)
	cells.Method = ansi.GraphemeWidth
	uv.NewStyledString(screen).Draw(cells, cells.Bounds())
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" `+
		`font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="%d">`+"\n",
		float64(width)*letter+2*margin, height*line+2*margin, float64(width)*letter+2*margin, font)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", paper)
	for y := range height {
		for _, r := range runs(cells, y, width) {
			r.draw(&b, y)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// run is cells of one style that stand beside each other.
type run struct {
	x, cells int
	wide     bool
	text     strings.Builder
	style    uv.Style
}

func runs(cells uv.ScreenBuffer, y, width int) []*run {
	var out []*run
	for x := 0; x < width; {
		content, style, wide := " ", uv.Style{}, 1
		if c := cells.CellAt(x, y); c != nil && c.Width > 0 {
			content, style, wide = c.Content, c.Style, c.Width
		}
		// What is wider than a letter stands by itself: fonts differ in how wide they draw it.
		if last := len(out) - 1; last < 0 || wide > 1 || out[last].wide || !out[last].style.Equal(&style) {
			out = append(out, &run{x: x, wide: wide > 1, style: style})
		}
		last := out[len(out)-1]
		last.text.WriteString(content)
		last.cells += wide
		x += wide
	}
	return out
}

// draw draws the background, when it has one of its own, and the text.
func (r *run) draw(b *bytes.Buffer, y int) {
	front, back := hex(r.style.Fg, ink), hex(r.style.Bg, "")
	if r.style.Attrs&uv.AttrReverse != 0 {
		front, back = hex(r.style.Bg, paper), hex(r.style.Fg, ink)
	}
	left, top := margin+float64(r.x)*letter, margin+y*line
	if back != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", left, top, float64(r.cells)*letter, line, back)
	}
	more := ""
	if r.style.Attrs&uv.AttrBold != 0 {
		more += ` font-weight="bold"`
	}
	if r.style.Attrs&uv.AttrFaint != 0 {
		more += ` opacity="0.65"`
	}
	if r.style.Underline != uv.UnderlineNone {
		more += ` text-decoration="underline"`
	}
	for _, w := range words(r.text.String()) {
		x, width := left+float64(w.at)*letter, float64(ansi.StringWidth(w.text))*letter
		fmt.Fprintf(b, `<text x="%.1f" y="%d" textLength="%.1f" fill="%s"%s xml:space="preserve">%s</text>`+"\n",
			x, top+line-4, width, front, more, html.EscapeString(w.text))
	}
}

// word is a piece of a text, and the cell where it begins.
type word struct {
	at   int
	text string
}

// words parts a text where there is more than one space, so that each column begins where it should in any font.
func words(text string) []word {
	var out []word
	at := 0
	for i, piece := range strings.Split(text, "  ") {
		if i > 0 {
			at += 2
		}
		if trimmed := strings.TrimLeft(piece, " "); trimmed != "" {
			out = append(out, word{at + len(piece) - len(trimmed), strings.TrimRight(trimmed, " ")})
		}
		at += ansi.StringWidth(piece)
	}
	return out
}

// hex is a colour as SVG writes it; the sixteen of ANSI are those of the palette.
func hex(c color.Color, none string) string {
	switch c := c.(type) {
	case nil:
		return none
	case ansi.BasicColor:
		return palette()[c]
	default:
		r, g, b, _ := c.RGBA()
		return fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	}
}
