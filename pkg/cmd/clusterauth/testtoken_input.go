package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"gopkg.in/go-jose/go-jose.v2"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/document"
	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// caseFile is a file of cases.
type caseFile struct {
	name  string
	cases []login.Case
}

// sort tells the files of cases from that of the configuration, which becomes the one to pick. A file of cases is a list.
// With a name the configuration is that one's.
func (f *testTokenFlags) sort(named bool) ([]caseFile, error) {
	var out []caseFile
	for _, name := range f.files {
		data, err := readFile(f.env, name, mostBytes)
		if err != nil {
			return nil, err
		}
		if !isList(data, name) {
			if f.file != "" || named {
				if err := errors.Join(otherwise(f.data, f.file), otherwise(data, name)); err != nil {
					return nil, cli.UsageError(err)
				}
			}
			if f.file != "" {
				return nil, cli.UsageError(fmt.Errorf("%s and %s are both configurations: want one", f.file, name))
			}
			f.file, f.data = name, data
			continue
		}
		cases, err := login.ReadCases(data, name)
		if err != nil {
			return nil, err
		}
		out = append(out, caseFile{name, cases})
	}
	return out, nil
}

// otherwise refuses a file that holds neither cases nor a configuration, such as claims; no name is no file.
func otherwise(data []byte, name string) error {
	if name == "" {
		return nil
	}
	kind := false
	reader := &document.Reader{File: name}
	_ = reader.Documents(data, func(n *yaml.Node) {
		var head struct {
			Kind string `yaml:"kind"`
		}
		kind = kind || n.Decode(&head) == nil && head.Kind != ""
	})
	if kind {
		return nil
	}
	return cli.Hint(fmt.Errorf("%s holds neither cases nor a configuration", name), "claims come with --claims "+name)
}

// isList reports whether a file holds a list. What can't be read is a matter for whoever reads it.
func isList(data []byte, name string) bool {
	list := false
	reader := &document.Reader{File: name}
	_ = reader.Documents(data, func(n *yaml.Node) { list = list || n.Kind == yaml.SequenceNode })
	return list
}

// input returns how to try what the flags name; nil when they name nothing.
func (f *testTokenFlags) input() (attempt, error) {
	if f.claims != "" {
		claims, err := readClaims(f.env, f.claims)
		return func(ctx context.Context, t *login.Tester) (login.Verdict, error) { return t.Claims(ctx, claims) }, err
	}
	var token string
	switch {
	case f.tokenFile != "":
		data, err := readFile(f.env, f.tokenFile, mostToken)
		if err != nil {
			return nil, err
		}
		token = string(data)
	case f.tokenEnv != "":
		value, found := os.LookupEnv(f.tokenEnv)
		if !found {
			return nil, cli.UsageError(fmt.Errorf("there is no environment variable %s", f.tokenEnv))
		}
		token = value
	default:
		return nil, nil
	}
	token = strings.TrimSpace(token)
	if token == "" {
		return nil, cli.UsageError(errors.New("the token is empty"))
	}
	return func(ctx context.Context, t *login.Tester) (login.Verdict, error) { return t.Token(ctx, token) }, nil
}

// mostToken is how long a token is read: longer than any that fits into a request, so that it can be told.
const mostToken = 16 << 20

// keys reads the keys of issuers.
func (f *testTokenFlags) keys() (map[string]jose.JSONWebKeySet, error) {
	out := map[string]jose.JSONWebKeySet{}
	for _, flag := range f.jwks {
		issuer, name := issuerAndFile(flag)
		data, err := readFile(f.env, name, mostBytes)
		if err != nil {
			return nil, err
		}
		keys, notes, err := login.ReadKeys(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, note := range notes {
			f.env.Warnf("%s: %s", name, note)
		}
		set := out[issuer]
		set.Keys = slices.Concat(set.Keys, keys.Keys)
		out[issuer] = set
	}
	return out, nil
}

// issuerAndFile takes [URL=]FILE apart. The issuer is empty when only a file is named.
func issuerAndFile(flag string) (issuer, name string) {
	if i := strings.LastIndex(flag, "="); i > 0 && strings.Contains(flag[:i], "://") {
		return flag[:i], flag[i+1:]
	}
	return "", flag
}

// withFlags says with which flags it can be decided what could not be.
func withFlags(err error) error {
	undecided, ok := errors.AsType[*login.Undecided](err)
	switch {
	case !ok:
		return err
	case undecided.NeedsKeys && undecided.NeedsDiscovery:
		// Its own hint says the same without the flags, here and below.
		return cli.Hint(errors.New(err.Error()), "give the keys of the issuer with --jwks FILE, or have them asked for with --discover")
	case undecided.NeedsKeys:
		return cli.Hint(cli.Hint(errors.New(err.Error()), "--jwks FILE takes the keys of the issuer, and nobody is asked"), undecided.Next)
	case undecided.NeedsDiscovery:
		return cli.Hint(errors.New(err.Error()), "an API server asks there: with --discover it is asked here too")
	}
	return err
}
