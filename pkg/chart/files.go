package chart

import (
	"encoding/base64"
	"errors"
	"path"
	"strings"
)

// files is what templates see as ".Files": the files of a chart that are no templates and no part of what Helm reads.
type files map[string][]byte

// files returns what templates see of the files of a chart.
func (c *Chart) files() files {
	out := files{}
	for name, data := range c.Files {
		switch name {
		case "Chart.yaml", "Chart.lock", "values.yaml", "values.schema.json":
			continue
		case "requirements.yaml", "requirements.lock":
			if c.metadata.APIVersion != "v1" {
				continue
			}
		}
		if !strings.HasPrefix(name, "templates/") {
			out[name] = data
		}
	}
	return out
}

// GetBytes returns a file, and nothing when there is none.
func (f files) GetBytes(name string) []byte {
	if data, ok := f[name]; ok {
		return data
	}
	return []byte{}
}

// Get returns a file as text, and nothing when there is none.
func (f files) Get(name string) string { return string(f.GetBytes(name)) }

// Glob returns the files whose path matches a pattern.
func (f files) Glob(pattern string) files {
	matches, err := globPattern(pattern)
	if err != nil {
		matches, _ = globPattern("**")
	}
	out := files{}
	for name, data := range f {
		if matches.MatchString(name) {
			out[name] = data
		}
	}
	return out
}

// AsConfig returns the files as the data of a ConfigMap, by the last part of their paths.
func (f files) AsConfig() string {
	out := map[string]string{}
	for _, name := range sortedKeys(f) {
		out[path.Base(name)] = string(f[name])
	}
	return toYAML(out)
}

// AsSecrets returns the files as the data of a Secret, by the last part of their paths.
func (f files) AsSecrets() string {
	out := map[string]string{}
	for _, name := range sortedKeys(f) {
		out[path.Base(name)] = base64.StdEncoding.EncodeToString(f[name])
	}
	return toYAML(out)
}

// Lines returns the lines of a file, none when there is no such file. An empty file is an error, as in Helm.
func (f files) Lines(name string) ([]string, error) {
	data, ok := f[name]
	switch {
	case !ok:
		return []string{}, nil
	case len(data) == 0:
		return nil, errors.New("the file is empty")
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n"), nil
}
