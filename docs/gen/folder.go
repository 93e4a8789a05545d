package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
)

// folder is a folder of pages that are all made here: another file with its extension does not belong there.
type folder struct {
	path, ext string
	pages     map[string][]byte
}

func (f folder) write() error {
	if err := os.MkdirAll(f.path, 0o755); err != nil {
		return err
	}
	present, err := f.present()
	if err != nil {
		return err
	}
	for _, name := range present {
		if _, keep := f.pages[name]; !keep {
			if err := os.Remove(filepath.Join(f.path, name)); err != nil {
				return err
			}
		}
	}
	for name, page := range f.pages {
		if err := os.WriteFile(filepath.Join(f.path, name), page, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// stale returns the names of files that are not as they would be written, missing and needless ones included.
func (f folder) stale() ([]string, error) {
	stale, err := f.present()
	if err != nil {
		return nil, err
	}
	stale = slices.DeleteFunc(stale, func(name string) bool { return f.pages[name] != nil })
	for name, page := range f.pages {
		if have, err := os.ReadFile(filepath.Join(f.path, name)); err != nil || !bytes.Equal(have, page) {
			stale = append(stale, name)
		}
	}
	slices.Sort(stale)
	return stale, nil
}

// present returns the names of the files that are there.
func (f folder) present() ([]string, error) {
	paths, err := filepath.Glob(filepath.Join(f.path, "*"+f.ext))
	names := make([]string, 0, len(paths))
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names, err
}
