package profile

import (
	"bytes"
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
)

// shortFile is a file in the short form.
type shortFile struct {
	APIVersion string       `yaml:"apiVersion"`
	Kind       string       `yaml:"kind"`
	Profiles   []shortEntry `yaml:"profiles"`
}

type shortEntry struct {
	Name               string            `yaml:"name"`
	Owner              string            `yaml:"owner"`
	Quota              map[string]string `yaml:"quota,omitempty"`
	Resources          *shortQuota       `yaml:"resources,omitempty"`
	Labels             map[string]string `yaml:"labels,omitempty"`
	Annotations        map[string]string `yaml:"annotations,omitempty"`
	ProfileLabels      map[string]string `yaml:"profileLabels,omitempty"`
	ProfileAnnotations map[string]string `yaml:"profileAnnotations,omitempty"`
	Plugins            []shortPlugin     `yaml:"plugins,omitempty"`
	LimitRange         bool              `yaml:"limitRange,omitempty"`
	DefaultDeny        bool              `yaml:"defaultDeny,omitempty"`
	ServiceAccounts    bool              `yaml:"serviceAccounts,omitempty"`
	Members            []shortMember     `yaml:"members,omitempty"`
}

// shortQuota is a quota with scopes, which the short "quota" has no room for.
type shortQuota struct {
	Hard          map[string]string `yaml:"hard"`
	Scopes        []string          `yaml:"scopes,omitempty"`
	ScopeSelector *shortSelector    `yaml:"scopeSelector,omitempty"`
}

type shortSelector struct {
	MatchExpressions []shortTerm `yaml:"matchExpressions"`
}

type shortTerm struct {
	ScopeName string   `yaml:"scopeName"`
	Operator  string   `yaml:"operator"`
	Values    []string `yaml:"values,omitempty"`
}

type shortPlugin struct {
	APIVersion string         `yaml:"apiVersion,omitempty"`
	Kind       string         `yaml:"kind"`
	Spec       map[string]any `yaml:"spec,omitempty"`
}

type shortMember struct {
	Subject string     `yaml:"subject"`
	Role    string     `yaml:"role,omitempty"`
	RoleRef *shortRole `yaml:"roleRef,omitempty"`
	Expires string     `yaml:"expires,omitempty"`
	HTTP    *bool      `yaml:"http,omitempty"`
	Binding string     `yaml:"binding,omitempty"`
}

type shortRole struct {
	Kind string `yaml:"kind"`
	Name string `yaml:"name"`
}

// SpecsFile returns specs as a file in the short form, which [ParseSpecs] reads back:
//
//	apiVersion: gatehouse.dev/v1alpha1
//	kind: Profiles
//	profiles:
//	- name: team-vision
//	  owner: user:dana@acme.example
//	  quota: {cpu: "8", memory: 32Gi}
//	  members:
//	  - {subject: "user:bob@acme.example", role: editor}
//
// A member whose role binding and policy have a name of their own also has "binding", that name.
func SpecsFile(specs []Spec) ([]byte, error) {
	out := shortFile{APIVersion: APIVersion, Kind: Kind, Profiles: []shortEntry{}}
	for i := range specs {
		out.Profiles = append(out.Profiles, entryOf(&specs[i]))
	}
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(out); err != nil {
		return nil, fmt.Errorf("write profiles: %w", err)
	}
	if err := encoder.Close(); err != nil {
		return nil, fmt.Errorf("write profiles: %w", err)
	}
	return b.Bytes(), nil
}

func entryOf(spec *Spec) shortEntry {
	e := shortEntry{
		Name: spec.Name, Owner: spec.Owner.String(), Labels: spec.Labels, Annotations: spec.Annotations,
		ProfileLabels: spec.ProfileLabels, ProfileAnnotations: spec.ProfileAnnotations,
		LimitRange: spec.LimitRange, DefaultDeny: spec.DefaultDeny, ServiceAccounts: spec.ServiceAccounts,
	}
	hard := map[string]string{}
	for name, amount := range spec.Quota.Hard {
		hard[string(name)] = amount.String()
	}
	if q := spec.Quota; len(q.Scopes) == 0 && q.ScopeSelector == nil && (len(q.Hard) > 0 || q.Hard == nil) {
		e.Quota = hard
	} else {
		e.Resources = &shortQuota{Hard: hard}
		for _, scope := range q.Scopes {
			e.Resources.Scopes = append(e.Resources.Scopes, string(scope))
		}
		if q.ScopeSelector != nil {
			e.Resources.ScopeSelector = &shortSelector{}
			for _, term := range q.ScopeSelector.MatchExpressions {
				e.Resources.ScopeSelector.MatchExpressions = append(e.Resources.ScopeSelector.MatchExpressions,
					shortTerm{string(term.ScopeName), string(term.Operator), term.Values})
			}
		}
	}
	for _, p := range spec.Plugins {
		e.Plugins = append(e.Plugins, pluginOf(p))
	}
	for _, m := range spec.Members {
		e.Members = append(e.Members, memberOf(m))
	}
	return e
}

func pluginOf(p kubeflow.Plugin) shortPlugin { return shortPlugin(p) }

func memberOf(m MemberSpec) shortMember {
	out := shortMember{Subject: m.Subject.String(), Role: string(m.Role), Binding: m.Name}
	if m.RoleRef != nil {
		out.RoleRef = roleOf(m.RoleRef)
	}
	if !m.Expires.IsZero() {
		out.Expires = m.Expires.UTC().Format(time.RFC3339)
	}
	if m.NoHTTP {
		out.HTTP = new(bool)
	}
	return out
}

func roleOf(ref *rbacv1.RoleRef) *shortRole { return &shortRole{Kind: ref.Kind, Name: ref.Name} }
