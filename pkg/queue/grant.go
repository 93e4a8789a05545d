package queue

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Annotations of the objects of a grant. When it ends is said by [workspace.ExpiresAnnotation].
const (
	// QueueAnnotation, on a role binding, is the queue that it is for: RBAC itself knows no queues.
	QueueAnnotation = "gatehouse.dev/queue"
	// CanAnnotation, on a role and on the bindings of it, are the abilities that it gives, with commas between.
	CanAnnotation = "gatehouse.dev/can"
	// AllAnnotation "true", on a role binding, says that the grant is for all namespaces of its queue, later ones too.
	AllAnnotation = "gatehouse.dev/all-namespaces"
)

// rolePrefix begins the names of our roles.
const rolePrefix = "gatehouse-queue-"

// GrantKinds are the kinds that plans of [Give], [Take] and [Expire] are made from, beside the rights.
func GrantKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.QueueConfigs, inventory.ClusterQueues, inventory.LocalQueues, inventory.Namespaces, inventory.RoleBindings, inventory.Roles,
		inventory.QueueOperators,
	}
}

// Grant is what somebody is to be able to do with a queue.
type Grant struct {
	Subject rbac.Subject
	Queue   string
	Can     []kaiwo.Ability
	// Namespaces are where; empty for all of the queue's.
	Namespaces []string
	// Expires is when it may be taken again. With zero a grant that is there already keeps its end, unless Endless is set, and
	// a new one has none.
	Expires time.Time
	Endless bool

	// kinds are those that a queue takes which is none of Kaiwo's; whole says that what is given in some namespaces is a part
	// of what is for all.
	kinds []string
	whole bool
}

// RoleName is what the role in each namespace is called that gives abilities. It says all that is in the role.
func RoleName(can ...kaiwo.Ability) string { return rolePrefix + words(can, "-") }

// words joins abilities in their order.
func words(can []kaiwo.Ability, between string) string {
	out := make([]string, 0, len(can))
	for _, a := range kaiwo.Ordered(can) {
		out = append(out, string(a))
	}
	return strings.Join(out, between)
}

// NewRole returns the least role that gives abilities in a namespace. All who have just these there share it.
func NewRole(namespace string, can ...kaiwo.Ability) *rbacv1.Role {
	return &rbacv1.Role{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "Role"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: RoleName(can...), Annotations: map[string]string{CanAnnotation: words(can, ",")},
		},
		Rules: kaiwo.Rules(can...),
	}
}

// Binding returns the role binding of a grant in a namespace. It is the subject's alone, since each grant has an end of its
// own. Its name ends in eight digits of the SHA-256 of the queue, the subject and the abilities.
func (g *Grant) Binding(namespace string) *rbacv1.RoleBinding {
	can := words(g.Can, ",")
	identity := g.Queue + "\n" + g.Subject.String() + "\n" + can
	annotations := map[string]string{QueueAnnotation: g.Queue, CanAnnotation: can}
	if len(g.kinds) > 0 {
		annotations[KindsAnnotation] = strings.Join(g.kinds, ",")
		identity += "\n" + annotations[KindsAnnotation]
	}
	sum := sha256.Sum256([]byte(identity))
	kind, name, _ := strings.Cut(g.Subject.String(), ":")
	if len(g.Namespaces) == 0 || g.whole {
		annotations[AllAnnotation] = "true"
	}
	if !g.Expires.IsZero() {
		annotations[workspace.ExpiresAnnotation] = g.Expires.UTC().Format(time.RFC3339)
	}
	parts := []string{"queue", piece(g.Queue), kind, piece(name), hex.EncodeToString(sum[:4])}
	return &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Annotations: annotations,
			Name: strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "-"),
		},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: roleName(g.Can, g.kinds)},
		Subjects: []rbacv1.Subject{g.Subject.RBAC()},
	}
}

// piece makes a piece of a name that leaves room for others.
func piece(text string) string {
	const most = 40
	text = workspace.Slug(text)
	return strings.Trim(text[:min(len(text), most)], "-")
}

// Give plans that a subject can do what the grant says in each of its namespaces, and nothing else by grants of ours for the
// same queue: a role, which all share who can do the same, and a binding of the subject's own. Notes, one a line, say what
// else there is to know. It is refused, with what to do instead, where work would not get into the queue anyway, where
// a role of another origin has the name of ours, and for an open queue without namespaces: it is everybody's everywhere.
func Give(s *State, g Grant) (plan.Plan, []string, error) {
	g.Can = kaiwo.Ordered(g.Can)
	d := newGranting(s)
	places, err := d.places(&g)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	given := make([]*rbacv1.RoleBinding, 0, len(places))
	for _, namespace := range places {
		b, err := d.give(&g, namespace)
		if err != nil {
			return plan.Plan{}, nil, err
		}
		given = append(given, b)
	}
	if len(g.Namespaces) > 0 && !g.whole {
		d.setApart(&g, given)
	}
	d.noteSubject(g.Subject)
	return d.finish(fmt.Sprintf("grant %s queue %s in %s: %s", Label(g.Subject), g.Queue, listed(places), words(g.Can, ", ")))
}

