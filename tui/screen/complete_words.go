package screen

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// fill looks for the words that fit.
func (c *completing) fill() {
	if strings.HasPrefix(c.typed, "-") && c.word.value == 0 && c.word.slot != slotNamespace && c.word.slot != slotGroup {
		c.flags()
		return
	}
	switch c.word.slot {
	case slotMode:
		c.addAs(offer{word: "why not", hint: wholeWhy, put: "why not"}, "")
	case slotSubject:
		c.subjects()
	case slotVerb:
		c.verbs()
	case slotResource:
		c.resources()
	case slotName:
		if c.typed == "" {
			c.flags()
		}
		c.names("")
	case slotNamespace:
		for _, ns := range c.w.Names().Namespaces {
			c.add(ns, "namespace")
		}
	case slotGroup:
		for _, s := range c.w.Index.Subjects() {
			if s.Kind == "Group" {
				c.add(s.Name, "group")
			}
		}
	default:
	}
}

func (c *completing) flags() {
	a := c.asked
	if a.namespace == "" && !a.all && !a.cluster {
		c.add("-n", "namespace")
		c.add("-A", "all namespaces")
		c.add("--cluster-scope", "all in one request")
	}
	if a.why {
		c.add("--group", "is in it, too")
		return
	}
	if !a.system {
		c.add("--system", "built-in subjects, too")
	}
	if !a.names {
		c.add("--names", "certain names only, too")
	}
}

func (c *completing) subjects() {
	if c.w.Frame.User != "" {
		c.add(me, c.w.Frame.User)
	}
	for _, s := range c.w.Index.Subjects() {
		c.addAs(offer{word: s.String()}, s.Name)
	}
}

// verbs are those of the resource when it stands there already.
func (c *completing) verbs() {
	verbs := c.w.Names().Verbs
	if len(c.asked.action) > 1 {
		catalog := c.w.Index.Catalog()
		if strings.HasPrefix(c.asked.action[1], "/") {
			verbs = question.URLVerbs()
		} else if r, err := catalog.Resolve(c.asked.action[1], "", len(c.asked.action) > 2); err == nil && r.Known {
			full := rbac.Action{Resource: r.Resource, Subresource: r.Subresource}
			verbs = catalog.Verbs(r.Group, full.ResourceName())
		}
	}
	for _, v := range verbs {
		c.add(v, "")
	}
	if c.first && !c.asked.why && len(c.asked.action) < 2 {
		c.add("why", wholeWhy)
		c.addAs(offer{word: "why not", hint: wholeWhy, put: "why not"}, "")
	}
}

// resources are those that have the verb; behind a slash, subresources and objects; behind a slash alone, URLs.
func (c *completing) resources() {
	verb := ""
	if len(c.asked.action) > 0 && c.word.slot == slotResource {
		verb = c.asked.action[0]
	}
	main, _, slash := strings.Cut(c.typed, "/")
	if slash && main == "" {
		for _, url := range c.w.Names().URLs {
			c.add(url, "URL")
		}
		return
	}
	for i := range c.w.Names().Resources {
		r := &c.w.Names().Resources[i]
		if verb != "" && rbac.KnownVerb(verb) && verb != "*" && !slices.Contains(r.Verbs, verb) {
			continue
		}
		o := offer{word: r.Word, hint: r.Kind}
		if slices.Contains(r.ShortNames, c.typed) || r.Singular == c.typed && c.typed != "" {
			c.tiers[0] = append(c.tiers[0], o)
			continue
		}
		c.addAs(o, "")
	}
	if slash && c.place.Kind != Workspace {
		c.names(main)
	}
}

// names are the objects of the resource, written "pod/NAME" when the resource is the same word.
func (c *completing) names(main string) {
	word := main
	if word == "" {
		word = c.asked.action[1]
	}
	catalog := c.w.Index.Catalog()
	r, err := catalog.Resolve(word, c.asked.action[0], true)
	if err != nil || !r.Known {
		return
	}
	resource, known := catalog.Lookup(r.Group, r.Resource)
	if !known {
		return
	}
	namespace := c.asked.namespace
	if namespace == "" && !c.asked.all {
		namespace = c.place.Namespace
	}
	if !r.Namespaced {
		namespace = ""
	}
	for name := range question.ObjectNames(c.w.Index, resource, namespace) {
		if len(c.tiers[1]) == mostOffers {
			return // there is no room for worse ones
		}
		if main != "" {
			name = main + "/" + name
		}
		c.add(name, resource.Singular)
	}
}
