package kubeflow

import (
	"path"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// state says what is known of a value.
type state int

const (
	absent  state = iota // it is not set
	known                // it is set
	unknown              // it is set from what was not read
)

// container is a container with what its pod gives it.
type container struct {
	*corev1.Container
	configMaps map[string]*corev1.ConfigMap
}

// configMapsOf returns the ConfigMaps of a namespace by name.
func configMapsOf(namespace string, all []*corev1.ConfigMap) map[string]*corev1.ConfigMap {
	out := map[string]*corev1.ConfigMap{}
	for _, m := range all {
		if m.Namespace == namespace {
			out[m.Name] = m
		}
	}
	return out
}

// containerOf returns the container of the first of the names that there is one of, or nil.
func containerOf(pod corev1.PodSpec, configMaps map[string]*corev1.ConfigMap, names ...string) *container {
	for _, name := range names {
		i := slices.IndexFunc(pod.Containers, func(c corev1.Container) bool { return c.Name == name })
		if i >= 0 {
			return &container{Container: &pod.Containers[i], configMaps: configMaps}
		}
	}
	return nil
}

// variable returns the value of an environment variable: the container's own ones hide those of whole ConfigMaps, and
// later ones hide earlier ones.
func (c *container) variable(name string) (string, state) {
	for i := len(c.Env) - 1; i >= 0; i-- {
		v := &c.Env[i]
		switch {
		case v.Name != name:
			continue
		case v.ValueFrom == nil:
			return c.expand(v.Value, c.Env[:i])
		case v.ValueFrom.ConfigMapKeyRef == nil:
			return "", unknown
		}
		ref := v.ValueFrom.ConfigMapKeyRef
		m, read := c.configMaps[ref.Name]
		if !read {
			return "", unknown
		}
		if value, set := m.Data[ref.Key]; set {
			return value, known
		}
		return "", absent
	}
	missing := absent
	for _, from := range slices.Backward(c.EnvFrom) {
		key, fits := strings.CutPrefix(name, from.Prefix)
		if !fits {
			continue
		}
		if from.ConfigMapRef == nil {
			missing = unknown
			continue
		}
		m, read := c.configMaps[from.ConfigMapRef.Name]
		if !read {
			missing = unknown
			continue
		}
		if value, set := m.Data[key]; set {
			return value, known
		}
	}
	return "", missing
}

// reference is how arguments and variables refer to a variable.
var reference = regexp.MustCompile(`\$\(([-._a-zA-Z][-._a-zA-Z0-9]*)\)`)

// expand fills in references to variables. A text that refers to one that is not set counts as not set.
func (c *container) expand(text string, env []corev1.EnvVar) (string, state) {
	out := known
	scope := &container{Container: &corev1.Container{Env: env, EnvFrom: c.EnvFrom}, configMaps: c.configMaps}
	value := reference.ReplaceAllStringFunc(text, func(ref string) string {
		value, s := scope.variable(ref[2 : len(ref)-1])
		if s != known && out != unknown {
			out = s
		}
		return value
	})
	if out != known {
		return "", out
	}
	return value, known
}

// argument returns the value of a flag, given as "-flag value", "--flag value" or "-flag=value". The last one counts.
func (c *container) argument(flag string) (string, state) {
	value, s := "", absent
	args := slices.Concat(c.Command, c.Args)
	for i, arg := range args {
		name, ok := strings.CutPrefix(arg, "-")
		if !ok {
			continue
		}
		name, inline, equals := strings.Cut(strings.TrimPrefix(name, "-"), "=")
		switch {
		case name != flag:
		case equals:
			value, s = c.expand(inline, c.Env)
		case i+1 < len(args):
			value, s = c.expand(args[i+1], c.Env)
		}
	}
	return value, s
}

// labels reads the labels file that is mounted into the container; nil when it can't be read.
func (c *container) labels(volumes []corev1.Volume) map[string]string {
	file, s := c.argument(labelsFlag)
	switch {
	case s == unknown:
		return nil
	case s == absent || file == "":
		file = labelsPath
	}
	for i := range c.VolumeMounts {
		mount := &c.VolumeMounts[i]
		inside, ok := within(file, mount)
		v := slices.IndexFunc(volumes, func(v corev1.Volume) bool { return v.Name == mount.Name && v.ConfigMap != nil })
		if !ok || v < 0 {
			continue
		}
		key := inside
		for _, item := range volumes[v].ConfigMap.Items {
			if item.Path == inside {
				key = item.Key
			}
		}
		m, read := c.configMaps[volumes[v].ConfigMap.Name]
		if !read {
			return nil
		}
		text, there := m.Data[key]
		out := map[string]string{}
		if !there || yaml.Unmarshal([]byte(text), &out) != nil {
			return nil
		}
		return out
	}
	return nil
}

// within returns the path of a file inside of the volume that is mounted over it.
func within(file string, mount *corev1.VolumeMount) (string, bool) {
	dir := path.Clean(mount.MountPath)
	if file == dir && mount.SubPath != "" {
		return mount.SubPath, true
	}
	inside, ok := strings.CutPrefix(path.Clean(file), strings.TrimSuffix(dir, "/")+"/")
	return path.Join(mount.SubPath, inside), ok
}
