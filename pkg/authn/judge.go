package authn

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/apis/apiserver"
	authenticationcel "k8s.io/apiserver/pkg/authentication/cel"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// Options says for what a configuration is judged. The zero value judges for the newest Kubernetes that is known.
type Options struct {
	// Kubernetes is the version of the API server that the configuration is for; nil is the newest one known.
	Kubernetes *version.Version
	// DisallowedIssuers are the issuers that no JWT authenticator may have: those of the API server's service accounts.
	DisallowedIssuers []string
	// Object is what findings say that they are about.
	Object string
	// Location is where the configuration was read. Its line is that of findings for which Lines knows none.
	Location finding.Location
	// Now is what certificates are compared with. The zero time leaves expiry unjudged.
	Now time.Time
	// CAUnread says that API servers get, for all issuers, a CA that the configuration at hand does not have: who explains
	// it can't tell through whom issuers are trusted.
	CAUnread bool
	// Lines returns the line of a field such as "jwt[0].issuer.url", 0 when it is not known. It may be nil.
	Lines func(path string) int
}

// mostAuthenticators is how many JWT authenticators an API server takes.
const mostAuthenticators = 64

// Judge returns what is wrong with a configuration, worst first; Rules lists all that it can find. It never returns nil.
// Whether a mapping can give a name such as system:masters, and whether a rule keeps it out, is decided by trying the
// expressions on made-up claims and users, never by their text.
func Judge(c *Config, o Options) []finding.Finding {
	j := &judge{config: c, options: o, out: []finding.Finding{}, compiler: Compiler(o.Kubernetes)}
	j.upstream()
	j.versions()
	j.general()
	for i := range c.Spec.JWT {
		if i == mostAuthenticators {
			break // the rest is refused as a whole
		}
		a := &c.Spec.JWT[i]
		path := fmt.Sprintf("jwt[%d]", i)
		j.authority(a.Issuer, path+".issuer")
		t := newTrial(j.compiler, a)
		t.left = enough(len(c.Spec.JWT))
		j.mappings(t, path+".claimMappings")
		t.left = enough(len(c.Spec.JWT))
		j.superusers(t, path+".claimMappings")
	}
	finding.Sort(j.out)
	return j.out
}

// Refusals returns why an API server does not start with a configuration, worst first: the findings of Judge that say so.
// What takes a feature gate that is off by default is none of them. It never returns nil.
func Refusals(c *Config, o Options) []finding.Finding {
	j := &judge{config: c, options: o, out: []finding.Finding{}, compiler: Compiler(o.Kubernetes)}
	j.upstream()
	j.versions()
	j.out = slices.DeleteFunc(j.out, func(f finding.Finding) bool {
		return slices.Contains([]string{laterRefusal, needsGate, notStable}, f.ID)
	})
	finding.Sort(j.out)
	return j.out
}

// The findings on versions that are no refusals.
const (
	laterRefusal = "AU033"
	needsGate    = "AU034"
	notStable    = "AU035"
)

// JudgeUnreadable returns the findings of a file that Parse refused with err. It never returns nil.
func JudgeUnreadable(err error, o Options) []finding.Finding {
	j := &judge{options: o, out: []finding.Finding{}}
	var u *Unreadable
	if !errors.As(err, &u) {
		j.report("AU020", "", err.Error(), "")
		return j.out
	}
	for _, m := range u.Mistakes {
		id := "AU021"
		if m.Path == "" && !strings.HasSuffix(m.Message, " is given twice") || m.Path == "kind" || m.Path == "apiVersion" {
			id = "AU020"
		}
		message := m.Message
		if m.Hint != "" {
			message += ": " + m.Hint
		}
		j.report(id, m.Path, message, "kube-apiserver does not start with this file, and on a reload keeps what it had")
		if m.Line > 0 && o.Location.File != "" && j.options.Lines == nil {
			j.out[len(j.out)-1].Location.Line = m.Line
		}
	}
	finding.Sort(j.out)
	return j.out
}

// judge collects findings.
type judge struct {
	config   *Config
	options  Options
	compiler authenticationcel.Compiler
	out      []finding.Finding
}

// report adds a finding about a field; an empty path is the configuration as a whole.
func (j *judge) report(id, path, message, why string) {
	at := j.options.Location
	if j.options.Lines != nil && path != "" {
		if line := j.options.Lines(path); line > 0 {
			at.Line = line
		}
	}
	j.out = append(j.out, finding.Finding{
		ID: id, Severity: severityOf(id), Object: j.options.Object, Message: message, Why: why, Location: at,
	})
}

// general judges what concerns the configuration as a whole.
func (j *judge) general() {
	c := j.config
	if c.PassedOver > 0 {
		j.report("AU022", "", fmt.Sprintf("a second document begins at line %d and is passed over", c.PassedOver),
			"kube-apiserver reads the first document of the file only, and says nothing of the others")
		if j.options.Location.File != "" {
			j.out[len(j.out)-1].Location.Line = c.PassedOver
		}
	}
	if len(c.Spec.JWT) == 0 && c.Spec.Anonymous == nil {
		j.report("AU072", "jwt", "there is no JWT authenticator and nothing about anonymous requests",
			"the API server accepts such a file; certificates and service accounts work as ever")
	}
	j.anonymous(c.Spec.Anonymous)
}

func (j *judge) anonymous(a *apiserver.AnonymousAuthConfig) {
	if a == nil || !a.Enabled {
		return
	}
	if len(a.Conditions) == 0 {
		j.report("AU070", "anonymous", "anonymous requests are let in on every path, as user system:anonymous",
			"this is what the API server does without any configuration; conditions limit it to some paths")
	}
	for i, c := range a.Conditions {
		path := fmt.Sprintf("anonymous.conditions[%d].path", i)
		switch {
		case !strings.HasPrefix(c.Path, "/"):
			j.report("AU071", path, fmt.Sprintf("%s: %q can never match: it does not begin with a slash", path, c.Path),
				"the path of a request must equal it exactly")
		case strings.ContainsAny(c.Path, "*?"):
			j.report("AU071", path, fmt.Sprintf("%s: %q is no pattern", path, c.Path),
				"the path of a request must equal it exactly; every path needs a condition of its own")
		}
	}
}
