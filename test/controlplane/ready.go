package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	labelset "k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/kubernetes"
)

const (
	readyPatience = 2 * time.Minute       // for each component: machines under load are slow
	readyPulse    = 20 * time.Millisecond // between two looks
)

// wait asks again and again until check returns nil. It fails when a component ends, when patience ends, with what check said last, or with
// ctx.
func (cp *ControlPlane) wait(ctx context.Context, what string, check func(context.Context) error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, readyPatience, fmt.Errorf("not ready after %s", readyPatience))
	defer cancel()
	tick := time.NewTicker(readyPulse)
	defer tick.Stop()
	for {
		err := check(ctx)
		if err == nil {
			return nil
		}
		if failure := cp.Failure(); failure != nil {
			return failure
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w: %w", what, context.Cause(ctx), errors.Join(err, cp.lastWords()))
		case <-tick.C:
		}
	}
}

// lastWords returns the tail of the log of the component started last, for an error message about a component that hangs.
func (cp *ControlPlane) lastWords() error {
	p := cp.processes[len(cp.processes)-1]
	return fmt.Errorf("last lines of the log of %s:\n%s", p.name, p.tail())
}

func (cp *ControlPlane) waitEtcd(ctx context.Context, url string) error {
	return cp.wait(ctx, "etcd", func(ctx context.Context) error {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health", http.NoBody)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		defer response.Body.Close() //nolint:errcheck // only the status is read
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("health: %s", response.Status)
		}
		return nil
	})
}

// waitAPIServer waits until the API server says it is ready (which covers the bootstrap roles) and the system namespaces are there.
func (cp *ControlPlane) waitAPIServer(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(cp.adminConfig)
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	return cp.wait(ctx, "kube-apiserver", func(ctx context.Context) error {
		if err := client.RESTClient().Get().AbsPath("/readyz").Do(ctx).Error(); err != nil {
			return err
		}
		for _, name := range []string{"default", "kube-system", "kube-public", "kube-node-lease"} {
			if _, err := client.CoreV1().Namespaces().Get(ctx, name, metav1.GetOptions{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// waitControllers waits until the controllers are done: every aggregated role is filled and each of the namespaces has its default service
// account.
func (cp *ControlPlane) waitControllers(ctx context.Context, namespaces ...string) error {
	client, err := kubernetes.NewForConfig(cp.adminConfig)
	if err != nil {
		return fmt.Errorf("make client: %w", err)
	}
	return cp.wait(ctx, "controllers", func(ctx context.Context) error {
		accounts, err := client.CoreV1().ServiceAccounts("").List(ctx, metav1.ListOptions{FieldSelector: "metadata.name=default"})
		if err != nil {
			return err
		}
		for _, namespace := range namespaces {
			if !slices.ContainsFunc(accounts.Items, func(a corev1.ServiceAccount) bool { return a.Namespace == namespace }) {
				return fmt.Errorf("namespace %s has no default service account yet", namespace)
			}
		}
		roles, err := client.RbacV1().ClusterRoles().List(ctx, metav1.ListOptions{})
		if err != nil {
			return err
		}
		return aggregated(roles.Items)
	})
}

// aggregated returns an error when a role with an aggregation rule lacks a rule of a role it selects. Roles are aggregated in steps (view into
// edit into admin), so a role that has some rules may still lack others.
func aggregated(roles []rbacv1.ClusterRole) error {
	for _, whole := range roles {
		if whole.AggregationRule == nil {
			continue
		}
		for _, labels := range whole.AggregationRule.ClusterRoleSelectors {
			selector, err := metav1.LabelSelectorAsSelector(&labels)
			if err != nil {
				return fmt.Errorf("read selector of cluster role %s: %w", whole.Name, err)
			}
			for _, part := range roles {
				if part.Name == whole.Name || !selector.Matches(labelset.Set(part.Labels)) {
					continue
				}
				for _, rule := range part.Rules {
					if !slices.ContainsFunc(whole.Rules, func(r rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(r, rule) }) {
						return fmt.Errorf("cluster role %s lacks the rules of %s", whole.Name, part.Name)
					}
				}
			}
		}
	}
	return nil
}
