package kueue

import (
	"errors"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"
)

// Config is what Kueue's configuration says about whose work it takes.
type Config struct {
	// Frameworks are the integrations that are enabled, by name. Kueue takes Jobs alone where the file names none.
	Frameworks []string
	// External are kinds of which another controller does the work, as KIND.VERSION.GROUP.
	External []string
	// AllJobs says that it manages jobs that name no queue too.
	AllJobs bool
	// Selector says which namespaces it manages. It is never nil.
	Selector labels.Selector
	// Required are the labels that Selector wants with exactly one value: who puts them on a namespace has done what can be
	// done by adding labels.
	Required map[string]string
	// Chosen says that the file has a selector of its own; otherwise Selector is Kueue's, all but kube-system and
	// kueue-system.
	Chosen bool
}

// file is what a configuration file has of interest. The names are the same in all versions of its API. Source:
// apis/config/v1beta1/configuration_types.go.
type file struct {
	Kind         string                `json:"kind"`
	AllJobs      bool                  `json:"manageJobsWithoutQueueName"`
	Selector     *metav1.LabelSelector `json:"managedJobsNamespaceSelector"`
	Integrations *struct {
		Frameworks []string `json:"frameworks"`
		External   []string `json:"externalFrameworks"`
	} `json:"integrations"`
}

// Shipped returns what Kueue takes as it is installed, for where its configuration could not be read: all that the file of
// any release enables, so that nobody is left out.
func Shipped() Config {
	var out Config
	for _, known := range Integrations() {
		if known.Shipped {
			out.Frameworks = append(out.Frameworks, known.Framework)
		}
	}
	_ = out.choose(nil) // Kueue's own selector is right
	return out
}

// ParseConfig reads the text of the configuration file, of any version of its API. The error says what is wrong with the
// text.
func ParseConfig(text string) (Config, error) {
	var read file
	if err := yaml.Unmarshal([]byte(text), &read); err != nil {
		return Config{}, fmt.Errorf("read Kueue's configuration: %w", err)
	}
	if read.Kind != "" && read.Kind != "Configuration" {
		return Config{}, fmt.Errorf("read Kueue's configuration: it is a %s", read.Kind)
	}
	if strings.TrimSpace(text) == "" {
		return Config{}, errors.New("read Kueue's configuration: it is empty")
	}
	out := Config{AllJobs: read.AllJobs}
	if read.Integrations != nil {
		out.Frameworks, out.External = read.Integrations.Frameworks, read.Integrations.External
	}
	if read.Integrations == nil || len(out.Frameworks) == 0 && len(out.External) == 0 {
		out.Frameworks = []string{"batch/job"}
	}
	if err := out.choose(read.Selector); err != nil {
		return Config{}, fmt.Errorf("read managedJobsNamespaceSelector: %w", err)
	}
	return out, nil
}

// choose takes the selector, or Kueue's own for nil.
func (c *Config) choose(written *metav1.LabelSelector) error {
	c.Chosen = written != nil
	if written == nil {
		written = &metav1.LabelSelector{MatchExpressions: []metav1.LabelSelectorRequirement{{
			Key: corev1.LabelMetadataName, Operator: metav1.LabelSelectorOpNotIn, Values: []string{metav1.NamespaceSystem, SystemNamespace},
		}}}
	}
	var err error
	if c.Selector, err = metav1.LabelSelectorAsSelector(written); err != nil {
		return err
	}
	c.Required = map[string]string{}
	requirements, _ := c.Selector.Requirements()
	for _, r := range requirements {
		if only, one := c.Selector.RequiresExactMatch(r.Key()); one && r.Key() != corev1.LabelMetadataName {
			c.Required[r.Key()] = only
		}
	}
	return nil
}

// Manages reports whether Kueue manages a namespace of that name with these labels.
func (c *Config) Manages(namespace string, given map[string]string) bool {
	return c.Selector.Matches(named{given, namespace})
}

// named are the labels of a namespace, with the one by which the API server repeats its name.
type named struct {
	labels.Set
	name string
}

func (n named) Has(key string) bool { return key == corev1.LabelMetadataName || n.Set.Has(key) }

func (n named) Get(key string) string {
	if key == corev1.LabelMetadataName {
		return n.name
	}
	return n.Set.Get(key)
}

func (n named) Lookup(key string) (string, bool) {
	if key == corev1.LabelMetadataName {
		return n.name, true
	}
	return n.Set.Lookup(key)
}
