package clusterauth

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Labels by which Cluster API and Helm say which cluster an object is of.
const (
	labelCluster      = "cluster.x-k8s.io/cluster-name"
	labelControlPlane = "cluster.x-k8s.io/control-plane"
	labelHelmRelease  = "helm.toolkit.fluxcd.io/name"
)

// made are the objects that were made for clusters, by namespace and name of the cluster.
type made struct {
	planes   map[string]*unstructured.Unstructured
	machines map[string][]*unstructured.Unstructured
	releases map[string]*unstructured.Unstructured
}

// readMade sorts out what was made for which cluster.
func readMade(inv *inventory.Inventory) made {
	m := made{
		planes: map[string]*unstructured.Unstructured{}, machines: map[string][]*unstructured.Unstructured{},
		releases: map[string]*unstructured.Unstructured{},
	}
	for _, object := range slices.Concat(inv.Objects(inventory.K0sControlPlanes), inv.Objects(inventory.K0smotronControlPlanes)) {
		for _, name := range planeOf(object) {
			if key := object.GetNamespace() + "/" + name; m.planes[key] == nil {
				m.planes[key] = object
			}
		}
	}
	for _, object := range inv.Objects(inventory.Machines) {
		_, labelled := object.GetLabels()[labelControlPlane]
		if _, annotated := object.GetAnnotations()[k0rdent.AnnotationMachineConfig]; !labelled && !annotated {
			continue
		}
		if name := cmp.Or(object.GetLabels()[labelCluster], textAt(object.Object, "spec", "clusterName")); name != "" {
			key := object.GetNamespace() + "/" + name
			m.machines[key] = append(m.machines[key], object)
		}
	}
	for _, object := range inv.Objects(inventory.HelmReleases) {
		m.releases[object.GetNamespace()+"/"+object.GetName()] = object
	}
	return m
}

// planeOf returns the names of the cluster that a control plane may be of: what its makers say of it, else its own name,
// which the charts of KCM end in "-cp".
func planeOf(object *unstructured.Unstructured) []string {
	for _, owner := range object.GetOwnerReferences() {
		if owner.Kind == "Cluster" {
			return []string{owner.Name}
		}
	}
	if name := cmp.Or(object.GetLabels()[labelCluster], object.GetLabels()[labelHelmRelease]); name != "" {
		return []string{name}
	}
	return slices.Compact([]string{strings.TrimSuffix(object.GetName(), "-cp"), object.GetName()})
}

