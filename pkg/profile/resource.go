package profile

import (
	"cmp"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// standardResources are the resources without a slash that a quota may limit. Source: kube-apiserver 1.36,
// pkg/apis/core/helper, standardQuotaResources.
func standardResources() []string {
	return []string{
		"cpu", "memory", "ephemeral-storage", "requests.cpu", "requests.memory", "requests.storage",
		"requests.ephemeral-storage", "limits.cpu", "limits.memory", "limits.ephemeral-storage", "pods", "resourcequotas",
		"services", "replicationcontrollers", "secrets", "persistentvolumeclaims", "configmaps", "services.nodeports",
		"services.loadbalancers",
	}
}

// aliasOf returns what people mean by words that are no resources of quotas.
func aliasOf(word string) string {
	switch strings.ToLower(word) {
	case "gpu", "gpus", "nvidia", "requests.gpu", "limits.gpu":
		return "requests.nvidia.com/gpu"
	case "storage", "disk", "limits.storage":
		return "requests.storage"
	case "pvc", "pvcs", "volumes", "volumeclaims":
		return "persistentvolumeclaims"
	case "mem", "ram":
		return "memory"
	case "cpus", "cores", "vcpu":
		return "cpu"
	case "loadbalancers":
		return "services.loadbalancers"
	case "nodeports":
		return "services.nodeports"
	case "deployments", "statefulsets", "replicasets", "daemonsets":
		return "count/" + strings.ToLower(word) + ".apps"
	case "jobs", "cronjobs":
		return "count/" + strings.ToLower(word) + ".batch"
	case "notebooks":
		return "count/notebooks.kubeflow.org"
	}
	return ""
}

// checkResource says whether an API server takes a resource into a quota, and whether it then counts it: it takes any
// name with a slash, but counts only what one of its evaluators knows. Sources: kube-apiserver 1.36,
// ValidateResourceQuotaResourceName, and the evaluators of pkg/quota/v1/evaluator/core.
func checkResource(name string) (counted bool, err error) {
	if reasons := validation.IsQualifiedName(name); len(reasons) > 0 {
		return false, fmt.Errorf("resource %q: %s%s", name, reasons[0], meant(name))
	}
	prefix, rest, slash := strings.Cut(name, "/")
	if !slash {
		standard := strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) ||
			strings.HasPrefix(name, corev1.ResourceRequestsHugePagesPrefix)
		for _, known := range standardResources() {
			standard = standard || name == known
		}
		if !standard {
			return false, fmt.Errorf("resource %q: a quota cannot limit it%s", name, meant(name))
		}
		return true, nil
	}
	switch {
	case prefix == "count", strings.HasPrefix(prefix, corev1.DefaultResourceRequestsPrefix):
		return true, nil
	case strings.HasSuffix(prefix, ".storageclass.storage.k8s.io"):
		return rest == "requests.storage" || rest == "persistentvolumeclaims", nil
	case strings.HasSuffix(prefix, ".deviceclass.resource.k8s.io"):
		return rest == "devices", nil
	}
	return false, nil
}

// uncounted says what is wrong with a resource that an API server takes, and never counts.
func uncounted(name string) string {
	meant := corev1.DefaultResourceRequestsPrefix + strings.TrimPrefix(name, "limits.")
	return fmt.Sprintf("resource %q: an API server takes it, and never counts it; did you mean %s?", name, meant)
}

// meant returns a suggestion for a name that is not known.
func meant(name string) string {
	if alias := aliasOf(name); alias != "" {
		return "; did you mean " + alias + "?"
	}
	if near := rbac.Nearest(strings.ToLower(name), standardResources()); len(near) > 0 {
		return "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return "; want a resource such as cpu, memory, requests.storage, pods, requests.nvidia.com/gpu or count/deployments.apps"
}

// parseAmount reads how much of a resource there may be, with the checks that an API server makes.
func parseAmount(name, text string) (resource.Quantity, error) {
	amount, err := resource.ParseQuantity(text)
	if err != nil {
		return resource.Quantity{}, fmt.Errorf("resource %q: %q is no quantity%s", name, text, amountMeant(text))
	}
	switch {
	case amount.Sign() < 0:
		return resource.Quantity{}, fmt.Errorf("resource %q: %s is less than nothing", name, text)
	case isWhole(name) && amount.MilliValue()%1000 != 0:
		return resource.Quantity{}, fmt.Errorf("resource %q: %s is no whole number", name, text)
	}
	return amount, nil
}

// isWhole reports whether a resource is counted in ones. An API server lets fractions of some of them pass, which then
// allow no more than the whole number below.
func isWhole(name string) bool {
	switch {
	case strings.Contains(name, "/"):
		return !strings.HasSuffix(name, "/requests.storage")
	case isBytes(name):
		return false
	}
	return !strings.HasSuffix(name, "cpu")
}

// isBytes reports whether a resource is counted in bytes.
func isBytes(name string) bool {
	return strings.HasSuffix(name, "memory") || strings.HasSuffix(name, "storage") || strings.Contains(name, "hugepages-")
}

// amountMeant suggests how a quantity is spelled: people write GB, and units in the wrong case.
func amountMeant(text string) string {
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	unit := strings.TrimSpace(text[len(digits):])
	known := map[string]string{
		"k": "k", "kb": "k", "ki": "Ki", "kib": "Ki", "mb": "M", "mi": "Mi", "mib": "Mi", "g": "G", "gb": "G", "gi": "Gi",
		"gib": "Gi", "t": "T", "tb": "T", "ti": "Ti", "tib": "Ti",
	}[strings.ToLower(unit)]
	if digits == "" || known == "" {
		return "; want a number such as 2, 500m or 2Gi"
	}
	if binary := known + "i"; len(known) == 1 && known != "k" {
		return fmt.Sprintf("; did you mean %s%s or %s%s?", digits, binary, digits, known)
	}
	return fmt.Sprintf("; did you mean %s%s?", digits, cmp.Or(known, unit))
}
