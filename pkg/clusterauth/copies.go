package clusterauth

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Copy is a ClusterAuthentication that AccessManagement put, or is to put, into a namespace.
type Copy struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// State is what there is.
	State CopyState `json:"state"`
	// Fields are where a stale copy differs from its source, as sorted paths.
	Fields []string `json:"fields,omitempty"`
	// UsedBy are the clusters that refer to it, sorted.
	UsedBy []string `json:"usedBy,omitempty"`
}

// CopyState is how a copy compares to its source.
type CopyState string

// The states of copies.
const (
	// Current is a copy that is as k0rdent would make it now.
	Current CopyState = "current"
	// Stale is a copy that differs from its source. k0rdent never updates a copy.
	Stale CopyState = "stale"
	// Unmanaged is an object of the same name that k0rdent did not make, and that keeps it from making one.
	Unmanaged CopyState = "unmanaged"
	// Absent is a copy that a rule asks for and that is not there.
	Absent CopyState = "absent"
	// Orphan is a copy without a source, or one that no rule asks for any more.
	Orphan CopyState = "orphan"
)

// Copies returns the copies of all ClusterAuthentications of the system namespace, by name and namespace. When
// AccessManagement was not read, they are those objects that k0rdent has marked as copies.
func (s *State) Copies() []Copy { return slices.Clone(s.copies) }

// SyncCopies plans to bring stale copies of the named ClusterAuthentications of the system namespace up to date; no names
// are all of them. Names and labels of copies stay, and the notes say which clusters roll. The error is a [Refusal] when a
// name is not that of a ClusterAuthentication there, and when a private key would be copied or shown.
func SyncCopies(s *State, names ...string) (plan.Plan, []string, error) {
	for _, name := range names {
		if _, err := s.Authentication(s.SystemNamespace, name); err != nil {
			return plan.Plan{}, nil, fmt.Errorf("sync copies: %w", err)
		}
	}
	var steps []plan.Step
	var notes []string
	for _, c := range s.copies {
		if len(names) > 0 && !slices.Contains(names, c.Name) {
			continue
		}
		object := authenticationObject(c.Namespace, c.Name)
		switch c.State {
		case Stale:
			step, err := s.syncStep(c)
			if err != nil {
				return plan.Plan{}, nil, err
			}
			steps = append(steps, step)
		case Unmanaged:
			notes = append(notes, object+" is not k0rdent's, and stays as it is: k0rdent makes no copy over it")
		case Orphan:
			notes = append(notes, object+" stays as it is: no rule asks for it any more, or its source is gone")
		case Absent:
			notes = append(notes, object+" is not there: k0rdent makes it when it looks at AccessManagement next")
		case Current:
		}
	}
	p, err := plan.New("bring "+count(len(steps), "copy of ClusterAuthentications")+" up to date", steps...)
	if len(steps) != 1 {
		p.Summary = fmt.Sprintf("bring %d copies of ClusterAuthentications up to date", len(steps))
	}
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("sync copies: %w", err)
	}
	return p, append(notes, RolloutNotes(s, s.After(p))...), nil
}

// syncStep updates one stale copy. It is a [Refusal] when a private key is in the source or in the copy, since whoever looks
// at the change would see it.
func (s *State) syncStep(c Copy) (plan.Step, error) {
	source, copied := s.authentication(s.SystemNamespace, c.Name), s.authentication(c.Namespace, c.Name)
	for _, a := range []*Authentication{source, copied} {
		if field := PrivateKeyIn(a.Object); field != "" {
			return plan.Step{}, fmt.Errorf("sync %s: %w", copied.object(), RefuseKey("a private key is in "+field+" of "+a.object()))
		}
	}
	updated := copied.Object.DeepCopy()
	updated.Object["spec"] = copiedSpec(source, c.Namespace)
	objects, err := plan.FromObjects(copied.Object, updated)
	if err != nil {
		return plan.Step{}, fmt.Errorf("sync %s: %w", copied.object(), err)
	}
	return plan.Step{
		Verb: plan.Update, Old: objects[0], Object: objects[1], Unit: copied.object(),
		Why: "k0rdent never updates a copy, and " + source.object() + " has changed",
	}, nil
}

// copiedSpec returns the spec that k0rdent gives a copy.
func copiedSpec(source *Authentication, namespace string) any {
	return k0rdent.CopyOf(source.Object, namespace).Object["spec"]
}

