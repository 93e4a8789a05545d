package accesstoken

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// checkPlace refuses a namespace that the cluster does not have, and says when Kalm has nothing in it. Who may not read
// namespaces learns that from the server, and manifests need not have them.
func (o *createOptions) checkPlace(ctx context.Context, l *loaded) error {
	inv := l.Inventory
	ns := inv.Namespace(o.namespace)
	switch {
	case ns != nil:
		if o.isKalm() {
			o.tellApplication(ns)
		}
		return nil
	case l.Cluster == nil, !inv.Served[inventory.Namespaces], len(inv.Missing(inventory.Namespaces)) > 0:
		return nil
	}
	err := fmt.Errorf("make token %s: there is no namespace %q", o.name, o.namespace)
	all, unread := o.Read(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}})
	if unread != nil {
		return err // it only lacks a suggestion
	}
	var names []string
	for _, n := range all.Inventory.Namespaces {
		names = append(names, n.Name)
	}
	if near := cli.Similar(o.namespace, names); len(near) > 0 {
		return cli.Hint(err, "did you mean "+strings.Join(near, ", ")+"?")
	}
	return err
}

// tellApplication says when a namespace is none that Kalm's API shows.
func (o *createOptions) tellApplication(ns *corev1.Namespace) {
	if ns.Labels[kalm.EnabledLabel] != kalm.EnabledValue {
		o.env.Warnf("namespace %s is no application of Kalm's: kubectl label namespace %s %s=%s makes it one", ns.Name, ns.Name, kalm.EnabledLabel, kalm.EnabledValue)
	}
}
