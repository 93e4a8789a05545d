package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"k8s.io/client-go/util/homedir"
	"k8s.io/utils/clock"
)

// cacheTime is how long kubectl believes what a server said of itself.
const cacheTime = 6 * time.Hour

// ReadCache returns what was written under a name for a server less than six hours ago, by any program that keeps
// kubectl's cache of discovery: the files are shared with kubectl. Host is that of [rest.Config].
func (c *Connection) ReadCache(host, name string) ([]byte, error) {
	path, err := c.cacheFile(host, name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	// The file system tells the time of a file by the real clock, whatever a test says the time is.
	if (clock.RealClock{}).Since(info.ModTime()) > cacheTime {
		return nil, fmt.Errorf("read %s: it is too old", path)
	}
	return os.ReadFile(path)
}

// WriteCache writes what [Connection.ReadCache] is to return, all at once: other programs read the old or the new one.
func (c *Connection) WriteCache(host, name string, data []byte) error {
	path, err := c.cacheFile(host, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o660), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}

// cacheFile is where kubectl keeps it. Names come from servers, and must not lead out of the cache.
func (c *Connection) cacheFile(host, name string) (string, error) {
	local, err := filepath.Localize(name)
	if err != nil {
		return "", fmt.Errorf("name cache file %q: %w", name, err)
	}
	dir := *c.CacheDir
	if dir == "" {
		dir = defaultCacheDir()
	}
	host = strings.Replace(strings.Replace(host, "https://", "", 1), "http://", "", 1)
	host = regexp.MustCompile(`[^(\w/.)]`).ReplaceAllString(host, "_")
	return filepath.Join(dir, "discovery", host, local), nil
}

func defaultCacheDir() string {
	if dir := os.Getenv("KUBECACHEDIR"); dir != "" {
		return dir
	}
	return filepath.Join(homedir.HomeDir(), ".kube", "cache")
}
