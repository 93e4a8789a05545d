// Package expect judges access: files say who must be able to do what, who must not, and who alone may, and an index of
// RBAC objects says whether it is so.
//
// [Parse] reads such a file, strictly: whatever it does not understand is an error with the line. [Evaluate] asks an
// index and returns findings. Both are pure: no cluster, no clock, no file.
package expect

import (
	"fmt"
	"maps"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// What a file starts with.
const (
	APIVersion = "gatehouse.dev/v1alpha1"
	Kind       = "AccessExpectations"
)

// The ids of findings. They are part of the output and never change their meaning.
const (
	// IDMissing: somebody must be able to do something, but may not.
	IDMissing = "EX001"
	// IDForbidden: somebody must not be able to do something, but may.
	IDForbidden = "EX002"
	// IDSomebodyElse: somebody may do what only others are to.
	IDSomebodyElse = "EX003"
	// IDNothingMeant: a word of the expectation means nothing here: a pattern that matches nothing, a name that is not
	// known. What it was to protect is not checked.
	IDNothingMeant = "EX004"
	// IDUndecided: not everything could be read, so nobody knows.
	IDUndecided = "EX005"
)

// Mode says what is expected.
type Mode int

// The modes.
const (
	// Can expects that every subject may do all that is requested, in every place.
	Can Mode = iota
	// Cannot expects that no subject may do any of it, in any place.
	Cannot
	// NobodyBut expects that nobody but the subjects may do any of it, in any place.
	NobodyBut
)

// Word is a text of a file, with its line, from 1.
type Word struct {
	Text string
	Line int
}

// Expectation is one assertion.
type Expectation struct {
	// Name is unique within a [Set].
	Name string
	// Reason says for whom it matters and why; it may be empty.
	Reason   string
	Location finding.Location
	Mode     Mode
	// Subjects are those that it is about, or for NobodyBut those that may; with stars for patterns.
	Subjects []Word
	// IncludeSystem takes back that superusers and built-in subjects are left alone by patterns and by NobodyBut.
	IncludeSystem bool
	Request       Request
}

// Request is what is to be allowed or refused: each verb on each resource, or on each URL.
type Request struct {
	Verbs     []Word
	Resources []Word
	// Names limits it to objects; none means objects of any name.
	Names []Word
	// Namespaces may hold patterns. None means everywhere for Can, and anywhere for the other modes.
	Namespaces []Word
	URLs       []Word
}

// Set is what one or several files expect. The zero value expects nothing.
type Set struct {
	Expectations []Expectation
	// Groups says in which groups users are: the key is the user name.
	Groups map[string][]string
}

// Add puts the expectations and groups of other behind those of s. Two expectations of one name are an error.
func (s *Set) Add(other *Set) error {
	seen := make(map[string]finding.Location, len(s.Expectations))
	for i := range s.Expectations {
		seen[s.Expectations[i].Name] = s.Expectations[i].Location
	}
	for i := range other.Expectations {
		e := &other.Expectations[i]
		if first, twice := seen[e.Name]; twice {
			return fmt.Errorf("%s: the name %q is taken by the expectation at %s", e.Location, e.Name, first)
		}
		seen[e.Name] = e.Location
	}
	s.Expectations = append(s.Expectations, other.Expectations...)
	s.AddGroups(other.Groups)
	return nil
}

// AddGroups adds who is in which groups to what is known already.
func (s *Set) AddGroups(groups map[string][]string) {
	if s.Groups == nil {
		s.Groups = make(map[string][]string, len(groups))
	}
	for _, user := range slices.Sorted(maps.Keys(groups)) {
		all := slices.Concat(s.Groups[user], groups[user])
		slices.Sort(all)
		s.Groups[user] = slices.Compact(all)
	}
}
