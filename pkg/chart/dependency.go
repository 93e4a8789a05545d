package chart

import (
	"slices"
	"strings"
)

// enabled returns a copy of a chart with the charts below it that values do not switch off by "condition" or "tags" of
// its dependencies. Prefix is where the values of the chart are in values: "below.".
func (c *Chart) enabled(values map[string]any, prefix string) (*Chart, error) {
	out := *c
	out.charts = nil
	if c.metadata.Dependencies == nil {
		// Without dependencies in Chart.yaml Helm asks nothing, not even of the charts further below.
		for _, child := range c.charts {
			out.charts = append(out.charts, child.below(&out))
		}
		return &out, nil
	}
	all := copiedMap(values)
	if err := c.coalesce(all); err != nil {
		return nil, err
	}
	out.metadata.Dependencies = nil
	off := map[string]bool{}
	for _, d := range c.metadata.Dependencies {
		d := *d
		if d.Enabled = d.on(all, prefix); !d.Enabled {
			off[d.Name] = true
			continue
		}
		out.metadata.Dependencies = append(out.metadata.Dependencies, &d)
	}
	for _, child := range c.ordered() {
		if off[child.Name] {
			continue
		}
		kept, err := child.enabled(all, prefix+child.Name+".")
		if err != nil {
			return nil, err
		}
		kept.parent = &out
		out.charts = append(out.charts, kept)
	}
	for _, child := range out.charts {
		child.parent = &out
	}
	return &out, out.settle()
}

// below returns a copy of a chart and of those below it, for another parent.
func (c *Chart) below(parent *Chart) *Chart {
	out := *c
	out.parent, out.charts = parent, nil
	for _, child := range c.charts {
		out.charts = append(out.charts, child.below(&out))
	}
	return &out
}

// ordered returns the charts below that Chart.yaml does not name, then those that it names, in its order.
func (c *Chart) ordered() []*Chart {
	var first, named []*Chart
	for _, child := range c.charts {
		if !slices.ContainsFunc(c.metadata.Dependencies, func(d *dependency) bool { return d.Name == child.Name }) {
			first = append(first, child)
		}
	}
	for _, d := range c.metadata.Dependencies {
		if i := slices.IndexFunc(c.charts, func(child *Chart) bool { return child.Name == d.Name }); i >= 0 {
			named = append(named, c.charts[i])
		}
	}
	return append(first, named...)
}

// settle makes the defaults of the charts below defaults of this one, without nulls, as Helm does when it looks for
// values to import.
func (c *Chart) settle() error {
	if len(c.metadata.Dependencies) == 0 {
		return nil
	}
	defaults := map[string]any{}
	if err := c.coalesce(defaults); err != nil {
		return err
	}
	c.Values = withoutNulls(defaults)
	return nil
}

// on says whether values switch a dependency on: the first of its conditions that is a boolean decides, else its tags:
// one that is true, or none that is false.
func (d *dependency) on(values map[string]any, prefix string) bool {
	for condition := range strings.SplitSeq(strings.TrimSpace(d.Condition), ",") {
		if condition == "" {
			continue
		}
		if on, ok := lookup(values, prefix+condition).(bool); ok {
			return on
		}
	}
	tags, _ := values["tags"].(map[string]any)
	off := false
	for _, tag := range d.Tags {
		if on, ok := tags[tag].(bool); ok && on {
			return true
		} else if ok {
			off = true
		}
	}
	return !off
}

// lookup returns what is at a path of keys with dots, nil when there is nothing.
func lookup(values map[string]any, path string) any {
	keys := strings.Split(path, ".")
	last := len(keys) - 1
	for _, key := range keys[:last] {
		next, ok := values[key].(map[string]any)
		if !ok {
			return nil
		}
		values = next
	}
	return values[keys[last]]
}