// readCopies finds what AccessManagement asks for, and what there is of it.
func readCopies(s *State) []Copy {
	wanted, known := s.distribution()
	var out []Copy
	seen := map[[2]string]bool{}
	add := func(namespace, name string, state CopyState, fields []string) {
		c := Copy{Namespace: namespace, Name: name, State: state, Fields: fields}
		if a := s.authentication(namespace, name); a != nil {
			c.UsedBy = a.UsedBy
		}
		seen[[2]string{namespace, name}] = true
		out = append(out, c)
	}
	for target := range wanted {
		namespace, name := target[0], target[1]
		source, there := s.authentication(s.SystemNamespace, name), s.authentication(namespace, name)
		switch {
		case namespace == s.SystemNamespace || source == nil:
		case there == nil:
			if s.known(inventory.ClusterAuthentications, namespace) {
				add(namespace, name, Absent, nil)
			}
		case !marked(there.Object):
			add(namespace, name, Unmanaged, nil)
		default:
			state, fields := compareCopy(source, there)
			add(namespace, name, state, fields)
		}
	}
	for i := range s.authentications {
		a := &s.authentications[i]
		if a.Namespace == s.SystemNamespace || !marked(a.Object) || seen[[2]string{a.Namespace, a.Name}] {
			continue
		}
		source := s.authentication(s.SystemNamespace, a.Name)
		switch {
		case source == nil && !s.known(inventory.ClusterAuthentications, s.SystemNamespace):
		case source == nil || known:
			add(a.Namespace, a.Name, Orphan, nil)
		default:
			state, fields := compareCopy(source, a)
			add(a.Namespace, a.Name, state, fields)
		}
	}
	slices.SortFunc(out, func(a, b Copy) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Namespace, b.Namespace))
	})
	return out
}

// marked reports whether k0rdent made an object as a copy.
func marked(object *unstructured.Unstructured) bool {
	return object.GetLabels()[k0rdent.LabelManaged] == "true"
}

// compareCopy compares a copy to what k0rdent would make now.
func compareCopy(source, copied *Authentication) (CopyState, []string) {
	want := decode(copiedSpec(source, copied.Namespace))
	have := decode(copied.Object.Object["spec"])
	var fields []string
	for _, l := range differing("spec", want, have) {
		fields = append(fields, l.path)
	}
	if len(fields) > 0 {
		return Stale, fields
	}
	return Current, nil
}

// decode returns content as JSON has it, so that numbers compare whichever way they were read; maps and lists that are
// empty stay.
func decode(content any) any {
	data, err := json.Marshal(content)
	if err != nil {
		return content
	}
	var out any
	if err := json.Unmarshal(data, &out); err != nil {
		return content
	}
	return out
}

// distribution returns the namespaces and names that AccessManagement asks for; known is false when it was not read, or
// can't be.
func (s *State) distribution() (wanted map[[2]string]bool, known bool) {
	wanted = map[[2]string]bool{}
	known = s.known(inventory.AccessManagements, "") && s.known(inventory.Namespaces, "")
	rules, readable := s.accessRules()
	known = known && readable
	for _, rule := range rules {
		namespaces := rule.Targets(s.namespaces())
		for _, name := range rule.Authentications(s.sources()) {
			for _, namespace := range namespaces {
				wanted[[2]string{namespace, name}] = true
			}
		}
	}
	return wanted, known
}

// accessRules returns the rules of the AccessManagement. One that can't be read has none, and complete is false; [Judge]
// says so.
func (s *State) accessRules() (rules []k0rdent.AccessRule, complete bool) {
	complete = true
	for _, object := range s.Inventory.Objects(inventory.AccessManagements) {
		am, err := k0rdent.ReadAccessManagement(object)
		if err != nil {
			complete = false
			continue
		}
		rules = append(rules, am.Rules...)
	}
	return rules, complete
}

// sources are what can be distributed.
func (s *State) sources() []k0rdent.Labelled {
	var out []k0rdent.Labelled
	for _, a := range s.authentications {
		if a.Namespace == s.SystemNamespace {
			out = append(out, k0rdent.Labelled{Name: a.Name, Labels: a.Object.GetLabels()})
		}
	}
	return out
}

// namespaces are where it can be distributed to.
func (s *State) namespaces() []k0rdent.Labelled {
	var out []k0rdent.Labelled
	for _, ns := range s.Inventory.Namespaces {
		if ns.DeletionTimestamp == nil {
			out = append(out, k0rdent.Labelled{Name: ns.Name, Labels: ns.Labels})
		}
	}
	return out
}
