package source

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Groups says which groups users are in, where no cluster can: groups come from the identity provider and are in no
// object. The key is the user name exactly as the API server sees it.
type Groups map[string][]string

// Users returns the users, sorted.
func (g Groups) Users() []string { return slices.Sorted(maps.Keys(g)) }

// ReadGroups reads a groups file. YAML and JSON map a user to his groups, at the top or below "users":
//
//	alice@example.com: [ml-readers, sre]
//
// CSV (by the file's ending) has a user and his groups in each line; a user may have several lines, and a first line
// that starts with "user" is a heading. What is wrong with the file is told with its line.
func ReadGroups(path string) (Groups, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read groups file: %w", err)
	}
	parse := groupsFromYAML
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		parse = groupsFromCSV
	}
	groups, err := parse(data, path)
	if err != nil {
		return nil, fmt.Errorf("read groups file %w", err)
	}
	for user, list := range groups {
		slices.Sort(list)
		groups[user] = slices.Compact(list)
	}
	return groups, nil
}

func groupsFromYAML(data []byte, path string) (Groups, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(doc.Content) == 0 || doc.Content[0].Tag == "!!null" {
		return nil, noUser(path)
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: want users with lists of groups, as in bob: [ml-readers]", path, root.Line)
	}
	// "users" with a mapping below it is no user of that name, who would have a list.
	if len(root.Content) == 2 && root.Content[0].Value == "users" && target(root.Content[1]).Kind == yaml.MappingNode {
		root = target(root.Content[1])
	}
	if len(root.Content) == 0 {
		return nil, noUser(path)
	}
	groups := Groups{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		user, list := root.Content[i], target(root.Content[i+1])
		_, twice := groups[user.Value]
		switch {
		case user.Kind != yaml.ScalarNode || user.Value == "":
			return nil, fmt.Errorf("%s:%d: want the name of a user", path, user.Line)
		case twice:
			return nil, fmt.Errorf("%s:%d: user %s is there twice", path, user.Line, user.Value)
		case list.Kind != yaml.SequenceNode:
			return nil, fmt.Errorf("%s:%d: groups of %s: want a list, as in [ml-readers]", path, list.Line, user.Value)
		}
		groups[user.Value] = []string{}
		for _, item := range list.Content {
			group := target(item)
			if group.Kind != yaml.ScalarNode || group.Tag != "!!str" || group.Value == "" {
				return nil, fmt.Errorf("%s:%d: groups of %s: want the names of groups, as strings", path, item.Line, user.Value)
			}
			groups[user.Value] = append(groups[user.Value], group.Value)
		}
	}
	return groups, nil
}

func noUser(path string) error { return fmt.Errorf("%s: it names no user", path) }

// target returns what an alias stands for, and any other node as it is.
func target(n *yaml.Node) *yaml.Node {
	if n.Alias != nil {
		return n.Alias
	}
	return n
}

func groupsFromCSV(data []byte, path string) (Groups, error) {
	groups := Groups{}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	r.Comment = '#'
	for first := true; ; first = false {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			return nil, fmt.Errorf("%s:%d: broken CSV: %w", path, broken.Line, broken.Err)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if first && strings.EqualFold(strings.TrimSpace(record[0]), "user") {
			continue
		}
		user := strings.TrimSpace(record[0])
		if user == "" {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("%s:%d: the user is empty", path, line)
		}
		groups[user] = append(groups[user], groupsOf(record[1:])...)
	}
	if len(groups) == 0 {
		return nil, noUser(path)
	}
	return groups, nil
}

func groupsOf(fields []string) []string {
	var out []string
	for _, field := range fields {
		for name := range strings.SplitSeq(field, ";") {
			if name = strings.TrimSpace(name); name != "" {
				out = append(out, name)
			}
		}
	}
	return out
}
