package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parse reads the text of a chunk. The node is the object, or for [yamlItems] a list of objects; its line numbers are
// those of the file. It is nil when there is nothing but comments.
func (c *chunk) parse() (*yaml.Node, error) {
	if text := bytes.TrimLeft(c.text, " \t\r\n"); len(text) > 0 && text[0] == '{' {
		node, err := parseJSON(c.text, c.line)
		if err == nil || c.form == jsonObject && !looksLikeYAML(text) {
			return node, err
		}
	}
	text, offset := c.text, c.line-1
	if c.form == yamlItems {
		text, offset = append([]byte("items:\n"), text...), offset-1
	}
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, yamlError(err, offset, c.line)
	}
	if len(document.Content) == 0 {
		return nil, nil //nolint:nilnil // nothing but comments
	}
	shift(&document, offset)
	root := document.Content[0]
	if c.form == yamlItem && root.Kind == yaml.SequenceNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	return root, nil
}

// looksLikeYAML reports whether a text that begins with a bracket has a key without quotes, so that YAML's message says
// more about it than JSON's.
func looksLikeYAML(text []byte) bool {
	inner := bytes.TrimLeft(text[1:], " \t\r\n")
	return len(inner) > 0 && inner[0] != '"' && inner[0] != '}'
}

// shift moves the lines of a node and of all below it. Aliases point to nodes that are moved as part of the tree.
func shift(node *yaml.Node, offset int) {
	node.Line += offset
	for _, child := range node.Content {
		shift(child, offset)
	}
}

// yamlError moves the line in an error of the YAML parser, "yaml: line 3: ...", to the file's. Without a line it is at
// the start of the text.
func yamlError(err error, offset, start int) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	line := start
	if rest, ok := strings.CutPrefix(text, "line "); ok {
		if number, message, ok := strings.Cut(rest, ": "); ok {
			if n, err := strconv.Atoi(number); err == nil {
				line, text = max(n+offset, start), message
			}
		}
	}
	return atLine(line, "broken YAML: %s", text)
}

// maxDepth limits how deeply JSON may be nested; the YAML parser has a limit of its own.
const maxDepth = 200

// jsonParser builds from JSON the nodes that YAML would give.
type jsonParser struct {
	decoder *json.Decoder
	text    []byte
	at      int // text[:at] is counted
	line    int
}

// parseJSON reads one object. JSON is YAML in principle, but for escapes that the YAML parser doesn't know.
func parseJSON(text []byte, line int) (*yaml.Node, error) {
	p := &jsonParser{decoder: json.NewDecoder(bytes.NewReader(text)), text: text, line: line}
	p.decoder.UseNumber()
	node, err := p.value(0)
	if err == nil {
		if _, end := p.decoder.Token(); !errors.Is(end, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			p.countTo(int(syntax.Offset))
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, atLine(p.line, "broken JSON: %w", err)
	}
	return node, nil
}

func (p *jsonParser) countTo(offset int) {
	offset = min(offset, len(p.text))
	if offset > p.at {
		p.line += bytes.Count(p.text[p.at:offset], []byte{'\n'})
		p.at = offset
	}
}

func (p *jsonParser) value(depth int) (*yaml.Node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	token, err := p.decoder.Token()
	if err != nil {
		return nil, err
	}
	p.countTo(int(p.decoder.InputOffset()))
	node := &yaml.Node{Kind: yaml.ScalarNode, Line: p.line}
	switch t := token.(type) {
	case json.Delim:
		node.Kind, node.Tag = yaml.MappingNode, "!!map"
		if t == '[' {
			node.Kind, node.Tag = yaml.SequenceNode, "!!seq"
		}
		for p.decoder.More() {
			child, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			node.Content = append(node.Content, child)
		}
		_, err = p.decoder.Token()
		return node, err
	case string:
		node.Tag, node.Value, node.Style = "!!str", t, yaml.DoubleQuotedStyle
	case json.Number:
		node.Tag, node.Value = "!!int", t.String()
	case bool:
		node.Tag, node.Value = "!!bool", strconv.FormatBool(t)
	case nil:
		node.Tag, node.Value = "!!null", "null"
	}
	return node, nil
}
