package source

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// FileInventory reads the wanted objects of manifests and snapshot files: the paths are those that [FilesWith] takes, and
// an object that comes again replaces the earlier one. Objects that are not wanted are passed over. Profiles of the
// older version come as the newer one, which is the same. A snapshot has role bindings and perhaps namespaces, of whose
// annotations older ones have none: what it lacks is a gap, as is a Secret that is encrypted. No error shows what a Secret
// holds. The built-in roles of the options are none of an inventory's objects.
func FileInventory(
	ctx context.Context, paths []string, options FilesOptions, want inventory.Want,
) (*inventory.Inventory, error) {
	resources, err := wantedResources(want)
	if err != nil {
		return nil, err
	}
	from, err := FilesWith(paths, options)
	if err != nil {
		return nil, err
	}
	files, ok := from.(*fileSource)
	if !ok {
		return nil, errors.New("read manifests: they are none")
	}
	u := &unpacking{
		want: want, resources: resources, gathering: newGathering(files.options.Warn), found: map[fileObject]int{},
		sieve: sieve{kindCRD}, there: make([]bool, len(resources)),
	}
	for _, r := range resources {
		shelf := r.shelf()
		shelf.label(r.in(r.versions[0]).GroupVersion().WithKind(r.kind))
		u.shelves, u.sieve = append(u.shelves, shelf), append(u.sieve, r.kind)
	}
	name, _, err := files.all(ctx, u.gathering, u.prepare)
	if err != nil {
		return nil, err
	}
	inv := u.finish()
	inv.Source = name
	return inv, nil
}

// fileObject names an object of one of the resources.
type fileObject struct {
	resource        int
	namespace, name string
}

// unpacking is the sum of what several files hold for an inventory.
type unpacking struct {
	want      inventory.Want
	resources []shelved
	shelves   []shelf // of the resources
	sieve     sieve
	// gathering has what snapshots hold, and which custom resources are defined.
	gathering *gathering
	found     map[fileObject]int
	objects   []unpacked
	// there says of each resource whether an object of it was met, of whatever name.
	there []bool
	// gaps are what is there and can't be read.
	gaps []rbac.Gap
}

// unpacked is an object, and where it was found.
type unpacked struct {
	fileObject
	object metav1.Object
	origin string
}

// prepare makes a file be read for the inventory.
func (u *unpacking) prepare(m *manifest) {
	m.tally.what, m.tally.known = u.what(), u.known
	m.sieve = u.sieve
	m.take = func(o *object) error { return u.take(m, o) }
}

// what says in words what is read.
func (u *unpacking) what() string {
	clusters := slices.ContainsFunc(u.resources, func(r shelved) bool { return r.group == groupK0rdent })
	switch workspaces := slices.Contains(u.want.Kinds, inventory.Profiles); {
	case clusters && workspaces:
		return "objects of workspaces or of k0rdent"
	case clusters:
		return "objects of k0rdent"
	case !workspaces && slices.Contains(u.want.Kinds, inventory.QueueConfigs):
		return "objects of queues"
	}
	return "objects of workspaces"
}

// known reports whether a kind is one that this program reads, so that nobody need be told that this command doesn't.
func (u *unpacking) known(kind string) bool {
	return rbacSieve().wants(kind) || u.sieve.wants(kind) ||
		slices.ContainsFunc(inventoryResources(), func(r shelved) bool {
			return r.kind == kind || r.kind+"."+r.group == kind // which is how one is called whose kind others have too
		})
}

// take reads an object of a wanted kind, and counts others.
func (u *unpacking) take(m *manifest, o *object) error {
	group := groupOf(o.apiVersion)
	switch {
	case o.kind == "" && isRBAC(o.apiVersion):
		return atLine(o.line, "kind is missing")
	case o.kind == kindCRD && group == groupCRD:
		return m.crd(o)
	}
	meant := u.meant(o.kind, group)
	switch {
	case o.apiVersion == "" && u.sieve.wants(o.kind):
		return atLine(o.line, "%s: apiVersion is missing", o.kind)
	case len(meant) == 0:
		m.pass(o)
		return nil
	}
	m.tally.taken++
	for _, i := range meant {
		if err := u.shelve(m, o, i); err != nil {
			return err
		}
	}
	return nil
}

// meant returns the resources that have objects of a kind: there are several when the kind is wanted for several reasons.
func (u *unpacking) meant(kind, group string) []int {
	var out []int
	for i, r := range u.resources {
		if r.kind == kind && r.group == group {
			out = append(out, i)
		}
	}
	return out
}

// shelve reads an object of one of the resources.
func (u *unpacking) shelve(m *manifest, o *object, i int) error {
	r := &u.resources[i]
	u.there[i] = true
	content, err := u.content(m, o, r)
	if err != nil || !u.concerns(r, o.meta.namespace, o.meta.name) || r.only != nil && !r.only(content) {
		return err
	}
	if (r.hides || r.want == inventory.Secrets) && encrypted(content) {
		u.gaps = append(u.gaps, encryptedGap(r, o.meta.namespace, o.meta.name))
		return nil
	}
	object, unknown, err := u.shelves[i].convert(content)
	if err != nil {
		return atLine(o.line, "%s %q: %w", o.kind, o.meta.name, err)
	}
	for _, field := range unknown {
		m.gathering.warn("%s: %s %q: %v: it is ignored", m.at(o.line), o.kind, o.meta.name, field)
	}
	u.add(unpacked{fileObject{i, o.meta.namespace, o.meta.name}, object, m.at(o.line)})
	return nil
}

