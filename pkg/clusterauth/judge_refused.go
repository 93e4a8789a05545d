package clusterauth

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// refusals are what API servers refuse to start with, found out once for all clusters that get the same.
type refusals struct {
	lock  sync.Mutex
	known map[refusalKey][]finding.Finding
}

// refusalKey is all that decides whether an API server starts.
type refusalKey struct {
	file, kubernetes string
	era              k0rdent.Era
	withoutCA        bool // it was not read
	admission        bool // whether the object is taken at all
}

// of returns what is refused, and finds it out when it is not known. The findings are for reading only.
func (r *refusals) of(key refusalKey, find func() []finding.Finding) []finding.Finding {
	r.lock.Lock()
	defer r.lock.Unlock()
	out, known := r.known[key]
	if !known {
		out = find()
		r.known[key] = out
	}
	return out
}

// judgeRefused judges whether the API server of a cluster refuses what is written for it, as its own validator does,
// whatever else is special about the cluster.
func (s *State) judgeRefused(c *Cluster, a *Authentication) []finding.Finding {
	if a.Problem != nil || a.Configuration == nil {
		return nil
	}
	rendered, err := k0rdent.Render(a.ClusterAuthentication, a.CA, s.Era)
	if err != nil {
		return nil // [State.Expected] says so
	}
	key := refusalKey{file: string(rendered.Bytes), era: s.Era, withoutCA: a.CAUnread}
	if c.Kubernetes != nil {
		key.kubernetes = c.Kubernetes.String()
	}
	refused := s.refusals.of(key, func() []finding.Finding { return refusedBy(s, *a, c.Kubernetes) })
	out := make([]finding.Finding, 0, len(refused))
	for _, f := range refused {
		f.Object, f.Message = c.object(), a.object()+": "+f.Message
		if ofVersion(f) {
			f = c.sure(f)
		}
		out = append(out, f)
	}
	return out
}

// refusedBy returns why no API server of a version of Kubernetes, nil for the newest, starts with what KCM writes.
func refusedBy(s *State, a Authentication, kubernetes *version.Version) []finding.Finding {
	var out []finding.Finding
	for _, f := range judgeWritten(s, a) {
		if f.Severity == finding.Error {
			out = append(out, f)
		}
	}
	config, err := a.config()
	options := authn.Options{Kubernetes: kubernetes, Object: a.object()}
	if err != nil {
		return append(out, authn.JudgeUnreadable(err, options)...)
	}
	return append(out, starting(a, config, options)...)
}

// starting returns the findings about a configuration that keep API servers from starting with it. That one does not know
// the version of the file is for KC005 to say.
func starting(a Authentication, config *authn.Config, options authn.Options) []finding.Finding {
	return slices.DeleteFunc(authn.Refusals(config, options), func(f finding.Finding) bool {
		// A CA that was not read may replace one that is no good.
		return f.ID == "AU030" || f.ID == "AU007" && a.CAUnread
	})
}

// ofVersion reports whether a newer API server would take it.
func ofVersion(f finding.Finding) bool { return f.ID == "AU031" || f.ID == "AU032" }
