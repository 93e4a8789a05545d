package contrib

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// spelling is how a user's name is mostly written in the workspaces: by its lower-case form.
type spelling map[string]usual

// usual is the spelling that most role bindings have, and one of them.
type usual struct {
	name string
	at   *rbacv1.RoleBinding
}

// spellings looks at the users of workspaces. Names that are written in one way only are left out.
func spellings(s *workspace.State, workspaces []workspace.Workspace) spelling {
	type variant struct {
		usual
		count int
		owns  bool
	}
	all := map[string][]*variant{}
	for _, w := range workspaces {
		for _, b := range s.Bindings(w.Name) {
			for _, subject := range b.Subjects {
				if subject.Kind != rbacv1.UserKind {
					continue
				}
				key := strings.ToLower(subject.Name)
				i := slices.IndexFunc(all[key], func(v *variant) bool { return v.name == subject.Name })
				if i < 0 {
					i = len(all[key])
					all[key] = append(all[key], &variant{usual: usual{name: subject.Name, at: b}})
				}
				all[key][i].count++
				all[key][i].owns = all[key][i].owns || b.Name == kubeflow.OwnerBinding
			}
		}
	}
	out := spelling{}
	for key, variants := range all {
		if len(variants) < 2 {
			continue
		}
		// An owner has logged in; whoever was typed in by another may be misspelt.
		best := slices.MinFunc(variants, func(a, b *variant) int {
			return cmp.Or(
				isFirst(a.owns, b.owns), cmp.Compare(b.count, a.count),
				isFirst(a.name == key, b.name == key), cmp.Compare(a.name, b.name),
			)
		})
		out[key] = best.usual
	}
	return out
}

// judgeSpelling is KF008 of names that differ in case from what the user is called elsewhere.
func (p *place) judgeSpelling(spelt spelling) {
	for _, b := range p.bindings {
		name, ok := contributor(b)
		if !ok || p.going[b] {
			continue
		}
		right, several := spelt[strings.ToLower(name)]
		if !several || right.name == name {
			continue
		}
		p.found(finding.Finding{
			ID: "KF008", Severity: finding.Warning, Object: bindingName(b),
			Message: fmt.Sprintf("%s differs only in case from %s (%s)", name, right.name, bindingName(right.at)),
			Why: "User names are case-sensitive in Kubernetes and in Kubeflow: the right goes to nobody, unless there are two such people.\n" +
				fmt.Sprintf("If it is one person: kubectl contrib rename %s %s", paste(name), paste(right.name)),
		})
	}
}

func foldEqual(a, b string) bool { return strings.EqualFold(a, b) }