// content returns an object as an API server would have it: in its namespace, of a version that is read, with the
// defaults of role bindings.
func (u *unpacking) content(m *manifest, o *object, r *shelved) (map[string]any, error) {
	version, err := u.version(m, o, r)
	if err != nil {
		return nil, err
	}
	if err := o.readMetadata(); err != nil {
		return nil, err
	}
	if _, err := o.annotations(); err != nil {
		return nil, err
	}
	m.place(o, r.namespaced)
	content, err := o.content()
	switch {
	case err != nil && slices.Contains(secretKinds(), o.kind):
		return nil, hideSecret(err, o.kind, o.line)
	case err != nil:
		return nil, err
	}
	content["apiVersion"], content["kind"] = version, o.kind
	if metadata, ok := content["metadata"].(map[string]any); ok {
		delete(metadata, "managedFields")
		if delete(metadata, "namespace"); o.meta.namespace != "" {
			metadata["namespace"] = o.meta.namespace
		}
	}
	if r.want == inventory.RoleBindings {
		return content, u.binding(m, o, content)
	}
	return content, nil
}

// version returns the apiVersion that the object comes in.
func (u *unpacking) version(m *manifest, o *object, r *shelved) (string, error) {
	newest := schema.GroupVersion{Group: r.group, Version: r.versions[0]}.String()
	_, version, found := strings.Cut(o.apiVersion, "/")
	if !found {
		version = o.apiVersion
	}
	switch {
	case r.want == inventory.RoleBindings:
		return newest, m.version(o)
	case r.want == inventory.Profiles && slices.Contains(r.read, version):
		return newest, nil
	case slices.Contains(r.versions, version), slices.Contains(r.read, version):
		return o.apiVersion, nil
	}
	return "", atLine(o.line, "%s: apiVersion %q is not known, want %s", o.kind, o.apiVersion, newest)
}

// binding brings the role and the subjects of a role binding to the form that an API server stores.
func (u *unpacking) binding(m *manifest, o *object, content map[string]any) error {
	odd := m.odd(o)
	binding, err := o.readBinding(func(line int, path string) {
		if strings.Contains(path, ".") { // convert tells of the others
			odd(line, path)
		}
	})
	if err != nil {
		return err
	}
	binding.Origin = m.at(o.line)
	m.doubt(o, binding)
	subjects := make([]any, 0, len(binding.Subjects))
	for _, s := range binding.Subjects {
		subject := map[string]any{"kind": s.Kind, "name": s.Name}
		if s.APIGroup != "" {
			subject["apiGroup"] = s.APIGroup
		}
		if s.Namespace != "" {
			subject["namespace"] = s.Namespace
		}
		subjects = append(subjects, subject)
	}
	ref := binding.RoleRef
	content["roleRef"] = map[string]any{"apiGroup": ref.APIGroup, "kind": ref.Kind, "name": ref.Name}
	if delete(content, "subjects"); len(subjects) > 0 {
		content["subjects"] = subjects
	}
	return nil
}

// concerns reports whether the command concerns the object.
func (u *unpacking) concerns(r *shelved, namespace, name string) bool {
	switch {
	case r.controller():
		return namespace == cmp.Or(u.want.System, systemNamespace)
	case r.want == inventory.QueueOperators:
		return namespace == kaiwoSystem || namespace == kueueSystem
	case r.home != "":
		return namespace == r.home
	case u.want.Namespace == "", r.whole:
		return true
	case r.namespaced:
		return namespace == u.want.Namespace
	}
	return name == u.want.Namespace
}

// add adds an object; one that was there already is replaced, as it would be by applying the manifests in their order.
func (u *unpacking) add(o unpacked) {
	i, twice := u.found[o.fileObject]
	if !twice {
		u.found[o.fileObject] = len(u.objects)
		u.objects = append(u.objects, o)
		return
	}
	old := u.objects[i]
	u.objects[i] = o
	if !reflect.DeepEqual(old.object, o.object) {
		name := strings.Trim(o.namespace+"/"+o.name, "/")
		u.gathering.warn("%s: %s/%s replaces the one of %s", o.origin, strings.ToLower(u.resources[o.resource].kind), name, old.origin)
	}
}

// finish returns the inventory. What manifests don't say is no gap: they are all that there is.
func (u *unpacking) finish() *inventory.Inventory {
	snapshot := u.gathering.finish()
	inv := &inventory.Inventory{Taken: snapshot.Taken, Served: map[inventory.Kind]bool{}, Gaps: u.gaps}
	slices.SortFunc(inv.Gaps, compareGaps)
	if u.gathering.snapshots > 0 {
		u.unpackSnapshot(snapshot, inv)
	}
	for _, o := range u.objects {
		u.shelves[o.resource].put(o.object)
	}
	for i, r := range u.resources {
		inv.Served[r.want] = inv.Served[r.want] || !r.custom || u.there[i] || servedBy(snapshot.Resources, &r)
		u.shelves[i].store(inv)
	}
	return inv
}

// servedBy reports whether a resource is one of those.
func servedBy(resources []rbac.Resource, s *shelved) bool {
	return slices.ContainsFunc(resources, func(r rbac.Resource) bool { return r.Group == s.group && r.Name == s.resource })
}
