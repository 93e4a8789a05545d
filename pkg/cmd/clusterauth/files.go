package clusterauth

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// stdin is the name of a file that stands for standard input.
const stdin = "-"

// readFile reads a file, or stdin. It ends before a file that nobody means fills the memory.
func readFile(env *cli.Env, name string, most int64) ([]byte, error) {
	from := env.In
	if name != stdin {
		file, err := os.Open(name)
		if err != nil {
			return nil, unread(name, err)
		}
		defer file.Close() //nolint:errcheck // it was only read
		from = file
	}
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if err != nil {
		return nil, unread(name, err)
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("read %s: it is longer than %d bytes", name, most)
	}
	return data, nil
}

// unread is why a file could not be read, with its name once.
func unread(name string, err error) error {
	if of, ok := errors.AsType[*fs.PathError](err); ok {
		err = of.Err
	}
	return fmt.Errorf("read %s: %w", name, err)
}

var errTwiceStdin = errors.New("stdin comes once: give - in one place only")

// stdinOnce refuses names of files of which several stand for stdin: all but the first would be empty.
func stdinOnce(names ...[]string) error {
	count := 0
	for _, name := range slices.Concat(names...) {
		if name == stdin {
			count++
		}
	}
	if count > 1 {
		return cli.UsageError(errTwiceStdin)
	}
	return nil
}

// itemsOf returns the objects of a List, and anything else as it is.
func itemsOf(n *yaml.Node) []*yaml.Node {
	var list struct {
		Kind  string      `yaml:"kind"`
		Items []yaml.Node `yaml:"items"`
	}
	if n.Decode(&list) != nil || !strings.HasSuffix(list.Kind, "List") || len(list.Items) == 0 {
		return []*yaml.Node{n}
	}
	var out []*yaml.Node
	for i := range list.Items {
		out = append(out, &list.Items[i])
	}
	return out
}

func isAuthentication(n *yaml.Node) bool {
	var head struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string `yaml:"kind"`
	}
	return n.Decode(&head) == nil && head.Kind == k0rdent.KindClusterAuthentication
}

// isNamed reports whether an object is that one; without a namespace it is in the given one.
func isNamed(n *yaml.Node, namespace, name, fallback string) bool {
	var object struct {
		Metadata struct{ Namespace, Name string } `yaml:"metadata"`
	}
	err := n.Decode(&object)
	return err == nil && object.Metadata.Name == name &&
		cmp.Or(object.Metadata.Namespace, fallback) == namespace
}
