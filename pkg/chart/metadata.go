package chart

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// Metadata is what Chart.yaml says. Templates see it as ".Chart", so that names and JSON tags are Helm's.
type Metadata struct {
	Name         string            `json:"name,omitempty"`
	Home         string            `json:"home,omitempty"`
	Sources      []string          `json:"sources,omitempty"`
	Version      string            `json:"version,omitempty"`
	Description  string            `json:"description,omitempty"`
	Keywords     []string          `json:"keywords,omitempty"`
	Maintainers  []*maintainer     `json:"maintainers,omitempty"`
	Icon         string            `json:"icon,omitempty"`
	APIVersion   string            `json:"apiVersion,omitempty"`
	Condition    string            `json:"condition,omitempty"`
	Tags         string            `json:"tags,omitempty"`
	AppVersion   string            `json:"appVersion,omitempty"`
	Deprecated   bool              `json:"deprecated,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
	KubeVersion  string            `json:"kubeVersion,omitempty"`
	Dependencies []*dependency     `json:"dependencies,omitempty"`
	Type         string            `json:"type,omitempty"`
}

type maintainer struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`
}

type dependency struct {
	Name         string   `json:"name"`
	Version      string   `json:"version,omitempty"`
	Repository   string   `json:"repository"`
	Condition    string   `json:"condition,omitempty"`
	Tags         []string `json:"tags,omitempty"`
	Enabled      bool     `json:"enabled,omitempty"`
	ImportValues []any    `json:"import-values,omitempty"`
	Alias        string   `json:"alias,omitempty"`
}

// semantic is what Helm takes for a version, which is more lenient than semver.org: "1", "v1.2" are good.
var semantic = regexp.MustCompile(`^v?[0-9]+(\.[0-9]+){0,2}(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$`)

func readMetadata(data []byte) (Metadata, error) {
	var m Metadata
	if err := readYAML(data, &m); err != nil {
		return m, err
	}
	if m.APIVersion == "" {
		m.APIVersion = "v1"
	}
	m.clean()
	switch {
	case m.Name == "":
		return m, errors.New("name: missing")
	case m.Name == ".", m.Name == "..", m.Name != path.Base(m.Name):
		return m, fmt.Errorf("name: %q is no name of a chart", m.Name)
	case m.Version == "":
		return m, errors.New("version: missing")
	case !semantic.MatchString(m.Version):
		return m, fmt.Errorf("version: %q is no semantic version", m.Version)
	case m.Type != "" && m.Type != "application" && m.Type != "library":
		return m, fmt.Errorf("type: %q is neither application nor library", m.Type)
	}
	for i, one := range m.Maintainers {
		if one == nil {
			return m, fmt.Errorf("maintainers[%d]: empty", i)
		}
		printable(&one.Name, &one.Email, &one.URL)
	}
	return m, m.checkDependencies()
}

// clean takes out of texts what can't be printed, as Helm does when it loads a chart.
func (m *Metadata) clean() {
	printable(&m.Name, &m.Description, &m.Home, &m.Icon, &m.Condition, &m.Tags, &m.AppVersion, &m.KubeVersion)
	for i := range m.Sources {
		printable(&m.Sources[i])
	}
	for i := range m.Keywords {
		printable(&m.Keywords[i])
	}
}

func (m *Metadata) checkDependencies() error {
	seen := map[string]bool{}
	for i, d := range m.Dependencies {
		switch {
		case d == nil:
			return fmt.Errorf("dependencies[%d]: empty", i)
		case d.Alias != "":
			return fmt.Errorf("dependencies[%d].alias: not supported: render this chart with Helm", i)
		case len(d.ImportValues) > 0:
			return fmt.Errorf("dependencies[%d].import-values: not supported: render this chart with Helm", i)
		case seen[d.Name]:
			return fmt.Errorf("dependencies[%d].name: %q is there twice", i, d.Name)
		}
		seen[d.Name] = true
		printable(&d.Name, &d.Version, &d.Repository, &d.Condition)
		for j := range d.Tags {
			printable(&d.Tags[j])
		}
	}
	return nil
}

// printable makes each white space of texts a blank, and takes out what can't be printed.
func printable(texts ...*string) {
	for _, text := range texts {
		*text = strings.Map(func(r rune) rune {
			switch {
			case unicode.IsSpace(r):
				return ' '
			case unicode.IsPrint(r):
				return r
			}
			return -1
		}, *text)
	}
}
