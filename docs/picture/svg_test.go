package picture

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// TestSVG draws what differs in how it is drawn: columns, styles, wide characters, and what XML has a meaning for.
func TestSVG(t *testing.T) {
	t.Parallel()
	screen := "NAME        ROLE   WHO\n" +
		"\x1b[1mteam\x1b[m        \x1b[32medit\x1b[m   <a & b>\n" +
		"\x1b[7mreversed\x1b[m    \x1b[2mfaint\x1b[m  \x1b[4;95mpart\x1b[m\n" +
		"\x1b[97;44mwhite on blue\x1b[m  \x1b[38;2;1;2;3mrgb\x1b[m\n" +
		"界世x        e\u0301"
	golden.Equal(t, string(SVG(screen, 28, 6)), "svg")
}