// give plans the grant in one namespace, and returns its binding: the new one is made before others of the subject go.
func (d *granting) give(g *Grant, namespace string) (*rbacv1.RoleBinding, error) {
	unit := Label(g.Subject) + " in " + namespace
	if err := d.role(g, namespace, unit); err != nil {
		return nil, err
	}
	wanted := g.Binding(namespace)
	own, others := d.held(g, wanted)
	if err := d.keepEnd(g, wanted, own, others); err != nil {
		return nil, err
	}
	if own != nil {
		d.refresh(g, own.Binding, wanted, unit)
	} else if err := d.make(wanted, unit); err != nil {
		return nil, err
	}
	for _, have := range others {
		switch {
		case !slices.Equal(have.Can, g.Can):
			d.note("the grant of %s in %s was for %s: it is replaced", Label(g.Subject), namespace, words(have.Can, ", "))
			d.take(have, unit, "is replaced")
		case have.Binding.RoleRef.Name != wanted.RoleRef.Name:
			d.note("the grant of %s in %s was for %s: it is replaced", Label(g.Subject), namespace, kindWords(have.Kinds))
			d.take(have, unit, "is replaced")
		default:
			d.take(have, unit, "the subject has a binding of its own")
		}
	}
	d.sweep(namespace, unit)
	return wanted, nil
}

// held returns the subject's own binding in the namespace that gives just what is wanted, nil for none, and its other grants
// for the queue there.
func (d *granting) held(g *Grant, wanted *rbacv1.RoleBinding) (own *Granted, others []*Granted) {
	for _, have := range d.granted[wanted.Namespace] {
		if have.Subject != g.Subject || have.Queue != g.Queue {
			continue
		}
		// Of several, the one of today's name is kept: a second is of no use.
		if !have.Shared && have.Binding.RoleRef.Name == wanted.RoleRef.Name && (own == nil || have.Binding.Name == wanted.Name) {
			if own != nil {
				others = append(others, own)
			}
			own = have
			continue
		}
		others = append(others, have)
	}
	return own, others
}

// kindWords are the kinds that a grant is for, in words.
func kindWords(kinds []string) string {
	if len(kinds) == 0 {
		return "Kaiwo's kinds"
	}
	return listed(kinds)
}

// role plans that our role with the abilities is there, and as it should be.
func (d *granting) role(g *Grant, namespace, unit string) error {
	wanted := newRole(namespace, g.Can, g.kinds)
	d.needed[Local{namespace, wanted.Name}] = true
	have := d.roles[Local{namespace, wanted.Name}]
	switch {
	case have == nil:
		d.put(nil, wanted, "what it takes for "+words(g.Can, ", ")+", and no more", unit)
		return nil
	case have.Annotations[CanAnnotation] != wanted.Annotations[CanAnnotation], have.Annotations[KindsAnnotation] != wanted.Annotations[KindsAnnotation]:
		return workspace.Refuse("kubectl describe role "+wanted.Name+" -n "+namespace+" shows it; delete or rename it, if nobody needs it",
			"give rights in %s: role %s is not one of ours, and is not touched", namespace, wanted.Name)
	}
	mended := have
	more, fewer := rbac.Covers(wanted.Rules, have.Rules), rbac.Covers(have.Rules, wanted.Rules)
	if len(more)+len(fewer) > 0 {
		mended = have.DeepCopy()
		mended.Rules = wanted.Rules
	}
	d.put(have, mended, "somebody has changed what it gives", unit)
	for i := range more {
		d.note("role %s/%s gives %s too, which somebody has added: that goes, for all who are bound to it", namespace, have.Name, rbac.RuleText(&more[i]))
	}
	for i := range fewer {
		d.note("role %s/%s lacks %s: that comes back, for all who are bound to it", namespace, have.Name, rbac.RuleText(&fewer[i]))
	}
	return nil
}

// refresh plans that a binding of the subject's own says what is wanted. One that is for all namespaces of the queue stays so
// when a single one is named, unless it is to end at another time than the others.
func (d *granting) refresh(g *Grant, have, wanted *rbacv1.RoleBinding, unit string) {
	now := have.DeepCopy()
	ends, ended := wanted.Annotations[workspace.ExpiresAnnotation], have.Annotations[workspace.ExpiresAnnotation]
	if delete(now.Annotations, workspace.ExpiresAnnotation); ends != "" {
		now.Annotations[workspace.ExpiresAnnotation] = ends
	}
	switch all := wanted.Annotations[AllAnnotation]; {
	case all != "":
		now.Annotations[AllAnnotation] = all
	case !g.whole && ends != ended:
		delete(now.Annotations, AllAnnotation)
	}
	d.bind(have, now, "says what the grant is", unit)
}

// make plans a new binding.
func (d *granting) make(wanted *rbacv1.RoleBinding, unit string) error {
	i := slices.IndexFunc(d.bindings[wanted.Namespace], func(b *rbacv1.RoleBinding) bool { return b.Name == wanted.Name })
	if i >= 0 {
		return workspace.Refuse("kubectl describe rolebinding "+wanted.Name+" -n "+wanted.Namespace+" shows it; delete it, if nobody needs it",
			"give rights in %s: rolebinding %s has the name of ours, and gives something else", wanted.Namespace, wanted.Name)
	}
	d.bind(nil, wanted, "gives the role", unit)
	return nil
}
