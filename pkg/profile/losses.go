package profile

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Losses is what dies with a workspace, or would.
type Losses struct {
	Profile   string       `json:"profile"`
	Pods      []string     `json:"pods"`
	Volumes   []LostVolume `json:"volumes"`
	Notebooks []string     `json:"notebooks"`
	// Members are those who lose access: subjects as [rbac.ParseSubject] reads them, with their role.
	Members []LostMember `json:"members"`
	// Unknown names the kinds of objects that were not read.
	Unknown []inventory.Kind `json:"unknown,omitempty"`
}

// LostVolume is a claim of a volume: its data goes with it, unless the storage class retains it.
type LostVolume struct {
	Name  string            `json:"name"`
	Size  resource.Quantity `json:"size"`
	Class string            `json:"class,omitempty"`
}

// LostMember is a member that loses access.
type LostMember struct {
	Subject string `json:"subject"`
	Role    string `json:"role"`
}

// Size returns how much all volumes hold together, as far as it is known.
func (l *Losses) Size() resource.Quantity {
	var sum resource.Quantity
	for _, v := range l.Volumes {
		sum.Add(v.Size)
	}
	return sum
}

// Summary says in one line what is lost: "3 pods, 2 volumes (30Gi), 1 notebook, 4 members".
func (l *Losses) Summary() string {
	volumes := count(len(l.Volumes), "volume")
	if size := l.Size(); !size.IsZero() {
		volumes += " (" + size.String() + ")"
	}
	out := strings.Join([]string{
		count(len(l.Pods), "pod"), volumes, count(len(l.Notebooks), "notebook"), count(len(l.Members), "member"),
	}, ", ")
	if len(l.Unknown) > 0 {
		kinds := make([]string, len(l.Unknown))
		for i, kind := range l.Unknown {
			kinds[i] = string(kind)
		}
		out += "; not read: " + strings.Join(kinds, ", ")
	}
	return out
}

func count(n int, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// lossesOf lists what is in the namespace of a workspace.
func lossesOf(s *workspace.State, w *workspace.Workspace) Losses {
	inv := s.Inventory
	out := Losses{Profile: w.Name, Pods: []string{}, Volumes: []LostVolume{}, Notebooks: []string{}, Members: []LostMember{}}
	for _, pod := range inv.Pods {
		if pod.Namespace == w.Name && pod.Status.Phase != corev1.PodSucceeded && pod.Status.Phase != corev1.PodFailed {
			out.Pods = append(out.Pods, pod.Name)
		}
	}
	for _, claim := range inv.Volumes {
		if claim.Namespace != w.Name {
			continue
		}
		v := LostVolume{Name: claim.Name, Size: claim.Spec.Resources.Requests[corev1.ResourceStorage]}
		if capacity, bound := claim.Status.Capacity[corev1.ResourceStorage]; bound {
			v.Size = capacity
		}
		if claim.Spec.StorageClassName != nil {
			v.Class = *claim.Spec.StorageClassName
		}
		out.Volumes = append(out.Volumes, v)
	}
	for _, notebook := range inv.Notebooks {
		if notebook.GetNamespace() == w.Name {
			out.Notebooks = append(out.Notebooks, notebook.GetName())
		}
	}
	for i := range w.Members {
		m := &w.Members[i]
		lost := LostMember{Subject: m.Subject.String(), Role: m.RoleText()}
		if m.How != workspace.ByOwnership && !slices.Contains(out.Members, lost) {
			out.Members = append(out.Members, lost)
		}
	}
	for _, kind := range []inventory.Kind{inventory.Pods, inventory.Volumes, inventory.Notebooks, inventory.RoleBindings} {
		served, asked := inv.Served[kind]
		// A kind that was asked for and that the cluster does not have has no objects to lose.
		if !asked || served && len(inv.Missing(kind)) > 0 {
			out.Unknown = append(out.Unknown, kind)
		}
	}
	return out
}
