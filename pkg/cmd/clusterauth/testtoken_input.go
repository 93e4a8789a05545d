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
func (f *testTokenFlags) sort() ([]caseFile, error) {
	var out []caseFile
	for _, name := range f.files {
		data, err := readFile(f.env, name, mostBytes)
		if err != nil {
			return nil, err
		}
		if !isList(data, name) {
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
