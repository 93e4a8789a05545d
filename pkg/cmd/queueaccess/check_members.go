package queueaccess

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// mostMembers is how much of a file of members is read: a hundred thousand of them fit in.
const mostMembers = 16 << 20

// options returns what the flags ask for. All that is wrong with them is a usage error.
func (s *checkSources) options() (queue.JudgeOptions, error) {
	o := queue.JudgeOptions{Queues: s.queues, Operator: s.operator}
	if err := s.checkEmpty(); err != nil {
		return o, err
	}
	if len(s.can) > 0 {
		abilities, err := kaiwo.ParseAbilities(s.can)
		if err != nil {
			return o, cli.UsageError(fmt.Errorf("bad --can: %w", err))
		}
		o.Abilities = abilities
	}
	for _, word := range s.subjects {
		subject, err := contrib.ParseSubject(word)
		if err != nil {
			return o, cli.UsageError(fmt.Errorf("bad --subject: %w", err))
		}
		o.Expected = append(o.Expected, queue.Expected{Subject: subject})
	}
	if s.members == "" {
		return o, nil
	}
	members, err := s.readMembers()
	if err != nil {
		return o, cli.UsageError(err)
	}
	if o.Expected = append(o.Expected, members...); len(o.Expected) == 0 {
		return o, cli.UsageError(fmt.Errorf("%s names nobody who is to use queues", s.members))
	}
	return o, nil
}

// checkEmpty refuses flags with nothing in them, as of a variable that is not set: they would ask about everybody.
func (s *checkSources) checkEmpty() error {
	if s.plain {
		return nil
	}
	for _, flag := range []struct {
		name   string
		values []string
	}{{"queue", s.queues}, {"subject", s.subjects}, {"members", []string{s.members}}, {"can", s.can}} {
		if s.flags.Changed(flag.name) && (len(flag.values) == 0 || slices.Contains(flag.values, "")) {
			return cli.UsageError(fmt.Errorf("bad --%s: it is empty", flag.name))
		}
	}
	return nil
}

// readMembers reads the file of members. It is read once: a repair looks several times.
func (s *checkSources) readMembers() ([]queue.Expected, error) {
	if s.known != nil {
		return s.known, nil
	}
	var err error
	var content []byte
	if s.members == "-" {
		if slices.Contains(s.Sources(), "-") {
			return nil, errors.New("stdin can be the members or the manifests, not both")
		}
		content, err = io.ReadAll(io.LimitReader(s.env.In, mostMembers))
	} else {
		content, err = os.ReadFile(s.members)
	}
	if err != nil {
		return nil, fmt.Errorf("read members: %w", err)
	}
	s.known, err = parseMembers(content, s.members)
	return s.known, err
}

// parseMembers reads members: a subject in each line, or what "contrib apply" takes.
func parseMembers(content []byte, name string) ([]queue.Expected, error) {
	if isList(content) {
		return parseList(content, name)
	}
	grants, _, err := contrib.ParseMembers(bytes.NewReader(content), name, "")
	if err != nil {
		return nil, err
	}
	out := []queue.Expected{}
	for _, g := range grants {
		if g.Role != workspace.Viewer {
			out = append(out, queue.Expected{Subject: g.Subject, Namespace: g.Workspace})
		}
	}
	return out, nil
}

// isList reports whether each line is one word, as subjects are.
func isList(content []byte) bool {
	for line := range bytes.Lines(content) {
		if text := bare(string(line)); strings.ContainsAny(text, " \t,;{}[]") || strings.HasSuffix(text, ":") {
			return false
		}
	}
	return true
}

func parseList(content []byte, name string) ([]queue.Expected, error) {
	out := []queue.Expected{}
	var errs []error
	number := 0
	for line := range bytes.Lines(content) {
		number++
		text := bare(string(line))
		if text == "" {
			continue
		}
		subject, err := contrib.ParseSubject(text)
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", finding.Location{File: name, Line: number}, err))
			continue
		}
		out = append(out, queue.Expected{Subject: subject})
	}
	return out, errors.Join(errs...)
}

// bare returns a line without a comment and white space around it.
func bare(line string) string {
	line, _, _ = strings.Cut(line, "#")
	return strings.TrimSpace(line)
}
