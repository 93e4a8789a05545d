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

	"sigs.k8s.io/yaml"
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
// that starts with "user" is a heading.
func ReadGroups(path string) (Groups, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read groups file: %w", err)
	}
	parse := groupsFromYAML
	if strings.EqualFold(filepath.Ext(path), ".csv") {
		parse = groupsFromCSV
	}
	groups, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("read groups file %s: %w", path, err)
	}
	for user, list := range groups {
		slices.Sort(list)
		groups[user] = slices.Compact(list)
	}
	return groups, nil
}

func groupsFromYAML(data []byte) (Groups, error) {
	var wrapped struct {
		Users Groups `json:"users"`
	}
	if err := yaml.UnmarshalStrict(data, &wrapped); err == nil && wrapped.Users != nil {
		return wrapped.Users, nil
	}
	var groups Groups
	if err := yaml.UnmarshalStrict(data, &groups); err != nil {
		return nil, fmt.Errorf("want a map of users to lists of groups: %w", err)
	}
	if len(groups) == 0 {
		return nil, errors.New("it names no user")
	}
	return groups, nil
}

func groupsFromCSV(data []byte) (Groups, error) {
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
		if err != nil {
			return nil, err
		}
		if first && strings.EqualFold(strings.TrimSpace(record[0]), "user") {
			continue
		}
		user := strings.TrimSpace(record[0])
		if user == "" {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("line %d: the user is empty", line)
		}
		groups[user] = append(groups[user], groupsOf(record[1:])...)
	}
	if len(groups) == 0 {
		return nil, errors.New("it names no user")
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
