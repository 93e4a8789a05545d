package authn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// The tokens of an expression, as far as names and texts go. Texts come first: no name in them is one.
var (
	anyText   = pattern(`^(?s:[rR]"""(.*?)"""|[rR]'''(.*?)'''|[rR]"([^"\n]*)"|[rR]'([^'\n]*)'|"""((?:\\.|[^\\])*?)"""|'''((?:\\.|[^\\])*?)'''|"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'|//[^\n]*)`)
	anyName   = pattern(`^[_a-zA-Z][_a-zA-Z0-9]*`)
	anyField  = pattern(`^\s*\.\s*\??\s*([_a-zA-Z][_a-zA-Z0-9]*)(\s*\()?`)
	anyIndex  = pattern(`^\s*\[\s*\??\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)')\s*\]`)
	wholeName = pattern(`^[_a-zA-Z][_a-zA-Z0-9]*$`)
	asking    = pattern(`\bhas\s*\(\s*$`)
)

// pattern returns a pattern that is compiled when it is first asked for: most commands never need it.
func pattern(text string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(text) })
}

// keywords are the names that no field may have behind a dot.
var keywords = []string{"in", "true", "false", "null"}

func isIdentifier(key string) bool {
	return wholeName().MatchString(key) && !slices.Contains(keywords, key)
}

// literal writes a text as an expression has it, in single quotes where they do: most expressions stand in YAML.
func literal(key string) string {
	if text := strconv.Quote(key); strings.ContainsAny(key, `'"\`) || text != `"`+key+`"` {
		return text
	}
	return "'" + key + "'"
}

// replaced returns an expression with something else in place of what reads a field, wherever it does so but in has(),
// and how the first one was written; empty when none was found.
func replaced(text, variable string, path []string, by string) (out, written string) {
	var b strings.Builder
	for at := 0; at < len(text); {
		rest := text[at:]
		if found := anyText().FindString(rest); found != "" {
			b.WriteString(found)
			at += len(found)
			continue
		}
		name := anyName().FindString(rest)
		if name == "" {
			b.WriteByte(rest[0])
			at++
			continue
		}
		length := len(name)
		above := strings.TrimRight(text[:at], " \t\r\n")
		if name == variable && !strings.HasSuffix(above, ".") && !asking().MatchString(text[:at]) {
			if n := reading(rest[length:], path); n > 0 {
				length += n
				if written == "" {
					written = rest[:length]
				}
				b.WriteString(by)
				at += length
				continue
			}
		}
		b.WriteString(name)
		at += length
	}
	return b.String(), written
}

// reading returns the length of what leads along a path at the beginning of a text, 0 when it leads elsewhere.
func reading(text string, path []string) int {
	at := 0
	for _, key := range path {
		if m := anyField().FindStringSubmatch(text[at:]); m != nil && m[1] == key && m[2] == "" {
			at += len(m[0])
		} else if m := anyIndex().FindStringSubmatch(text[at:]); m != nil && m[1]+m[2] == key {
			at += len(m[0])
		} else {
			return 0
		}
	}
	return at
}
