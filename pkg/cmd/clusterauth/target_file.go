package clusterauth

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// ofFile reads --filename: an AuthenticationConfiguration as kube-apiserver would, or ClusterAuthentications among the
// objects of --from.
func (p *picking) ofFile(ctx context.Context) ([]target, *loaded, error) {
	data := p.data
	if data == nil {
		var err error
		if data, err = readFile(p.env, p.file, mostBytes); err != nil {
			return nil, nil, err
		}
	}
	var (
		reader = &document.Reader{File: p.file}
		nodes  []*yaml.Node
	)
	err := reader.Documents(data, func(n *yaml.Node) { nodes = append(nodes, itemsOf(n)...) })
	if err == nil && slices.ContainsFunc(nodes, isAuthentication) {
		return p.ofManifests(ctx, nodes, data)
	}
	t := target{name: p.file, location: finding.Location{File: p.file}}
	if len(nodes) == 1 {
		t.lines = authn.NodeLines(nodes[0])
	}
	t.config, t.problem = authn.Parse(data)
	return []target{t}, nil, nil
}

// ofManifests reads the ClusterAuthentications of --filename, whose content is data, with the objects of --from. One that
// does not come out of that is an error, and not a file that is right.
func (p *picking) ofManifests(ctx context.Context, nodes []*yaml.Node, data []byte) ([]target, *loaded, error) {
	if p.file == stdin {
		return nil, nil, cli.UsageError(cli.Hint(errors.New("-f - takes an AuthenticationConfiguration"),
			"ClusterAuthentications come through stdin with --from -"))
	}
	with := *p.sources
	namespace := cmp.Or(*p.env.Config.Namespace, metav1.NamespaceDefault)
	var err error
	if with.Flags, err = p.beside(data, namespace); err != nil {
		return nil, nil, err
	}
	l, err := with.load(ctx, "", clusterauth.Kinds(), clusterauth.CAs)
	if err != nil {
		return nil, nil, err
	}
	var out []target
	nodes = slices.DeleteFunc(nodes, func(n *yaml.Node) bool { return !isAuthentication(n) })
	for _, a := range l.state.Authentications() {
		i := slices.IndexFunc(nodes, func(n *yaml.Node) bool { return isNamed(n, a.Namespace, a.Name, namespace) })
		if i < 0 {
			continue
		}
		t := p.ofAuthentication(l, a)
		inner := authn.NodeLines(nodes[i])
		t.location = finding.Location{File: p.file, Line: cmp.Or(lineOf(a.Problem, inner), nodes[i].Line)}
		t.lines = func(path string) int { return inner("spec.authenticationConfiguration." + path) }
		out = append(out, t)
		nodes = slices.Delete(nodes, i, i+1)
	}
	if len(nodes) > 0 {
		return nil, nil, p.lost(nodes[0], out, namespace)
	}
	return out, l, nil
}

// beside returns the flags that read --filename, whose content is data, with the objects of --from. What is no regular
// file, such as a pipe, comes once.
func (p *picking) beside(data []byte, namespace string) (*reading.Flags, error) {
	if info, err := os.Stat(p.file); err != nil || info.Mode().IsRegular() {
		return p.With(p.file, namespace), nil // what is wrong is told by who reads it
	}
	if slices.Contains(p.Sources(), stdin) {
		return nil, cli.UsageError(fmt.Errorf("%s can be read only once: with --from - give it as a file", p.file))
	}
	streams := p.env.IOStreams
	streams.In = bytes.NewReader(data)
	env := cli.NewEnv(streams, p.env.Clock, p.env.Name)
	env.Config = p.env.Config
	flags := reading.NewFlags(env)
	for _, from := range p.Sources() {
		flags = flags.With(from, namespace)
	}
	return flags.With(stdin, namespace), nil
}

// lost says why one of the ClusterAuthentications of --filename is none of those that came out.
func (p *picking) lost(n *yaml.Node, out []target, namespace string) error {
	var head struct {
		APIVersion string                `yaml:"apiVersion"`
		Metadata   struct{ Name string } `yaml:"metadata"`
	}
	err := n.Decode(&head)
	what := fmt.Sprintf("read %s: ClusterAuthentication %q", finding.Location{File: p.file, Line: n.Line}, head.Metadata.Name)
	switch {
	case err == nil && head.APIVersion != k0rdent.APIVersion:
		return fmt.Errorf("%s: apiVersion %q is not known, want %s", what, head.APIVersion, k0rdent.APIVersion)
	case slices.ContainsFunc(out, func(t target) bool { return isNamed(n, t.authentication.Namespace, t.authentication.Name, namespace) }):
		return fmt.Errorf("%s: it is there twice", what)
	}
	return fmt.Errorf("%s: nothing came of it", what)
}

// lineOf returns the line of the field that an error names, 0 when it names none.
func lineOf(err error, lines func(path string) int) int {
	for word := range strings.FieldsSeq(text(err)) {
		if path := strings.TrimSuffix(word, ":"); strings.HasPrefix(path, "spec.") {
			return lines(path)
		}
	}
	return 0
}
