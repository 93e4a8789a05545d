package kubeflow

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
)

// Containers of the profile controller's Deployment. The container of the access management got its present name with 2.0.
const (
	managerContainer   = "manager"
	kfamContainer      = "kfam"
	accessContainer    = "access-management"
	headerFlag         = "userid-header"
	prefixFlag         = "userid-prefix"
	adminFlag          = "cluster-admin"
	headerVariable     = "USERID_HEADER"
	prefixVariable     = "USERID_PREFIX"
	adminVariable      = "ADMIN"
	gatewayVariable    = "ISTIO_INGRESS_GATEWAY_PRINCIPAL"
	pipelineVariable   = "KFP_UI_PRINCIPAL"
	notebookVariable   = "NOTEBOOK_CONTROLLER_PRINCIPAL"
	principalsSince    = 8 // 1.8
	firstMajorRelease  = 1
	releasePartsNeeded = 3
)

// DiscoverConfig reads the configuration of the profile controller from its Deployment and the ConfigMaps of the same
// namespace: arguments first, then the environment, then what the code falls back to, which is not what manifests ship.
// Values that come from a ConfigMap or Secret that was not read are left empty: they are not known; header and prefix are
// known together or not at all. The result is false when there is no such Deployment.
//
// Up to 1.10, kfam takes ADMIN for one user, and an empty one for the user without a name; that user is not listed.
func DiscoverConfig(deployments []*appsv1.Deployment, configMaps []*corev1.ConfigMap) (Config, bool) {
	i := slices.IndexFunc(deployments, func(d *appsv1.Deployment) bool { return d.Name == ControllerName })
	if i < 0 {
		return Config{}, false
	}
	d := deployments[i]
	pod := d.Spec.Template.Spec
	maps := configMapsOf(d.Namespace, configMaps)
	manager := containerOf(pod, maps, managerContainer)
	access := containerOf(pod, maps, accessContainer, kfamContainer)
	if manager == nil {
		manager = access
	}
	if manager == nil {
		return Config{}, false
	}
	out := Config{
		NotebookPrincipal: manager.principal(notebookVariable, NotebookPrincipal),
		NamespaceLabels:   manager.labels(pod.Volumes),
		Source:            "deployment " + d.Namespace + "/" + d.Name,
	}
	header, headerState := manager.setting(headerFlag, headerVariable, codeHeader)
	prefix, prefixState := manager.setting(prefixFlag, prefixVariable, codePrefix)
	if headerState == known && prefixState == known {
		out.UserIDHeader, out.UserIDPrefix = header, prefix
	}
	gateway := manager.principal(gatewayVariable, GatewayPrincipal)
	pipelines := manager.principal(pipelineVariable, PipelinePrincipal)
	switch {
	case beforePrincipals(manager.Image):
		out.GatewayPrincipals = []string{}
	case gateway != "" && pipelines != "":
		out.GatewayPrincipals = []string{gateway, pipelines}
	}
	if access != nil {
		text, _ := access.setting(adminFlag, adminVariable, "")
		out.Admins = admins(text, access.Name == accessContainer)
	}
	return out, true
}

// principal returns a mesh identity: an empty variable means the fallback, one that is not known gives nothing.
func (c *container) principal(name, fallback string) string {
	value, state := c.variable(name)
	if state == unknown {
		return ""
	}
	return cmp.Or(value, fallback)
}

// setting returns the value of an argument, or of the variable from which manifests fill it, and whether it is known.
func (c *container) setting(flag, name, fallback string) (string, state) {
	value, state := c.argument(flag)
	if state == absent {
		value, state = c.variable(name)
	}
	if state == absent {
		return fallback, known
	}
	return value, state
}

// admins reads the list of administrators: of many since 2.0, of one before.
func admins(text string, many bool) []string {
	list := []string{text}
	if many {
		list = strings.Split(text, ",")
	}
	var out []string
	for _, name := range list {
		if many {
			name = strings.TrimSpace(name)
		}
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// releaseTag finds the release in the tag of an image.
var releaseTag = regexp.MustCompile(`:v?(\d+)\.(\d+)(?:[.-]|$)`)

// beforePrincipals reports whether an image is of a release whose policies name no gateway: up to 1.7. What has no such
// tag is taken for newer.
func beforePrincipals(image string) bool {
	found := releaseTag.FindStringSubmatch(image)
	if len(found) != releasePartsNeeded {
		return false
	}
	major, err1 := strconv.Atoi(found[1])
	minor, err2 := strconv.Atoi(found[2])
	return err1 == nil && err2 == nil && major == firstMajorRelease && minor < principalsSince
}
