package chart

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// What a chart may weigh. Helm's own limits are 5 MiB a file and 100 MiB a chart.
const (
	maxFile  = 5 << 20
	maxChart = 50 << 20
	maxFiles = 10_000
	// maxNested is how deep charts may be in charts; each level copies the values of those below.
	maxNested = 20
)

// chartFile makes a directory a chart.
const chartFile = "Chart.yaml"

// Load reads the chart in a directory: Chart.yaml, values.yaml, values.schema.json, the files and templates that
// .helmignore does not leave out, and the charts in directories below charts/. A symbolic link is followed when it is
// one of a file and stays in the directory. Errors name the file.
func Load(dir string) (*Chart, error) {
	if info, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("read chart: %w", err)
	} else if !info.IsDir() {
		if packed(dir) {
			return nil, fmt.Errorf("read chart %s: a packed chart: unpack it (tar -xzf %s) and name the directory", dir, filepath.Base(dir))
		}
		return nil, fmt.Errorf("read chart %s: not a directory", dir)
	}
	files, err := readDirectory(dir)
	if err != nil {
		return nil, fmt.Errorf("read chart %s: %w", dir, err)
	}
	c, err := assemble(files)
	if err != nil {
		return nil, fmt.Errorf("read chart %s: %w", dir, err)
	}
	return c, nil
}

func packed(name string) bool {
	return strings.HasSuffix(name, ".tgz") || strings.HasSuffix(name, ".tar.gz")
}

// readDirectory returns the files of a directory that its .helmignore does not leave out, by path with slashes.
func readDirectory(dir string) (map[string][]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close() //nolint:errcheck // it was only read
	ignored, err := readIgnore(root)
	if err != nil {
		return nil, err
	}
	files, total := map[string][]byte{}, 0
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		// What a link leads to counts: root refuses those that lead out of it.
		info, err := root.Stat(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		if ignored.match(name, info.IsDir()) {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		switch {
		case entry.IsDir():
			return nil
		case info.IsDir():
			return fmt.Errorf("%s: links to a directory: put a copy in its place", name)
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s: not a regular file", name)
		case info.Size() > maxFile:
			return fmt.Errorf("%s: larger than %d MiB", name, maxFile>>20)
		case strings.Count(name, "charts/") > maxNested:
			return fmt.Errorf("%s: charts more than %d deep in each other", name, maxNested)
		case len(files) == maxFiles:
			return fmt.Errorf("more than %d files", maxFiles)
		}
		data, err := root.ReadFile(filepath.FromSlash(name))
		if err != nil {
			return err
		}
		if total += len(data); total > maxChart {
			return fmt.Errorf("larger than %d MiB", maxChart>>20)
		}
		files[name] = bytes.TrimPrefix(data, []byte("\uFEFF"))
		return nil
	})
	return files, err
}

// assemble makes a chart of its files and those of its charts.
func assemble(files map[string][]byte) (*Chart, error) {
	data, ok := files[chartFile]
	if !ok {
		return nil, fmt.Errorf("%s: missing: this is not the directory of a chart", chartFile)
	}
	c, below := &Chart{Files: map[string][]byte{}}, map[string]map[string][]byte{}
	var err error
	if c.metadata, err = readMetadata(data); err != nil {
		return nil, fmt.Errorf("%s: %w", chartFile, err)
	}
	c.Name, c.Version = c.metadata.Name, c.metadata.Version
	for _, name := range sortedKeys(files) {
		rest, inCharts := strings.CutPrefix(name, "charts/")
		child, file, nested := strings.Cut(rest, "/")
		switch {
		case !inCharts || path.Ext(name) == ".prov":
			c.Files[name] = files[name]
		case strings.HasPrefix(child, "_"), strings.HasPrefix(child, "."):
		case packed(child):
			return nil, fmt.Errorf("%s: a packed chart: unpack it into charts/ and remove the archive", name)
		case nested:
			if below[child] == nil {
				below[child] = map[string][]byte{}
			}
			below[child][file] = files[name]
		}
	}
	if data, ok := c.Files["values.yaml"]; ok {
		c.Values = map[string]any{}
		if err := readYAML(data, &c.Values); err != nil {
			return nil, fmt.Errorf("values.yaml: %w", err)
		}
		if !newScale().add(c.Values, 0) {
			return nil, fmt.Errorf("values.yaml: %w", tooHeavy())
		}
	}
	c.Schema = c.Files["values.schema.json"]
	for _, name := range sortedKeys(below) {
		child, err := assemble(below[name])
		if err != nil {
			return nil, fmt.Errorf("charts/%s: %w", name, err)
		}
		child.parent = c
		c.charts = append(c.charts, child)
	}
	return c, c.checkCharts()
}

// checkCharts says which dependencies are not there, as "helm template" does.
func (c *Chart) checkCharts() error {
	for _, d := range c.metadata.Dependencies {
		if !slices.ContainsFunc(c.charts, func(child *Chart) bool { return child.Name == d.Name }) {
			return fmt.Errorf("charts/%s: missing, though Chart.yaml names it: run \"helm dependency build\" and unpack it", d.Name)
		}
	}
	return nil
}
