package clusterauth

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// authenticationFlag is the flag of kube-apiserver that names the file.
const authenticationFlag = "authentication-config"

// readPlane reads what the object of the control plane says, and what its chart says when there is none.
func (c *Cluster) readPlane(plane *unstructured.Unstructured) {
	if plane != nil {
		c.PlaneRead = true
		c.ControlPlane = k0rdent.ControlPlane(plane.GetKind())
		switch c.ControlPlane {
		case k0rdent.K0sControlPlane:
			c.Path = textAt(plane.Object, "spec", "k0sConfigSpec", "k0s", "spec", "api", "extraArgs", authenticationFlag)
		default:
			c.Path = textAt(plane.Object, "spec", "k0sConfig", "spec", "api", "extraArgs", authenticationFlag)
		}
		args := slices.Concat(textsAt(plane.Object, "spec", "k0sConfigSpec", "args"), textsAt(plane.Object, "spec", "controllerPlaneFlags"))
		c.Konnectivity = new(!disabled(args, "konnectivity-server"))
		return
	}
	// All charts of KCM with machines disable it, and none of those with pods.
	switch c.Support.ControlPlane {
	case k0rdent.K0sControlPlane:
		c.Konnectivity = new(false)
	case k0rdent.K0smotronControlPlane:
		c.Konnectivity = new(true)
	case k0rdent.Managed, k0rdent.None:
	}
}

// disabled reports whether arguments of k0s disable a component.
func disabled(args []string, component string) bool {
	for i, arg := range args {
		name, list, given := strings.Cut(arg, "=")
		if name != "--disable-components" {
			continue
		}
		if !given && i+1 < len(args) {
			list = args[i+1]
		}
		if slices.Contains(strings.Split(strings.Trim(list, `"'`), ","), component) {
			return true
		}
	}
	return false
}

// rolling says why the control plane is taken to be under way, empty when it is not. A second change now meets a control
// plane that has not all of its members.
func (c *Cluster) rolling(plane *unstructured.Unstructured) string {
	var versions, paths []string
	outdated, deleting := 0, 0
	for _, m := range c.Machines {
		if m.Outdated {
			outdated++
		}
		if m.Deleting {
			deleting++
		}
		if m.Version != "" {
			versions = addOnce(versions, m.Version)
		}
		if m.Known {
			paths = addOnce(paths, m.Path)
		}
	}
	switch {
	case deleting > 0:
		return count(deleting, "machine") + " of its control plane are going"
	case outdated > 0:
		return count(outdated, "machine") + " of its control plane are still to be replaced"
	case len(versions) > 1:
		return "the machines of its control plane run " + join(versions)
	case len(paths) > 1:
		return "the machines of its control plane were made with different configurations"
	case plane == nil:
		return ""
	}
	wanted := numberAt(plane.Object, "spec", "replicas")
	if _, told := mapAt(plane.Object, "status")["replicas"]; !told || wanted == 0 {
		return ""
	}
	for _, field := range []string{"replicas", "readyReplicas", "updatedReplicas", "upToDateReplicas"} {
		if _, told := mapAt(plane.Object, "status")[field]; told && numberAt(plane.Object, "status", field) != wanted {
			return fmt.Sprintf("its control plane wants %d replicas, and has %s %d", wanted, field, numberAt(plane.Object, "status", field))
		}
	}
	return ""
}