// readClusters reads all ClusterDeployments.
func readClusters(s *State) []Cluster {
	m := readMade(s.Inventory)
	var out []Cluster
	for _, object := range s.Inventory.Objects(inventory.ClusterDeployments) {
		c := Cluster{Deleting: object.GetDeletionTimestamp() != nil}
		c.ClusterDeployment, c.Problem = k0rdent.ReadClusterDeployment(object)
		c.Namespace, c.Name, c.Object = object.GetNamespace(), object.GetName(), object
		if c.Problem != nil {
			c.ClusterAuth = textAt(object.Object, "spec", "clusterAuth")
		}
		c.readTemplate(s.Inventory)
		c.readRegion(s.Inventory)
		key := c.Namespace + "/" + c.Name
		if release := m.releases[key]; release != nil {
			c.Released = true
			c.SecretName = textAt(release.Object, "spec", "values", "auth", "configSecret", "name")
			c.Hash = textAt(release.Object, "spec", "values", "auth", "configSecret", "hash")
			c.Anonymous, _ = valueAt(release.Object, "spec", "values", "auth", "configWithAnon").(bool)
		}
		c.readPlane(m.planes[key])
		for _, machine := range m.machines[key] {
			c.Machines = append(c.Machines, readMachine(machine, c.Name))
		}
		slices.SortFunc(c.Machines, func(a, b Machine) int { return cmp.Compare(a.Name, b.Name) })
		c.readVersion(s, m.planes[key])
		c.readReplicas(m.planes[key])
		c.Rolling = c.rolling(m.planes[key])
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Cluster) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// readTemplate finds the chart: the ClusterTemplate says which, and else its name does.
func (c *Cluster) readTemplate(inv *inventory.Inventory) {
	c.Chart, c.ChartVersion = k0rdent.ChartOf(c.Template)
	if template := find(inv.Objects(inventory.ClusterTemplates), c.Namespace, c.Template); template != nil {
		if chart := textAt(template.Object, "spec", "helm", "chartSpec", "chart"); chart != "" {
			c.Chart, c.ChartVersion = chart, textAt(template.Object, "spec", "helm", "chartSpec", "version")
		}
		c.ChartVersion = cmp.Or(textAt(template.Object, "status", "chartVersion"), c.ChartVersion)
		c.Defaults = mapAt(template.Object, "status", "config")
	}
	c.Support = k0rdent.SupportOf(c.Chart)
	c.ControlPlane = c.Support.ControlPlane
}

// readRegion finds out where the cluster lives.
func (c *Cluster) readRegion(inv *inventory.Inventory) {
	c.Region = regionOf(inv, c.Namespace, c.Credential)
	if region := find(inv.Objects(inventory.Regions), "", c.Region); region != nil {
		_, c.RegionPaused = region.GetAnnotations()[k0rdent.AnnotationRegionPause]
	}
}

// regionOf returns the region of a Credential, empty for the management cluster.
func regionOf(inv *inventory.Inventory, namespace, credential string) string {
	if object := find(inv.Objects(inventory.Credentials), namespace, credential); object != nil {
		return textAt(object.Object, "spec", "region")
	}
	return ""
}

// readReplicas takes the number from the control plane, else from the values of the cluster, else from those of the chart.
func (c *Cluster) readReplicas(plane *unstructured.Unstructured) {
	if plane != nil {
		c.Replicas = numberAt(plane.Object, "spec", "replicas")
	}
	for _, values := range []map[string]any{c.Config, c.Defaults} {
		c.Replicas = cmp.Or(c.Replicas, numberAt(values, "controlPlaneNumber"), numberAt(values, "controlPlane", "replicas"))
	}
}

// readVersion finds out which k0s the cluster runs, or will when its values are applied.
func (c *Cluster) readVersion(s *State, plane *unstructured.Unstructured) {
	if c.ControlPlane == k0rdent.Managed || c.ControlPlane == k0rdent.None {
		return
	}
	planeVersion := ""
	if plane != nil {
		planeVersion = textAt(plane.Object, "spec", "version")
	}
	stock := k0rdent.DefaultK0s(s.KCM.Version)
	for _, candidate := range []struct {
		version, source string
		assumed         bool
	}{
		{textAt(c.Config, "k0s", "version"), "spec.config.k0s.version", false},
		{planeVersion, "its control plane", false},
		{textAt(c.Defaults, "k0s", "version"), "ClusterTemplate " + c.Template, false},
		{stock, "the templates of KCM " + s.KCM.Version, true},
	} {
		if candidate.version == "" {
			continue
		}
		if v, err := k0rdent.KubernetesOf(candidate.version); err == nil {
			c.K0s, c.K0sSource, c.K0sAssumed, c.Kubernetes = candidate.version, candidate.source, candidate.assumed, v
			return
		}
	}
}

// readMachine reads what matters of a machine of a cluster.
func readMachine(object *unstructured.Unstructured, cluster string) Machine {
	m := Machine{
		Name: object.GetName(), Version: textAt(object.Object, "spec", "version"), Deleting: object.GetDeletionTimestamp() != nil,
	}
	conditions := slices.Concat(mapsAt(object.Object, "status", "conditions"), mapsAt(object.Object, "status", "v1beta2", "conditions"))
	for _, condition := range conditions {
		if condition["type"] == "UpToDate" && condition["status"] == "False" {
			m.Outdated = true
		}
	}
	var made map[string]any
	if err := json.Unmarshal([]byte(object.GetAnnotations()[k0rdent.AnnotationMachineConfig]), &made); err != nil {
		return m
	}
	m.Known = true
	for _, at := range [][]string{nil, {"k0sConfigSpec"}, {"spec", "k0sConfigSpec"}} {
		m.Path = cmp.Or(m.Path, filePath(made, cluster, at...))
	}
	return m
}

// filePath returns the path of the file that is made from the cluster's Secret, of a K0sConfigSpec at a place.
func filePath(content map[string]any, cluster string, at ...string) string {
	for _, file := range mapsAt(content, append(slices.Clone(at), "files")...) {
		if textAt(file, "contentFrom", "secretRef", "name") == k0rdent.AuthSecretName(cluster) {
			return textAt(file, "path")
		}
	}
	return ""
}
