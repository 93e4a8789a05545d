package chart

import (
	"errors"
	"regexp"
	"strings"
)

// globPattern compiles a pattern of ".Files.Glob": "*" is any text without a slash, "**" any text, "?" one character
// but a slash, "[ab]", "[!ab]" and "[a-z]" one of some, "{a,b}" one of several patterns, and "\" takes a character as it
// is.
func globPattern(pattern string) (*regexp.Regexp, error) {
	var out strings.Builder
	out.WriteString(`(?s)\A`)
	depth, runes := 0, []rune(pattern)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == '*' && i+1 < len(runes) && runes[i+1] == '*':
			out.WriteString(".*")
			i++
		case r == '*':
			out.WriteString("[^/]*")
		case r == '?':
			out.WriteString("[^/]")
		case r == '{':
			out.WriteString("(?:")
			depth++
		case r == '}' && depth > 0:
			out.WriteString(")")
			depth--
		case r == ',' && depth > 0:
			out.WriteString("|")
		case r == '[':
			length, class, err := globClass(runes[i+1:])
			if err != nil {
				return nil, err
			}
			out.WriteString(class)
			i += length
		case r == '\\' && i+1 < len(runes):
			i++
			out.WriteString(regexp.QuoteMeta(string(runes[i])))
		default:
			out.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if depth > 0 {
		return nil, errors.New("a { is not closed")
	}
	out.WriteString(`\z`)
	return regexp.Compile(out.String())
}

// globClass reads what follows a "[" up to and with its "]".
func globClass(runes []rune) (length int, class string, err error) {
	text := string(runes)
	body, _, ok := strings.Cut(text, "]")
	if !ok || body == "" || body == "!" {
		return 0, "", errors.New("a [ is not closed, or empty")
	}
	length = len([]rune(body)) + 1
	body, not := strings.CutPrefix(body, "!")
	class = "["
	if not {
		class = "[^"
	}
	from, to, isRange := strings.Cut(body, "-")
	if isRange && len([]rune(from)) == 1 && len([]rune(to)) == 1 {
		return length, class + regexp.QuoteMeta(from) + "-" + regexp.QuoteMeta(to) + "]", nil
	}
	for _, r := range body {
		if r == '-' {
			class += `\-`
			continue
		}
		class += regexp.QuoteMeta(string(r))
	}
	return length, class + "]", nil
}
