package clusterauth

import (
	"strings"
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
	s.refusals.lock.Lock()
	defer s.refusals.lock.Unlock()
	refused, known := s.refusals.known[key]
	if !known {
		refused = refusedBy(s, *a, c.Kubernetes)
		s.refusals.known[key] = refused
	}
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
	switch {
	case err != nil:
		return append(out, authn.JudgeUnreadable(err, options)...)
	case len(authn.Validate(config, options)) == 0 && (kubernetes == nil || kubernetes.AtLeast(knownSince(configGroup+"/v1"))):
		return out // what exists since the newest version of the file exists in all that follow
	}
	for _, f := range authn.Judge(config, options) {
		// A CA that was not read may replace one that is no good.
		if keepsFromStarting(f) && (f.ID != "AU007" || !a.CAUnread) {
			out = append(out, f)
		}
	}
	return out
}

// keepsFromStarting reports whether a finding of any API server's configuration is one that it does not start with. That
// it does not know the version of the file is for KC005 to say.
func keepsFromStarting(f finding.Finding) bool {
	upstream := strings.HasPrefix(f.ID, "AU00") || strings.HasPrefix(f.ID, "AU01") && f.ID != "AU017"
	return f.Severity == finding.Error && (upstream || ofVersion(f))
}

// ofVersion reports whether a newer API server would take it.
func ofVersion(f finding.Finding) bool { return f.ID == "AU031" || f.ID == "AU032" }
