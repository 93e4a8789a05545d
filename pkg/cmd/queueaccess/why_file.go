package queueaccess

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// manifest is work that a file has, and that is in no cluster yet.
type manifest struct {
	work   queue.Work
	object *unstructured.Unstructured
}

// readManifest reads the work of -f: the only one in the file, or that of the kind and name that were typed.
func (o *whyOptions) readManifest(ctx context.Context) (*manifest, error) {
	r, err := reading.NewFlags(o.env).With(o.file, o.work.Namespace).Read(ctx, inventory.Want{
		Kinds: []inventory.Kind{inventory.KaiwoJobs, inventory.KaiwoServices, inventory.Jobs},
	})
	if err != nil {
		return nil, err
	}
	var found []manifest
	var names []string
	for _, kind := range []inventory.Kind{inventory.KaiwoJobs, inventory.KaiwoServices, inventory.Jobs} {
		for _, object := range r.Inventory.Objects(kind) {
			names = append(names, singular(kind)+"/"+object.GetName())
			if o.work.Name != "" && (o.work.Kind != kind || o.work.Name != object.GetName()) {
				continue
			}
			fresh := object.DeepCopy()
			unstructured.RemoveNestedField(fresh.Object, "status")
			fresh.SetUID("")
			found = append(found, manifest{queue.Work{Kind: kind, Namespace: object.GetNamespace(), Name: object.GetName()}, fresh})
		}
	}
	switch {
	case len(names) == 0:
		return nil, fmt.Errorf("read %s: there is no kaiwojob, kaiwoservice or job in it", o.file)
	case len(found) == 0:
		return nil, cli.Hint(fmt.Errorf("read %s: there is no %s/%s in it", o.file, singular(o.work.Kind), o.work.Name), "it has "+strings.Join(names, ", "))
	case len(found) > 1:
		return nil, cli.Hint(fmt.Errorf("read %s: there is more than one to ask about", o.file), "say which: "+strings.Join(names, ", "))
	}
	if named := *o.env.Config.Namespace; named != "" && named != found[0].work.Namespace {
		err := fmt.Errorf("read %s: %s/%s is in namespace %s, and not in %s", o.file, singular(found[0].work.Kind), found[0].work.Name, found[0].work.Namespace, named)
		return nil, cli.Hint(err, "what a manifest says of its namespace counts for kubectl: leave out -n, or change the manifest")
	}
	return &found[0], nil
}

// addTo has an inventory hold the work, as if it had just been sent. What is stored under its name is to be asked about as it
// is there.
func (m *manifest) addTo(inv *inventory.Inventory) error {
	kind := m.work.Kind
	if slices.ContainsFunc(inv.Objects(kind), func(there *unstructured.Unstructured) bool {
		return there.GetNamespace() == m.work.Namespace && there.GetName() == m.work.Name
	}) {
		return cli.Hint(fmt.Errorf("ask about %s/%s: it is in %s already", singular(kind), m.work.Name, m.work.Namespace), "ask about that one, without -f")
	}
	custom := maps.Clone(inv.Custom)
	if custom == nil {
		custom = map[inventory.Kind][]*unstructured.Unstructured{}
	}
	custom[kind] = append(slices.Clone(custom[kind]), m.object)
	inv.Custom = custom
	return nil
}
